/**
 * People and playlists in media servers: heavy facts, which a sync reads only if a rule or a factor needs them, since
 * they are large or take calls of their own.
 */
import { Effect, Result } from "effect"
import type { EntryDetail, EntryPeople } from "../../integrations/Observations.ts"
import { ReadSql } from "../../storage/Database.ts"
import { type DocumentFormat, isRecord, requireDocument, textsIn } from "../../storage/StoredDocuments.ts"
import type { FactValue } from "../Facts.ts"
import { countOf } from "../Facts/Derivations.ts"
import type { HeavyFact } from "../Facts/Definition.ts"
import { type ItemFact, type ItemFacts, onNoServer, servers, unmatched } from "./Definition.ts"
import { notMatched, through } from "./Through.ts"

interface Row {
  readonly item_id: number
  readonly value: string
}

const loadFrom = <A>(list: EntryDetail, format: DocumentFormat<A>, value: (stored: A) => FactValue): HeavyFact => ({
  entryDetail: list,
  load: (ids) =>
    Effect.gen(function* () {
      const sql = yield* ReadSql
      const rows = yield* sql<Row>`SELECT item_id, value FROM item_entry_lists
        WHERE list = ${list} AND ${sql.in("item_id", ids.map(Number))}`
      return new Map(
        rows.map((row) => [String(row.item_id), value(requireDocument(format, String(row.item_id), row.value))])
      )
    }).pipe(Effect.orDie)
})

const roles = ["actors", "directors", "writers"] as const satisfies ReadonlyArray<keyof EntryPeople>

const people: DocumentFormat<EntryPeople> = {
  table: "item_entry_lists",
  column: "value",
  version: 1,
  read: (value) => (isPeople(value) ? Result.succeed(value) : Result.fail("it has no people"))
}

const isPeople = (value: unknown): value is EntryPeople =>
  isRecord(value) && roles.every((role) => Array.isArray(value[role]))

const read: ItemFact["read"] = (item, { sources }, loaded) => {
  const believed = sources.servers(item.kind)
  if (item.data.onServers.length === 0) return notMatched(believed, unmatched)
  if (loaded !== undefined) return through(believed, loaded)
  if (believed._tag !== "Fresh") return through(believed, null)
  const detail =
    "its media server has not determined it, or it was not read yet: a sync reads it for the rules in force"
  return { _tag: "Unknown", reason: "not-synced", detail, source: believed.source }
}

const ofServer = {
  source: servers,
  unknown: `${onNoServer}; the server has not determined it, or it has not been read since a rule needs it`,
  kinds: ["movie", "show", "season"],
  read
} as const

const ofWhole = { ...ofServer, ofPart: "the whole" } as const

export const entryLists = {
  people: {
    type: "strings",
    title: "People",
    description: "Names of the actors, directors and writers.",
    ...ofWhole,
    heavy: loadFrom("people", people, (stored) => [...new Set(roles.flatMap((role) => stored[role]))])
  },
  actors: {
    type: "strings",
    title: "Actors",
    description: "Names of the actors.",
    aliases: ["cast"],
    ...ofWhole,
    heavy: loadFrom("people", people, ({ actors }) => actors)
  },
  directors: {
    type: "strings",
    title: "Directors",
    description: "Names of the directors.",
    aliases: ["director"],
    ...ofWhole,
    heavy: loadFrom("people", people, ({ directors }) => directors)
  },
  writers: {
    type: "strings",
    title: "Writers",
    description: "Names of the writers.",
    aliases: ["writer"],
    ...ofWhole,
    heavy: loadFrom("people", people, ({ writers }) => writers)
  },
  playlists: {
    type: "strings",
    title: "Playlists",
    description: "Titles of the playlists that contain it, or an episode of it.",
    aliases: ["playlist"],
    ...ofServer,
    ofPart: "the part",
    heavy: loadFrom("playlists", textsIn("item_entry_lists", "value"), (titles) => titles),
    derived: {
      playlistCount: {
        type: "number",
        title: "Number of playlists",
        description: "How many playlists contain it, or an episode of it.",
        unit: "playlists",
        read: countOf
      }
    }
  }
} as const satisfies ItemFacts
