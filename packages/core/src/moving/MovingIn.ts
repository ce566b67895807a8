/**
 * Moving in from other products: a file is uploaded and read, what would be created is shown, and then exactly that is
 * created in one transaction, or nothing.
 */
import { Array as Arr, Clock, Context, Data, Effect, Layer, PubSub, type Stream } from "effect"
import { SqlClient } from "effect/sql"
import { RuleTrial } from "../capacity/RuleTrial.ts"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import { Integrations } from "../integrations/Integrations.ts"
import { dayMillis, isoOfMillis, nowIso } from "../problems/Instants.ts"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import { Removals } from "../removals/Removals.ts"
import { defaultSubject } from "../rules/Rule.ts"
import { Settings } from "../settings/Settings.ts"
import { decodeCursor, encodeCursor, type Page, pageLimit, toPage } from "../storage/Pages.ts"
import { rowId } from "../storage/RowId.ts"
import { toJson } from "../storage/Rows.ts"
import { documentFormat } from "../storage/StoredRows.ts"
import { requireDocument } from "../storage/StoredDocuments.ts"
import { transacting } from "../storage/Transactions.ts"
import { Carrying, type CarryOptions } from "./Carrying.ts"
import type { Carried } from "./Carrying/Carried.ts"
import { Found, type FoundSecrets, nothingFound } from "./Found.ts"
import { makeReceiving } from "./Receiving.ts"
import { differencesOf, KeyedEntry } from "./Differences.ts"
import { MovingEvents } from "./MovingEvents.ts"
import {
  type MoveIn,
  MoveInApplied,
  type MoveInEntry,
  MoveInNotFound,
  MoveInOptions,
  type MoveInOutcome,
  MoveInOutdated,
  type MoveInSection,
  MoveInSummary,
  type MovingFileFailed,
  type MovingFileTooLarge,
  type MovingFileUnusable,
  type MovingProductInfo,
  type ProductName,
  sections
} from "./MoveIn.ts"
import { MoveInSecrets } from "./MoveInSecrets.ts"
import { MovingSettings } from "./MovingSettings.ts"
import { products } from "./Products.ts"

/** A file that somebody uploads. */
export interface MovingUpload {
  readonly bytes: Stream.Stream<Uint8Array, unknown>
  /** The size that the sender declared; `null` = not declared. */
  readonly declaredBytes: number | null
}

export interface EntriesQuery {
  readonly section?: MoveInSection
  readonly outcome?: MoveInOutcome
  readonly limit?: number
  readonly cursor?: string
}

export class MovingIn extends Context.Service<
  MovingIn,
  {
    readonly products: ReadonlyArray<MovingProductInfo>
    /** Newest first. */
    readonly list: Effect.Effect<ReadonlyArray<MoveIn>>
    readonly get: (id: string) => Effect.Effect<MoveIn, MoveInNotFound>
    /** The records of the file, section by section, with what becomes of each. */
    readonly entries: (
      id: string,
      query?: EntriesQuery
    ) => Effect.Effect<Page<MoveInEntry>, MoveInNotFound | InvalidRequest>
    /** Reads a file and stores what applying it would do. The file itself is not kept. */
    readonly preview: (
      product: ProductName,
      upload: MovingUpload,
      options?: MoveInOptions
    ) => Effect.Effect<MoveIn, InvalidRequest | MovingFileUnusable | MovingFileTooLarge | MovingFileFailed>
    /** Does what the preview says, as a whole; refused if it would now be something else. */
    readonly apply: (id: string) => Effect.Effect<MoveIn, MoveInNotFound | MoveInApplied | MoveInOutdated>
    /** Deletes a preview. What was moved in stays. */
    readonly remove: (id: string) => Effect.Effect<void, MoveInNotFound>
  }
