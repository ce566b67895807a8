/** Common parts of the shelves: access to the world, downloads, and exclusions. */
import type { Disks } from "./Disks.ts"

/** A shelf's access to its world. */
export interface ShelfHost {
  readonly disks: Disks
  readonly now: () => number
  /** When a download that starts now will end. */
  readonly due: () => number
  /** Called after every change. */
  readonly changed: () => void
}

/** How a removal treats files. */
export interface RemovalMode {
  readonly deleteFiles: boolean
  /** False if the file is deleted but another hardlink keeps its bytes. */
  readonly freesBytes: boolean
}

/** The interface by which the world moves a shelf through time. */
export interface Shelf {
  readonly downloadsUnderWay: number
  /** Ends downloads that are due. */
  readonly settle: (now: number) => void
  /** Downloads in progress end at the next settling. */
  readonly hurry: () => void
}

/** Downloads in progress. A download that does not fit on its disk waits. */
export class Downloads<A> {
  #underWay: Array<{ readonly dueAt: number; readonly what: A }> = []
  readonly #due: () => number

  constructor(due: () => number) {
    this.#due = due
  }

  get size(): number {
    return this.#underWay.length
  }

  /** Starts a download, unless it is in progress. */
  start(what: A): void {
    if (this.#underWay.some((download) => download.what === what)) return
    this.#underWay.push({ dueAt: this.#due(), what })
  }

  stop(isMeant: (what: A) => boolean): void {
    this.#underWay = this.#underWay.filter((download) => !isMeant(download.what))
  }

  /** All end at the next settling. */
  hurry(): void {
    this.#underWay = this.#underWay.map((download) => ({ ...download, dueAt: 0 }))
  }

  /** Ends downloads that are due; `finish` returns false for one that has to wait. */
  settle(now: number, finish: (what: A) => boolean): void {
    if (this.#underWay.length === 0) return
    this.#underWay = this.#underWay.filter(({ dueAt, what }) => dueAt > now || !finish(what))
  }
}

export interface Exclusion {
  readonly id: number
  /** The application's id of it, as text. */
  readonly foreignId: string
  readonly title: string
  readonly year: number
}

/** Entries that import lists must not add again. */
export class Exclusions {
  readonly #all = new Map<number, Exclusion>()
  #lastId = 0

  list(): ReadonlyArray<Exclusion> {
    return [...this.#all.values()]
  }

  get(id: number): Exclusion | undefined {
    return this.#all.get(id)
  }

  of(foreignId: string): Exclusion | undefined {
    return this.list().find((exclusion) => exclusion.foreignId === foreignId)
  }

  /** Adds an exclusion, or returns the existing one. */
  add(foreignId: string, title: string, year: number): Exclusion {
    const exclusion = this.of(foreignId) ?? { id: ++this.#lastId, foreignId, title, year }
    this.#all.set(exclusion.id, exclusion)
    return exclusion
  }

  delete(id: number): boolean {
    return this.#all.delete(id)
  }
}
