/**
 * Determines the disk of a library folder. A mount contains a path only at a folder boundary (`/mnt/media` does not
 * contain `/mnt/media2/film`), and the application's own report of its disks decides, since each application sees the
 * mounts of its container. The free space that is reported for a root folder decides whether a mount can be its disk at
 * all.
 */
import { isAbove, mapperOf, nearestFinder, normalisePath, type PathMapping, pathKey } from "../integrations/Paths.ts"

export interface ReportedMount {
  readonly path: string
  readonly totalBytes: number
  readonly freeBytes: number
}

export interface ReportedFolder {
  readonly path: string
  /** Whether it could be accessed; absent if that was not checked. */
  readonly accessible?: boolean
  readonly freeBytes?: number | null
  readonly totalBytes?: number | null
}

export interface ReportedMounts {
  readonly integrationId: string
  /** Time of the reading. */
  readonly at: string
  readonly disks: ReadonlyArray<ReportedMount>
  readonly rootFolders: ReadonlyArray<ReportedFolder>
  /** Mappings of this application's paths to the common ones. */
  readonly pathMappings?: ReadonlyArray<PathMapping>
}

export interface FoundDisk {
  readonly mountPath: string
  /**
   * `null` = every application that reports this mount agrees on its size; otherwise the application whose disk it is.
   */
  readonly ownerIntegrationId: string | null
  readonly totalBytes: number
  readonly freeBytes: number
  /** Time of the reading: the oldest, if several applications report it. */
  readonly at: string
  readonly sources: ReadonlyArray<{ readonly integrationId: string; readonly reportedPath: string }>
}

/** Why a root folder has no disk. */
export type FolderProblem =
  | { readonly _tag: "Unreachable" }
  /** The mount that would contain it, if there is one, and why it is not the folder's disk. */
  | {
      readonly _tag: "NoDisk"
      readonly nearest: ReportedMount | null
      readonly because: "none" | "no-size" | "contradicts" | "vanished"
      /** Its previous mount. */
      readonly before: string | null
    }

export interface PlacedFolder {
  readonly integrationId: string
  readonly path: string
  readonly freeBytes: number | null
  readonly disk: FoundDisk | null
  /** The reported mount of its disk. */
  readonly mount: string | null
  readonly problem: FolderProblem | null
}

export interface FoundDisks {
  readonly disks: ReadonlyArray<FoundDisk>
  readonly folders: ReadonlyArray<PlacedFolder>
}

/** Sizes of one disk reported by two applications may differ by rounding, but no more. */
export const sameSize = (a: number, b: number) => Math.abs(a - b) <= Math.max(a, b) * 0.01

/**
 * How much the free space of a mount may differ from that of its folder, as a share of the mount. File systems reserve
 * up to 5 % for root (ext4 by default), which only one of the figures may count as free; what is written between the
 * two readings is far less than that.
 */
const freeTolerance = 0.05

/**
 * Whether a mount can be the disk of a folder, according to their reported space. Missing figures do not contradict.
 */
const fits = (mount: ReportedMount, folder: ReportedFolder): boolean =>
  (folder.freeBytes == null || Math.abs(mount.freeBytes - folder.freeBytes) <= mount.totalBytes * freeTolerance) &&
  (folder.totalBytes == null || folder.totalBytes <= 0 || sameSize(mount.totalBytes, folder.totalBytes))

/** The mount that contained a folder when it was last assigned, by integration and path; see `folderKey`. */
export type FormerMounts = ReadonlyMap<string, string>

export const folderKey = (integrationId: string, path: string): string => `${integrationId}|${pathKey(path)}`

interface Growing {
  readonly mountPath: string
  totalBytes: number
  freeBytes: number
  /** The oldest of the readings that report it. */
  at: string
  readonly sources: Array<{ readonly integrationId: string; readonly reportedPath: string }>
}

/**
 * The disks that hold a library, and the disk of each root folder. A mount that two applications report with the same
 * size is one disk; with different sizes it is two (two hosts, each with its own `/data`). If two applications report
 * one disk, the smaller free space is used.
 */