>()("tendarr/moving/MovingIn") {
  static readonly layer = Layer.effect(
    MovingIn,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const carrying = yield* Carrying
      const events = yield* EventLog
      const settings = yield* Settings
      const integrations = yield* Integrations
      const trial = yield* RuleTrial
      const removals = yield* Removals
      const receive = yield* makeReceiving
      const kept = yield* MoveInSecrets

      const find = Effect.fnUntraced(function* (id: string) {
        const [row] = yield* Effect.orDie(sql<Row>`SELECT * FROM move_ins WHERE id = ${rowId(id)}`)
        return row ?? (yield* new MoveInNotFound({ moveInId: id }))
      })

      /** Carries everything over, and takes it back. */
      const tried = (options: CarryOptions) =>
        transact(Effect.flatMap(carrying.carry(options), (carriage) => Effect.fail(new Tried({ carriage })))).pipe(
          Effect.catchTag("Tried", ({ carriage }) => Effect.succeed(carriage))
        )

      /** What a rule matches now, if it can be told. */
      const withMatches = Effect.fnUntraced(function* (one: Carried) {
        const { rule } = one.entry
        if (rule === undefined || one.entry.outcome !== "create") return one
        if ((rule.subject ?? defaultSubject) !== defaultSubject) return one
        const { condition, effect, scope } = rule
        const preview = yield* Effect.option(
          trial.preview({ condition, effect: "always-keep", ...(scope === undefined ? {} : { scope }), limit: 1 })
        )
        if (preview._tag === "None") return one
        const { matched, notRemovedAlone, warnings } = preview.value
        const notes = [
          ...one.entry.notes,
          ...(effect === "act" && notRemovedAlone > 0
            ? [`${notRemovedAlone} further matches are wholes or parts that are not removed on their own here`]
            : []),
          ...warnings
        ]
        return { ...one, entry: { ...one.entry, notes, wouldMatch: matched } }
      })

      const dropOld = Effect.gen(function* () {
        const { keepPreviewsDays } = yield* settings.get(MovingSettings)
        const since = isoOfMillis((yield* Clock.currentTimeMillis) - keepPreviewsDays * dayMillis)
        yield* sql`DELETE FROM move_ins WHERE applied_at IS NULL AND created_at < ${since}`
      })

      const store = Effect.fnUntraced(function* (
        product: ProductName,
        fileBytes: number,
        options: MoveInOptions,
        found: Found,
        secrets: FoundSecrets,
        summary: MoveInSummary,
        carried: ReadonlyArray<Carried>
      ) {
        yield* dropOld
        const [row] = yield* sql<{ id: number }>`INSERT INTO move_ins ${sql.insert({
          product,
          file_bytes: fileBytes,
          options: toJson(options),
          found: toJson(found),
          summary: toJson(summary),
          created_at: yield* nowIso,
          created_by: yield* Actor
        })} RETURNING id`
        const id = row!.id
        yield* kept.keep(id, found.connections, secrets)
        const rows = carried.map(({ entry, key }, position) => ({
          move_in_id: id,
          position,
          section: entry.section,
          outcome: entry.outcome,
          entry: toJson({ key, ...entry })
        }))
        for (const chunk of Arr.chunksOf(rows, rowsAtOnce)) yield* sql`INSERT INTO move_in_entries ${sql.insert(chunk)}`
        yield* events.append(
          MovingEvents.previewed.make({
            subject: String(id),
            message: `Previewed a move from ${products[product].info.title}`,
            payload: { product, bytes: fileBytes }
          })
        )
        return String(id)
      }, Effect.orDie)

      const preview = Effect.fn("MovingIn.preview")(function* (
        product: ProductName,
        upload: MovingUpload,
        options: MoveInOptions = {}
      ) {
        const { mediaServer } = options
        if (mediaServer !== undefined && !(yield* integrations.list).some(({ id }) => id === mediaServer)) {
          return yield* invalidField(["query", "mediaServer"], "is not the id of an integration")
        }
        const { info, read } = products[product]
        const { fileBytes, found: inFile } = yield* receive(upload, (file) => read(file, options))
        const { secrets = new Map(), ...found } = inFile
        const {
          carried,
          libraries,
          mediaServer: server
        } = yield* tried({
          product,
          title: info.title,
          found,
          secrets,
          options,
          shown: new Map(),
          writesHistory: false
        })
        const shown = yield* Effect.forEach(carried, withMatches)
        const { notes, version } = found
        const summary: MoveInSummary = { version, notes, mediaServer: server, libraries, counts: countsOf(carried) }
        return toMoveIn(
          yield* Effect.orDie(find(yield* transact(store(product, fileBytes, options, found, secrets, summary, shown))))
        )
      })

      const entriesOf = (id: string) =>
        Effect.map(
          Effect.orDie(
            sql<EntryRow>`SELECT position, entry FROM move_in_entries WHERE move_in_id = ${rowId(id)} ORDER BY position`
          ),
          (rows) => rows.map((row) => readEntry(id, row))
        )

      const apply = Effect.fn("MovingIn.apply")(function* (id: string) {
        const moved = yield* transact(
          Effect.gen(function* () {
            const row = yield* find(id)
            if (row.applied_at !== null) return yield* new MoveInApplied({ moveInId: id, appliedAt: row.applied_at })
            const { product } = toMoveIn(row)
            const before = yield* entriesOf(id)
            const { carried } = yield* carrying.carry({
              product,
              title: products[product].info.title,
              found: requireDocument(formats.found, id, row.found),
              secrets: yield* kept.open(row.id),
              options: requireDocument(formats.options, id, row.options),
              shown: new Map(
                before.flatMap(({ key, removal }) => (removal === undefined ? [] : [[key, removal.notBefore]]))
              ),
              writesHistory: true
            })
            const differences = differencesOf(before, carried)
            if (differences.length > 0) {
              return yield* new MoveInOutdated({
                moveInId: id,
                detail: `${differences.length} ${differences.length === 1 ? "record" : "records"} would be treated differently than the preview says: preview the file again`,
                differences: differences.slice(0, mostDifferences)
              })
            }
            const at = yield* nowIso
            const created = carried.filter((one) => one.created !== null)
            const rows = created.map((one) => ({
              product,
              section: one.entry.section,
              key: one.key,
              created: one.created,
              at
            }))
            for (const chunk of Arr.chunksOf(rows, rowsAtOnce)) {
              yield* Effect.orDie(sql`INSERT INTO moved_in ${sql.insert(chunk)}`)
            }
            // Its entries stay; the rest of the file is not needed any more.
            yield* Effect.orDie(
              sql`UPDATE move_ins SET found = ${toJson(nothingFound)}, applied_at = ${at}, applied_by = ${yield* Actor}
                WHERE id = ${rowId(id)}`
            )
            yield* kept.forget(row.id)
            const count = (section: MoveInSection) => created.filter(({ entry }) => entry.section === section).length
            yield* events.append(
              MovingEvents.applied.make({
                subject: id,
                message: `Moved in from ${products[product].info.title}: ${count("connections") === 0 ? "" : `${count("connections")} connections, `}${count("rules")} rules, ${count("protections")} protections, ${count("removals")} removals`,
                payload: {
                  product,
                  connections: count("connections"),
                  rules: count("rules"),
                  protections: count("protections"),
                  removals: count("removals"),
                  history: count("history")
                }
              })
            )
            return toMoveIn(yield* find(id))
          })
        )
        yield* PubSub.publish(removals.changed, undefined)
        return moved
      })

      return MovingIn.of({
        products: Object.values(products).map(({ info }) => info),
        list: Effect.map(Effect.orDie(sql<Row>`SELECT * FROM move_ins ORDER BY id DESC LIMIT 200`), (rows) =>
          rows.map(toMoveIn)
        ),
        get: Effect.fn("MovingIn.get")((id) => Effect.map(find(id), toMoveIn)),
        entries: Effect.fn("MovingIn.entries")(function* (id, { cursor, limit, outcome, section } = {}) {
          const size = yield* pageLimit(limit)
          const scope = `move-in ${id} ${section ?? ""} ${outcome ?? ""}`
          const [after = -1] = cursor === undefined ? [] : yield* decodeCursor(scope, 1, cursor)
          yield* find(id)
          const rows = yield* Effect.orDie(
            sql<EntryRow>`SELECT position, entry FROM move_in_entries WHERE ${sql.and([
              sql`move_in_id = ${rowId(id)}`,
              sql`position > ${Number(after)}`,
              ...(section === undefined ? [] : [sql`section = ${section}`]),
              ...(outcome === undefined ? [] : [sql`outcome = ${outcome}`])
            ])} ORDER BY position LIMIT ${size + 1}`
          )
          return toPage(
            rows,
            size,
            (row) => encodeCursor(scope, [row.position]),
            (row) => {
              const { key: _, ...entry } = readEntry(id, row)
              return entry
            }
          )
        }),
        preview,
        apply,
        remove: Effect.fn("MovingIn.remove")(function* (id) {
          yield* transact(
            Effect.gen(function* () {
              const { product } = toMoveIn(yield* find(id))
              yield* Effect.orDie(sql`DELETE FROM move_ins WHERE id = ${rowId(id)}`)
              const message = `Deleted the preview of a move from ${products[product].info.title}`
              yield* events.append(MovingEvents.removed.make({ subject: id, message, payload: { product } }))
            })
          )
        })
      })
    })
  )
}

