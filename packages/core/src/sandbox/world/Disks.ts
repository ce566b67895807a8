/** The disks of a world: how much of each the library uses, and how much is used by other data. */
import type { Mount } from "./WorldModel.ts"

export class Disks {
  #mounts: ReadonlyArray<Mount>
  readonly #libraryBytes = new Map<Mount, number>()

  constructor(mounts: ReadonlyArray<Mount>) {
    this.#mounts = mounts
  }

  get mounts(): ReadonlyArray<Mount> {
    return this.#mounts
  }

  /** A further disk, for a part of the stack that not every stack has. */
  add(mount: Mount): void {
    this.#mounts = [...this.#mounts, mount]
  }

  usedBytes(mount: Mount): number {
    return mount.otherBytes + (this.#libraryBytes.get(mount) ?? 0)
  }

  freeBytes(mount: Mount): number {
    return Math.max(0, mount.totalBytes - this.usedBytes(mount))
  }

  /** The mount that a path is on: the deepest one above it. */
  mountOf(path: string): Mount | undefined {
    return this.mounts
      .filter((mount) => path === mount.path || path.startsWith(mount.path === "/" ? "/" : `${mount.path}/`))
      .toSorted((one, other) => other.path.length - one.path.length)[0]
  }

  /** Adds bytes to the library's usage below `path`. */
  count(path: string, bytes: number): void {
    const mount = this.mountOf(path)
    if (mount !== undefined) this.#libraryBytes.set(mount, (this.#libraryBytes.get(mount) ?? 0) + bytes)
  }

  /** Deletes a file of the library; its bytes are freed only if nothing else links to them. */
  free(path: string, bytes: number, really: boolean): void {
    if (really) this.count(path, -bytes)
    else this.disown(path, bytes)
  }

  /** The bytes stay on the disk, but no longer belong to the library. */
  disown(path: string, bytes: number): void {
    this.count(path, -bytes)
    const mount = this.mountOf(path)
    if (mount !== undefined) mount.otherBytes += bytes
  }

  fits(path: string, bytes: number): boolean {
    const mount = this.mountOf(path)
    return mount === undefined || this.freeBytes(mount) >= bytes
  }
}