export const placeFolders = (reports: ReadonlyArray<ReportedMounts>, former: FormerMounts = new Map()): FoundDisks => {
  const byPath = new Map<string, Array<Growing>>()
  const views = reports.map(viewOf)
  const grow = ({ report, toCommon }: View, mount: ReportedMount): Growing => {
    const mountPath = normalisePath(toCommon(mount.path))
    const source = { integrationId: report.integrationId, reportedPath: mount.path }
    const known = byPath.get(pathKey(mountPath)) ?? []
    const same = known.find((candidate) => sameSize(candidate.totalBytes, mount.totalBytes))
    if (same === undefined) {
      const { freeBytes, totalBytes } = mount
      const disk = { mountPath, totalBytes, freeBytes, at: report.at, sources: [source] }
      byPath.set(pathKey(mountPath), [...known, disk])
      return disk
    }
    if (same.sources.some((one) => one.integrationId === source.integrationId && one.reportedPath === mount.path)) {
      return same
    }
    same.totalBytes = Math.max(same.totalBytes, mount.totalBytes)
    same.freeBytes = Math.min(same.freeBytes, mount.freeBytes)
    if (report.at < same.at) same.at = report.at
    same.sources.push(source)
    return same
  }
  const placed = views.flatMap((view) =>
    view.report.rootFolders.map((folder) => {
      const { integrationId } = view.report
      const before = former.get(folderKey(integrationId, folder.path)) ?? null
      const found = standsOn(view, folder, views, before)
      return {
        integrationId,
        path: folder.path,
        freeBytes: folder.freeBytes ?? null,
        grown: "_tag" in found ? null : grow(found.view, found.mount),
        mount: "_tag" in found ? null : found.mount.path,
        problem: "_tag" in found ? found : null
      }
    })
  )
  const finished = new Map<Growing, FoundDisk>()
  for (const disks of byPath.values()) {
    for (const disk of disks) {
      const ownerIntegrationId = disks.length === 1 ? null : disk.sources[0]!.integrationId
      finished.set(disk, {
        mountPath: disk.mountPath,
        ownerIntegrationId,
        totalBytes: disk.totalBytes,
        freeBytes: disk.freeBytes,
        at: disk.at,
        sources: disk.sources
      })
    }
  }
  return {
    disks: [...finished.values()],
    folders: placed.map(({ grown, ...folder }) => ({
      ...folder,
      disk: grown === null ? null : (finished.get(grown) ?? null)
    }))
  }
}

interface View {
  readonly report: ReportedMounts
  readonly toCommon: (path: string) => string
  readonly nearest: (path: string) => ReportedMount | undefined
  /** For a common path. */
  readonly nearestInCommon: (path: string) => ReportedMount | undefined
}

const viewOf = (report: ReportedMounts): View => {
  const toCommon = mapperOf(report.pathMappings ?? [])
  const inCommon = nearestFinder(report.disks.map((mount) => ({ mount, path: toCommon(mount.path) })))
  return {
    report,
    toCommon,
    nearest: nearestFinder(report.disks),
    nearestInCommon: (path) => inCommon(path)?.mount
  }
}

/**
 * The mount of a folder: the nearest one above it that its application reports, unless their figures contradict each
 * other. Otherwise one that another application reports for that path, if it has the same free space; otherwise the
 * folder itself, if its size is reported.
 */
const standsOn = (
  view: View,
  folder: ReportedFolder,
  views: ReadonlyArray<View>,
  before: string | null
): { readonly view: View; readonly mount: ReportedMount } | FolderProblem => {
  if (folder.accessible === false) return { _tag: "Unreachable" }
  const nearest = view.nearest(folder.path)
  // Its own mount is gone, and the nearest mount above it is now another disk, for example because a share is not
  // mounted.
  const vanished =
    before !== null &&
    nearest !== undefined &&
    pathKey(before) !== pathKey(nearest.path) &&
    isAbove(pathKey(nearest.path), pathKey(before))
  if (nearest !== undefined && !vanished && nearest.totalBytes > 0 && fits(nearest, folder)) {
    return { view, mount: nearest }
  }
  const { freeBytes, totalBytes } = folder
  if (freeBytes != null) {
    for (const other of views) {
      if (other === view) continue
      const mount = other.nearestInCommon(view.toCommon(folder.path))
      if (mount !== undefined && mount.totalBytes > 0 && fits(mount, folder)) return { view: other, mount }
    }
    if (totalBytes != null && totalBytes > 0) return { view, mount: { path: folder.path, totalBytes, freeBytes } }
  }
  return {
    _tag: "NoDisk",
    nearest: nearest ?? null,
    because:
      nearest === undefined ? "none" : vanished ? "vanished" : nearest.totalBytes <= 0 ? "no-size" : "contradicts",
    before
  }
}

/** A disk as stored when it was found before. */
export interface KnownDisk {
  readonly id: string
  readonly mountPath: string
  readonly ownerIntegrationId: string | null
  readonly integrationIds: ReadonlyArray<string>
}

/**
 * Matches each found disk with a known one, so that its settings are kept: the one with the same mount and owner, else
 * one with the same mount that the same application reported before, when distinguishing it by owner was not yet, or is
 * no longer, necessary.
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
        (candidate) =>
          pathKey(candidate.mountPath) === pathKey(disk.mountPath) && !taken.has(candidate.id) && fits(disk, candidate)
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
