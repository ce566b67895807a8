/**
 * Records of a list that were not as they should be. One odd field costs the facts that rest on it, one odd record
 * itself, and neither the list: a whole library must not become unknown because of one row. A list that is mostly odd
 * still fails whole, since then the application speaks another language.
 */

import { createHash } from "node:crypto"
import type { TypedId } from "./Observations.ts"

/** A field that could not be read, as `ratings.imdb.value`, and what was wrong with it. */
export interface OddField {
  readonly path: string
  readonly detail: string
}

/** What a person is told of an odd record. */
export interface OddRecord {
  /** Its title, or its place in the list where it could not even be identified. */
  readonly record: string
  readonly detail: string
}

/** What a record that cannot be identified says of itself all the same. */
export interface About {
  /** Absent where it does not say what kind of title it is of: it may be of any. */
  readonly kind?: "movie" | "show"
  /** Ids of which its kind is not known. None: it may be of any title. */
  readonly ids?: ReadonlyArray<TypedId>
  /** Of a request that is settled: what became of it says that nobody waits for it. */
  readonly isSettled?: boolean
  /** Its own day, ISO-8601; `null` where it has none. */
  readonly at?: string | null
  /** The record as it came, by which it is known again. */
  readonly row?: unknown
}

/** A record that may be of a title that is asked about. */
export interface Doubt extends OddRecord, Omit<About, "row"> {
  /** The same for the same record for as long as nothing of it changes, wherever it stands in its list. */
  readonly mark: string
}

/** Collects what was odd about one reading. One is made for each reading and given to the kind, which hands it to the door. */
export class OddRecords {
  readonly #fields = new WeakMap<object, ReadonlyArray<OddField>>()
  /** By what it says, since a list that changed meanwhile is read again. */
  readonly #told = new Map<string, OddRecord>()
  readonly #unidentified = new Set<string>()
  readonly #doubts = new Map<string, Doubt>()

  /** Called by the door: this row was read without these fields. */
  noteFields(row: object, fields: ReadonlyArray<OddField>): void {
    this.#fields.set(row, fields)
  }

  /** The record at this position of `call` could not be identified: called by the door, and by the kind. */
  noteUnidentified(call: string, position: number, detail: string, about: About = {}): void {
    this.#unidentified.add(recordAt(call, position))
    this.noteDoubt(call, position, detail, about)
    this.note(recordAt(call, position), detail)
  }

  /**
   * Called by the kind: the record at this position of `call` is left out of a whole reading, and may all the same be of a
   * title that is asked about.
   */
  noteDoubt(call: string, position: number, detail: string, { row, ...about }: About): void {
    const record = recordAt(call, position)
    const mark = markOf(row === undefined ? [record, detail] : row)
    // The door counts all records of a page and the kind those that were read, so that two may have one place.
    this.#doubts.set(`${record}|${mark}`, { ...about, record, detail, mark })
  }

  /** Fields of a row that could not be read. */
  fieldsOf(row: object): ReadonlyArray<OddField> {
    return this.#fields.get(row) ?? none
  }

  /** Called by the kind, which knows the title. */
  note(record: string, detail: string): void {
    this.#told.set(`${record}|${detail}`, { record, detail })
  }

  /** Records that could not be identified: each may be any of those that are missing. */
  get unidentified(): number {
    return this.#unidentified.size
  }

  get doubts(): ReadonlyArray<Doubt> {
    return [...this.#doubts.values()]
  }

  get count(): number {
    return this.#told.size
  }

  /** The first of them. */
  get told(): ReadonlyArray<OddRecord> {
    return [...this.#told.values()].slice(0, mostTold)
  }
}

const recordAt = (call: string, position: number): string => `record ${position + 1} of ${call}`

const markOf = (row: unknown): string =>
  createHash("sha256").update(JSON.stringify(row)).digest("base64url").slice(0, markLength)

const markLength = 16
const mostTold = 20
const none: ReadonlyArray<never> = []

/**
 * The facts that rest on the odd fields of a row, each with the reason: for `untold` of the entry that is made of it.
 * `factsOf` names them by the field's path, or by the first part of it; what it does not name was not used.
 */
export const untoldOf = <Name extends string>(
  odd: OddRecords,
  row: object,
  title: string,
  factsOf: Readonly<Record<string, ReadonlyArray<Name>>>
): { readonly untold?: { readonly [N in Name]?: string } } => {
  const fields = odd.fieldsOf(row)
  if (fields.length === 0) return {}
  const untold: { [N in Name]?: string } = {}
  for (const { detail, path } of fields) {
    odd.note(title, `${path}: ${detail}`)
    for (const name of factsOf[path] ?? factsOf[/^[^.[]+/.exec(path)?.[0] ?? ""] ?? none)
      untold[name] = `the field ${path} could not be read (${detail})`
  }
  return { untold }
}