class Tried extends Data.TaggedError("Tried")<{
  readonly carriage: Effect.Success<ReturnType<Carrying["Service"]["carry"]>>
}> {}

/** Maximum number of rows per statement. */
const rowsAtOnce = 100

const mostDifferences = 20

interface Row {
  readonly id: number
  readonly product: string
  readonly file_bytes: number
  readonly options: string
  readonly found: string
  readonly summary: string
  readonly created_at: string
  readonly created_by: string
  readonly applied_at: string | null
  readonly applied_by: string | null
}

interface EntryRow {
  readonly position: number
  readonly entry: string
}

const formats = {
  found: documentFormat("move_ins", "found", Found),
  options: documentFormat("move_ins", "options", MoveInOptions),
  summary: documentFormat("move_ins", "summary", MoveInSummary),
  entry: documentFormat("move_in_entries", "entry", KeyedEntry)
}

const readEntry = (id: string, { entry, position }: EntryRow): typeof KeyedEntry.Type =>
  requireDocument(formats.entry, `${id}, ${position}`, entry)

const toMoveIn = (row: Row): MoveIn => ({
  id: String(row.id),
  // A product that a later version knows is not shown by this one, whose database would be refused.
  product: row.product as ProductName,
  fileBytes: row.file_bytes,
  ...requireDocument(formats.summary, String(row.id), row.summary),
  createdAt: row.created_at,
  createdBy: row.created_by,
  appliedAt: row.applied_at,
  appliedBy: row.applied_by
})

const countsOf = (carried: ReadonlyArray<Carried>): MoveInSummary["counts"] =>
  sections.map((section) => {
    const of = carried.filter(({ entry }) => entry.section === section)
    const count = (outcome: MoveInOutcome) => of.filter(({ entry }) => entry.outcome === outcome).length
    return { section, create: count("create"), present: count("present"), notCarried: count("not-carried") }
  })
