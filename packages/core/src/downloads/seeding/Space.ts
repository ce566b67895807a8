/**
 * The guard of free space: which downloads of a client must pause before a disk is full, and which of those that Tendarr
 * has paused may go on. A download may go on only with a margin, so that none is paused and resumed in turn.
 */
import type { ClientState, Download } from "../../integrations/Downloads.ts"

export const spaceOrders = ["largest", "least-progress", "queue"] as const
export type SpaceOrder = (typeof spaceOrders)[number]

export interface SpaceDownload {
  readonly id: string
  readonly download: Download
  /** Whether the guard has paused it. */
  readonly isOurs: boolean
  /** Whether a person has resumed it after the guard had paused it, or it is exempt: it is counted, and left alone. */
  readonly isExempt: boolean
}

export interface SpaceLimits {
  readonly keepBytes: number
  /** Space in addition to `keepBytes` that is needed before one goes on. */
  readonly marginBytes: number
  readonly order: SpaceOrder
}

export interface SpaceStep {
  readonly id: string
  readonly what: "pause" | "resume"
  readonly because: string
}

export interface GuardedFolder {
  readonly path: string
  /** `null` = the client does not say. */
  readonly freeBytes: number | null
  /** What is left to write there. */
  readonly neededBytes: number
  readonly paused: number
}

export interface SpacePlan {
  readonly steps: ReadonlyArray<SpaceStep>
  readonly folders: ReadonlyArray<GuardedFolder>
  /** Downloads into folders of whose disk the client reports no free space. */
  readonly unguarded: ReadonlyArray<string>
}

const writing: ReadonlyArray<Download["state"]> = [
  "metadata",
  "queued",
  "allocating",
  "downloading",
  "stalled",
  "post-processing",
  "checking",
  "moving"
]
const pausable: ReadonlyArray<Download["state"]> = ["metadata", "queued", "downloading", "stalled"]

const within = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith("/") || folder.endsWith("\\") ? folder : `${folder}/`)

/** The folder with free space that a download writes to: the deepest that contains where its parts are. */
const folderOf = ({ incompletePath, savePath }: Download, { folders }: ClientState) => {
  const path = incompletePath ?? savePath
  if (path === null) return undefined
  return folders.filter((folder) => within(path, folder.path)).toSorted((a, b) => b.path.length - a.path.length)[0]
}

/** Bytes that it will still write; a usenet download is unpacked beside its archives. `null` = not known. */
export const neededBytes = ({ bytes, protocol }: Download): number | null =>
  bytes.left === null ? null : protocol === "usenet" ? bytes.left + (bytes.wanted ?? bytes.total ?? 0) : bytes.left

/** Those that are to go on, first. */
const byOrder =
  (order: SpaceOrder) =>
  (a: SpaceDownload, b: SpaceDownload): number => {
    // What runs has a head start over what would have to be resumed.
    const place = ({ download }: SpaceDownload) => download.queuePosition ?? Number.MAX_SAFE_INTEGER
    const forced = Number(b.download.forced === true) - Number(a.download.forced === true)
    if (forced !== 0) return forced
    const first =
      order === "queue"
        ? place(a) - place(b)
        : order === "largest"
          ? (neededBytes(a.download) ?? 0) - (neededBytes(b.download) ?? 0)
          : (b.download.progress ?? 0) - (a.download.progress ?? 0)
    return first === 0 ? place(a) - place(b) || a.id.localeCompare(b.id) : first
  }

const gib = (bytes: number): string => `${Number((bytes / 1024 ** 3).toFixed(2))} GiB`

export const spacePlan = (
  downloads: ReadonlyArray<SpaceDownload>,
  client: ClientState,
  { keepBytes, marginBytes, order }: SpaceLimits
): SpacePlan => {
  const steps: Array<SpaceStep> = []
  const unguarded: Array<string> = []
  if (keepBytes <= 0) {
    for (const { download, id, isOurs } of downloads) {
      if (isOurs && download.state === "paused")
        steps.push({ id, what: "resume", because: "the guard of free space is off" })
    }
    return { steps, folders: [], unguarded }
  }
  const groups = new Map<string, Array<SpaceDownload>>()
  for (const one of downloads) {
    const isPausedByUs = one.isOurs && one.download.state === "paused"
    if (!isPausedByUs && !writing.includes(one.download.state)) continue
    const folder = folderOf(one.download, client)
    if (folder?.freeBytes == null) unguarded.push(one.id)
    else groups.set(folder.path, [...(groups.get(folder.path) ?? []), one])
  }
  const folders = [...groups].map(([path, group]): GuardedFolder => {
    const freeBytes = client.folders.find((folder) => folder.path === path)?.freeBytes ?? 0
    let budget = freeBytes - keepBytes
    let paused = 0
    let needed = 0
    // What is not ours to pause takes its space first.
    const fixed = group.filter(
      ({ download, isExempt, isOurs }) =>
        !(isOurs && download.state === "paused") && (isExempt || !pausable.includes(download.state))
    )
    for (const { download } of fixed) budget -= neededBytes(download) ?? 0
    for (const one of group) needed += neededBytes(one.download) ?? 0
    for (const one of group.filter((each) => !fixed.includes(each)).toSorted(byOrder(order))) {
      const isPaused = one.download.state === "paused"
      const left = neededBytes(one.download)
      const fits = budget - (left ?? 0) - (isPaused ? marginBytes : 0) > 0
      if (fits) budget -= left ?? 0
      if (fits && isPaused) {
        steps.push({ id: one.id, what: "resume", because: `there is room for it in ${path} again` })
      } else if (!fits && isPaused) paused++
      else if (!fits) {
        paused++
        const size = left === null ? "its unknown size" : gib(left)
        const because = `${path} has ${gib(freeBytes)} free, of which ${gib(keepBytes)} are kept, and not enough for ${size}`
        steps.push({ id: one.id, what: "pause", because })
      }
    }
    return { path, freeBytes, neededBytes: needed, paused }
  })
  return { steps, folders, unguarded }
}
