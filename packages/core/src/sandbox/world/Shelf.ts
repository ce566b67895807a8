/** What the shelves of a world have alike: what they need of it, their downloads, and what they were told to keep out. */
import type { Disks } from "./Disks.ts"

/** What a shelf has of its world. */
export interface ShelfHost {
  readonly disks: Disks
  readonly now: () => number
  /** When a download that starts now will end. */
  readonly due: () => number
  /** Told of every change. */
  readonly changed: () => void
}

/** How a removal treats files. */
export interface RemovalMode {
  readonly deleteFiles: boolean
  /** False when the file is gone but another hardlink keeps its bytes. */
  readonly freesBytes: boolean
}

/** A shelf as the world moves it through time. */
export interface Shelf {
  readonly downloadsUnderWay: number
  /** Ends downloads that are due. */
  readonly settle: (now: number) => void
  /** Downloads that are under way end at the next settling. */
  readonly hurry: () => void
}

/** Downloads that are under way. One that does not fit on its disk waits, as a full disk makes it. */
export class Downloads<A> {
  #underWay: Array<{ readonly dueAt: number; readonly what: A }> = []
  readonly #due: () => number

  constructor(due: () => number) {
    this.#due = due
  }

  get size(): number {
    return this.#underWay.length
  }

  /** Starts one, unless it is under way. */
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

  /** Ends those that are due; `finish` answers false for one that has to wait. */
  settle(now: number, finish: (what: A) => boolean): void {
    if (this.#underWay.length === 0) return
    this.#underWay = this.#underWay.filter(({ dueAt, what }) => dueAt > now || !finish(what))
  }
}

export interface Exclusion {
  readonly id: number
  /** What the application knows it by, as text. */
  readonly foreignId: string
  readonly title: string
  readonly year: number
}

/** What import lists may not add again. */
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

  /** Adds one, or finds what is there already. */
  add(foreignId: string, title: string, year: number): Exclusion {
    const exclusion = this.of(foreignId) ?? { id: ++this.#lastId, foreignId, title, year }
    this.#all.set(exclusion.id, exclusion)
    return exclusion
  }

  delete(id: number): boolean {
    return this.#all.delete(id)
  }
}
