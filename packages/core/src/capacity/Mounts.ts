/**
 * Which disk an item stands on. A mount holds a path only at a folder boundary (`/mnt/media` does not hold
 * `/mnt/media2/film`), and an application's own view of its disks decides, since each sees its container's mounts.
 */

/** Slashes forward, no trailing one; `\\` of Windows hosts likewise. */
export const normalisePath = (path: string): string => {
  const forward = path.replace(/\\/g, "/")
  const trimmed = forward.length > 1 ? forward.replace(/\/+$/, "") : forward
  return trimmed === "" ? "/" : trimmed
}

export const holds = (mount: string, path: string): boolean => isAbove(normalisePath(mount), normalisePath(path))

/** Both normalised. */
const isAbove = (base: string, target: string): boolean =>
  base === "/" ? target.startsWith("/") : target === base || target.startsWith(`${base}/`)

/** The mount that is nearest above `path`; `undefined` when none holds it. */
export const mountOf = <M extends { readonly path: string }>(mounts: ReadonlyArray<M>, path: string): M | undefined =>
  mountFinder(mounts)(path)

/** `mountOf` for many paths: what is the same for all of them is done once. */
export const mountFinder = <M extends { readonly path: string }>(
  mounts: ReadonlyArray<M>
): ((path: string) => M | undefined) => {
  const nearestFirst = mounts
    .map((mount) => ({ mount, base: normalisePath(mount.path) }))
    .toSorted((one, other) => other.base.length - one.base.length)
  return (path) => {
    const target = normalisePath(path)
    return nearestFirst.find(({ base }) => isAbove(base, target))?.mount
  }
}

export interface ReportedMounts {
  readonly integrationId: string
  /** When it was read. */
  readonly at: string
  readonly disks: ReadonlyArray<{ readonly path: string; readonly totalBytes: number; readonly freeBytes: number }>
  readonly rootFolders: ReadonlyArray<{ readonly path: string }>
}

export interface FoundDisk {
  readonly mountPath: string
  /** `null` = every application that reports this mount agrees on its size; else the one whose disk it is. */
  readonly ownerIntegrationId: string | null
  readonly totalBytes: number
  readonly freeBytes: number
  /** When it was read; where several tell of it, the oldest of their readings. */
  readonly at: string
  readonly sources: ReadonlyArray<{ readonly integrationId: string; readonly reportedPath: string }>
}

/** Sizes of one disk as two applications tell them may differ by rounding, never by more. */
const sameSize = (a: number, b: number) => Math.abs(a - b) <= Math.max(a, b) * 0.01

/**
 * The disks that hold a library. The same mount told by two applications with the same size is one disk; with different
 * sizes it is two (two hosts, each with its own `/data`). Where two tell of one disk, the smaller free space stands.
 */
export const findDisks = (reports: ReadonlyArray<ReportedMounts>): ReadonlyArray<FoundDisk> => {
  const byPath = new Map<string, Array<FoundDisk>>()
  for (const report of reports) {
    const used = new Set(
      report.rootFolders.flatMap((folder) => {
        const mount = mountOf(report.disks, folder.path)
        return mount === undefined ? [] : [mount]
      })
    )
    for (const disk of used) {
      if (disk.totalBytes <= 0) continue
      const mountPath = normalisePath(disk.path)
      const source = { integrationId: report.integrationId, reportedPath: disk.path }
      const known = byPath.get(mountPath) ?? []
      const same = known.find((candidate) => sameSize(candidate.totalBytes, disk.totalBytes))
      byPath.set(
        mountPath,
        same === undefined
          ? [
              ...known,
              {
                mountPath,
                ownerIntegrationId: null,
                totalBytes: disk.totalBytes,
                freeBytes: disk.freeBytes,
                at: report.at,
                sources: [source]
              }
            ]
          : known.map((candidate) =>
              candidate === same
                ? {
                    ...candidate,
                    totalBytes: Math.max(candidate.totalBytes, disk.totalBytes),
                    freeBytes: Math.min(candidate.freeBytes, disk.freeBytes),
                    at: candidate.at < report.at ? candidate.at : report.at,
                    sources: [...candidate.sources, source]
                  }
                : candidate
            )
      )
    }
  }
  return [...byPath.values()].flatMap((disks) =>
    disks.length === 1 ? disks : disks.map((disk) => ({ ...disk, ownerIntegrationId: disk.sources[0]!.integrationId }))
  )
}

/** A disk as it was stored when it was found before. */
export interface KnownDisk {
  readonly id: string
  readonly mountPath: string
  readonly ownerIntegrationId: string | null
  readonly integrationIds: ReadonlyArray<string>
}

/**
 * Which known disk each found one is, so that what a person set for it stays: the one of the same mount and owner, else
 * one of the same mount that the same application told of before it had, or had not, to be told apart by its owner.
 */
export const recognise = (
  found: ReadonlyArray<FoundDisk>,
  known: ReadonlyArray<KnownDisk>
): ReadonlyMap<FoundDisk, string> => {
  const recognised = new Map<FoundDisk, string>()
  const taken = new Set<string>()
  const take = (fits: (disk: FoundDisk, one: KnownDisk) => boolean) => {
    for (const disk of found) {
      if (recognised.has(disk)) continue
      const one = known.find(
        (candidate) => candidate.mountPath === disk.mountPath && !taken.has(candidate.id) && fits(disk, candidate)
      )
      if (one === undefined) continue
      recognised.set(disk, one.id)
      taken.add(one.id)
    }
  }
  take((disk, one) => one.ownerIntegrationId === disk.ownerIntegrationId)
  take((disk, one) => disk.sources.some((source) => one.integrationIds.includes(source.integrationId)))
  return recognised
}
