/**
 * Faulty records in a list. A faulty field only makes the facts that depend on it unknown, a faulty record only affects
 * itself, and neither fails the list: a whole library must not become unknown because of one row. A list in which most
 * records are faulty still fails as a whole, since the format is then not the expected one.
 */

import { createHash } from "node:crypto"
import type { TypedId } from "./Observations.ts"

/** A field that could not be read, such as `ratings.imdb.value`, and the reason. */
export interface OddField {
  readonly path: string
  readonly detail: string
}

/** A faulty record, as shown to people. */
export interface OddRecord {
  /** Its title, or its position in the list if it could not be identified. */
  readonly record: string
  readonly detail: string
}

/** What is known about a record that cannot be identified. */
export interface About {
  /** Absent if the record does not contain its type: it may be of any type. */
  readonly kind?: "movie" | "show"
  /** Ids, possibly without their type. Absent or empty: it may be any title. */
  readonly ids?: ReadonlyArray<TypedId>
  /** For a request: its status shows that nobody is waiting for it any more. */
  readonly isSettled?: boolean
  /** The date of the record, ISO-8601; `null` if it has none. */
  readonly at?: string | null
  /** The raw record, by which it is recognised in later readings. */
  readonly row?: unknown
}

/** A record that may be about a title in question. */
export interface Doubt extends OddRecord, Omit<About, "row"> {
  /** Identifies the record as long as its contents do not change, whatever its position in the list. */
  readonly mark: string
}

/**
 * Collects the faulty records of one reading. An instance is created per reading and passed to the kind, which passes
 * it to the HTTP client.
 */
export class OddRecords {
  readonly #fields = new WeakMap<object, ReadonlyArray<OddField>>()
  /** Keyed by content, since a list that changes while it is read is read again. */
  readonly #records = new Map<string, OddRecord>()
  readonly #unidentified = new Set<string>()
  readonly #doubts = new Map<string, Doubt>()

  /** Called by the client: this row was read without these fields. */
  noteFields(row: object, fields: ReadonlyArray<OddField>): void {
    this.#fields.set(row, fields)
  }

  /** The record at this position of `call` could not be identified: called by the client, and by the kind. */
  noteUnidentified(call: string, position: number, detail: string, about: About = {}): void {
    this.#unidentified.add(recordAt(call, position))
    this.noteDoubt(call, position, detail, about)
    this.note(recordAt(call, position), detail)
  }

  /**
   * Called by the kind: the record at this position of `call` is omitted from a full reading, but may still be about a
   * title in question.
   */
  noteDoubt(call: string, position: number, detail: string, { row, ...about }: About): void {
    const record = recordAt(call, position)
    const mark = markOf(row === undefined ? [record, detail] : row)
    // The client counts all records of a page, the kind only those that were read, so that two records may have the
    // same position.
    this.#doubts.set(`${record}|${mark}`, { ...about, record, detail, mark })
  }

  /** The unreadable fields of a row. */
  fieldsOf(row: object): ReadonlyArray<OddField> {
    return this.#fields.get(row) ?? none
  }

  /** Called by the kind, which knows the title. */
  note(record: string, detail: string): void {
    this.#records.set(`${record}|${detail}`, { record, detail })
  }

  /** Records that could not be identified: each of them may be any of the missing ones. */
  get unidentified(): number {
    return this.#unidentified.size
  }

  get doubts(): ReadonlyArray<Doubt> {
    return [...this.#doubts.values()]
  }

  get count(): number {
    return this.#records.size
  }

  /** The first few of them. */
  get told(): ReadonlyArray<OddRecord> {
    return [...this.#records.values()].slice(0, mostReported)
  }
}

const recordAt = (call: string, position: number): string => `record ${position + 1} of ${call}`

const markOf = (row: unknown): string =>
  createHash("sha256").update(JSON.stringify(row)).digest("base64url").slice(0, markLength)

const markLength = 16
const mostReported = 20
const none: ReadonlyArray<never> = []

/**
 * The facts that depend on the faulty fields of a row, each with the reason: for `untold` of the entry that is built
 * from it. `factsOf` maps the path of a field, or its first part, to facts; fields that are not mapped were not used.
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
