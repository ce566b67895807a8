/** Folders on real file systems for tests about the files of downloads. */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as nodePath from "node:path"
import { Effect } from "effect"
import type { Download } from "../../../src/integrations/Downloads.ts"
import type { FakeDownloads } from "../FakeDownloads.ts"

/** What a seeding torrent looks like. */
export const seeding = {
  state: "seeding",
  rawState: "uploading",
  progress: 1,
  speeds: { down: 0, up: 1000 },
  completedAt: "2026-01-15T11:00:00.000Z"
} as const

export interface Disk {
  readonly root: string
  readonly at: (...names: ReadonlyArray<string>) => string
  /** Writes a file of 100 bytes, or of a text. */
  readonly write: (path: string, text?: string) => string
  readonly link: (from: string, to: string) => void
  /** Adds a complete torrent of one folder with one file of 100 bytes, which is written. */
  readonly torrent: (fake: FakeDownloads, name: string, movieId: number, changes?: Partial<Download>) => Download
}

const folderOf = (parent: string) =>
  Effect.acquireRelease(
    Effect.sync(() => fs.realpathSync(fs.mkdtempSync(nodePath.join(parent, "tendarr-files-")))),
    (root) => Effect.sync(() => fs.rmSync(root, { recursive: true, force: true }))
  )

const diskAt = (root: string): Disk => {
  const at: Disk["at"] = (...names) => nodePath.join(root, ...names)
  const write: Disk["write"] = (path, text = "x".repeat(100)) => {
    fs.mkdirSync(nodePath.dirname(path), { recursive: true })
    fs.writeFileSync(path, text)
    return path
  }
  return {
    root,
    at,
    write,
    link: (from, to) => {
      fs.mkdirSync(nodePath.dirname(to), { recursive: true })
      fs.linkSync(from, to)
    },
    torrent: (fake, name, movieId, changes = {}) => {
      const savePath = changes.savePath ?? at("downloads")
      const file = nodePath.join(savePath, name, "film.mkv")
      if (!fs.existsSync(file)) write(file)
      const one = fake.add(name, movieId, {
        ...seeding,
        bytes: { wanted: 100, total: 100, left: 0, done: 100, uploaded: 0 },
        ...changes,
        savePath,
        contentPath: nodePath.join(savePath, name)
      })
      fake.files.set(one.id, [{ index: 0, path: `${name}/film.mkv`, bytes: 100, progress: 1, wanted: true }])
      fake.queue.delete(one.id)
      return one
    }
  }
}

/** A folder on a file system whose files cannot share data without links. */
export const plainDisk = Effect.map(folderOf(fs.existsSync("/dev/shm") ? "/dev/shm" : os.tmpdir()), diskAt)

/** Whether this process may mount; CI runs as root. */
export const mayMount = (() => {
  const probe = fs.mkdtempSync(nodePath.join(os.tmpdir(), "tendarr-mount-"))
  try {
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", probe], { stdio: "ignore" })
    execFileSync("umount", [probe], { stdio: "ignore" })
    return true
  } catch {
    return false
  } finally {
    fs.rmdirSync(probe)
  }
})()

/** Mounts a folder at another place as well, and unmounts it afterwards. Needs `mayMount`. */
export const boundTo = (from: string, to: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      fs.mkdirSync(to, { recursive: true })
      execFileSync("mount", ["--bind", from, to])
      return to
    }),
    (mounted) => Effect.sync(() => execFileSync("umount", [mounted]))
  )

/** Mounts an empty file system. Needs `mayMount`. */
export const tmpfsAt = (to: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      fs.mkdirSync(to, { recursive: true })
      execFileSync("mount", ["-t", "tmpfs", "tmpfs", to])
      return to
    }),
    (mounted) => Effect.sync(() => execFileSync("umount", [mounted]))
  )
