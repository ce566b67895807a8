/**
 * Records of a list that were not as they should be. One odd field costs the facts that rest on it, one odd record
 * itself, and neither the list: a whole library must not become unknown because of one row. A list that is mostly odd
 * still fails whole, since then the application speaks another language.
 */

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

/** Collects what was odd about one reading. One is made for each reading and given to the kind, which hands it to the door. */
export class OddRecords {
  readonly #fields = new WeakMap<object, ReadonlyArray<OddField>>()
  /** By what it says, since a list that changed meanwhile is read again. */
  readonly #told = new Map<string, OddRecord>()
  readonly #unidentified = new Set<string>()

  /** Called by the door: this row was read without these fields. */
  noteFields(row: object, fields: ReadonlyArray<OddField>): void {
    this.#fields.set(row, fields)
  }

  /** Called by the door: the record at this position of `call` could not be read at all. */
  noteUnidentified(call: string, position: number, detail: string): void {
    const record = `record ${position + 1} of ${call}`
    this.#unidentified.add(record)
    this.note(record, detail)
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

  get count(): number {
    return this.#told.size
  }

  /** The first of them. */
  get told(): ReadonlyArray<OddRecord> {
    return [...this.#told.values()].slice(0, mostTold)
  }
}

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
