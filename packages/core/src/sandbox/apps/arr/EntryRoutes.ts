/**
 * Routes for library entries that all arrs share, whatever they call them: list, look up, add, change, remove,
 * individually and with the editor; and exclusions from import lists.
 */
import { Schema } from "effect"
import type { Exclusion, Exclusions, RemovalMode } from "../../world/Shelf.ts"
import { json, wholeList } from "../Reply.ts"
import { type AppContext, type Call, destroy, route, type Route } from "../SandboxApp.ts"
import {
  arrBadBody,
  arrBody,
  arrFailure,
  arrFlag,
  arrInvalid,
  arrMissingRows,
  arrNotFound,
  optional,
  unknownKeys
} from "./ArrReplies.ts"
import { paged } from "./ArrPages.ts"
import { numbersIn } from "./ArrRoutes.ts"

/** Common fields of an entry. */
export interface Entry {
  monitored: boolean
  qualityProfileId: number
  tags: ReadonlyArray<number>
  extra: Readonly<Record<string, unknown>>
}

/** Common fields of a body. */
export const entryFields = {
  qualityProfileId: Schema.optionalKey(Schema.Int),
  rootFolderPath: optional(Schema.String),
  path: optional(Schema.String),
  monitored: Schema.optionalKey(Schema.Boolean),
  tags: optional(Schema.Array(Schema.Int))
}

const EntryBody = Schema.Struct(entryFields)

export interface EntryParts<E extends Entry, Body extends typeof EntryBody.Type> {
  readonly api: string
  /** The path of the entries, such as `movie`, and their name in sentences. */
  readonly path: string
  readonly title: string
  /** The key of the editor's body, such as `movieIds`. */
  readonly idsKey: string
  /** Its root folder and the ids of its quality profiles. */
  readonly root: string
  readonly profiles: ReadonlyArray<{ readonly id: number }>
  readonly entries: ReadonlyMap<number, E>
  /** Which entries a query selects. */
  readonly isListed: (query: URLSearchParams) => (entry: E) => boolean
  readonly lookup: (term: string) => ReadonlyArray<unknown>
  readonly answer: (call: Call, entry: E) => Readonly<Record<string, unknown>>
  readonly body: Schema.Codec<Body, unknown>
  /** Why this body is refused, before root folder and profile are checked. */
  readonly refuse: (call: Call, body: Body) => Response | undefined
  readonly add: (body: Body, entry: Pick<E, "monitored" | "qualityProfileId" | "tags">) => E
  /** Changes of a body other than to the common keys. */
  readonly change: (entry: E, body: Body) => void
  readonly remove: (entry: E, mode: RemovalMode) => void
  readonly exclude: (entry: E) => void
  /** The name of the parameter that requests an exclusion. */
  readonly excludeKey: "addImportExclusion" | "addImportListExclusion"
}

export const entryRoutes = <E extends Entry, Body extends typeof EntryBody.Type>(
  { world }: AppContext,
  parts: EntryParts<E, Body>
): ReadonlyArray<Route> => {
  const { answer, api, entries, excludeKey, idsKey, path, title } = parts
  const found = (call: Call) => entries.get(Number(call.params["id"]))
  const missing = (call: Call) => arrNotFound(call, `${title} with ID ${call.params["id"]} does not exist`)
  const hasProfile = (id: number) => parts.profiles.some((profile) => profile.id === id)
  const unknownProfile = (call: Call, id: number) =>
    arrInvalid(call, "QualityProfileId", "Quality Profile does not exist", id)

  const remove = (call: Call, meant: ReadonlyArray<E>, deleteFiles: boolean, exclude: boolean): Response =>
    destroy(
      call,
      ({ freesBytes }) => {
        for (const entry of meant) {
          parts.remove(entry, { deleteFiles, freesBytes })
          if (exclude) parts.exclude(entry)
        }
      },
      () => json(call, {}),
      () => arrFailure(call, "database is locked")
    )

  /** The entries named in an editor's body, with the changes; a response if it is invalid. */
  const chosen = async (call: Call) => {
    const body = await arrBody(call, EditorBody)
    const ids = numbersIn(body?.raw[idsKey])
    const meant = ids.flatMap((id) => entries.get(id) ?? [])
    const refusal =
      body === undefined || !Array.isArray(body.raw[idsKey])
        ? arrBadBody(call)
        : meant.length < ids.length
          ? arrMissingRows(call, ids.length, meant.length)
          : undefined
    return { meant, edit: body?.value ?? {}, raw: body?.raw ?? {}, refusal }
  }

  return [
    route("GET", `${api}/${path}`, (call) =>
      wholeList(call, {
        before: "[",
        after: "]",
        rows: [...entries.values()].filter(parts.isListed(call.query)),
        render: (entry) => answer(call, entry)
      })
    ),
    route("GET", `${api}/${path}/lookup`, (call) => json(call, parts.lookup(call.query.get("term") ?? ""))),
    route("GET", `${api}/${path}/:id`, (call) => {
      const entry = found(call)
      return entry === undefined ? missing(call) : json(call, answer(call, entry))
    }),
    route("POST", `${api}/${path}`, async (call) => {
      const body = await arrBody(call, parts.body)
      if (body === undefined) return arrBadBody(call)
      const { qualityProfileId = 0, rootFolderPath } = body.value
      const refusal = parts.refuse(call, body.value)
      if (refusal !== undefined) return refusal
      if (rootFolderPath?.replace(/\/$/, "") !== parts.root) {
        const said = `Root folder '${rootFolderPath ?? ""}' does not exist`
        return arrInvalid(call, "RootFolderPath", said, rootFolderPath)
      }
      if (!hasProfile(qualityProfileId)) return unknownProfile(call, qualityProfileId)
      const entry = parts.add(body.value, {
        qualityProfileId,
        monitored: body.value.monitored ?? false,
        tags: body.value.tags ?? []
      })
      return json(call, answer(call, entry), 201)
    }),
    // As in the original, the whole resource is sent: omitted fields return to their defaults.
    route("PUT", `${api}/${path}/:id`, async (call) => {
      const entry = found(call)
      const body = await arrBody(call, parts.body)
      if (entry === undefined) return missing(call)
      if (body === undefined) return arrBadBody(call)
      const { path: folder, qualityProfileId = 0 } = body.value
      if (!hasProfile(qualityProfileId)) return unknownProfile(call, qualityProfileId)
      if (folder === undefined || folder === null) return arrInvalid(call, "Path", "'Path' must not be empty.")
      entry.monitored = body.value.monitored ?? false
      entry.qualityProfileId = qualityProfileId
      entry.tags = body.value.tags ?? []
      parts.change(entry, body.value)
      entry.extra = unknownKeys(body.raw, answer(call, { ...entry, extra: {} }))
      world.revision++
      return json(call, answer(call, entry), 202)
    }),
    route("DELETE", `${api}/${path}/:id`, (call) => {
      const entry = found(call)
      if (entry === undefined) return missing(call)
      return remove(call, [entry], arrFlag(call.query, "deleteFiles"), arrFlag(call.query, excludeKey))
    }),
    route("PUT", `${api}/${path}/editor`, async (call) => {
      const { edit, meant, refusal } = await chosen(call)
      if (refusal !== undefined) return refusal
      for (const entry of meant) {
        entry.monitored = edit.monitored ?? entry.monitored
        entry.qualityProfileId = edit.qualityProfileId ?? entry.qualityProfileId
        entry.tags = editTags(entry.tags, edit.tags ?? null, edit.applyTags ?? "add")
      }
      world.revision++
      return json(
        call,
        meant.map((entry) => answer(call, entry)),
        202
      )
    }),
    route("DELETE", `${api}/${path}/editor`, async (call) => {
      const { edit, meant, raw, refusal } = await chosen(call)
      return refusal ?? remove(call, meant, edit.deleteFiles ?? false, raw[excludeKey] === true)
    })
  ]
}

export interface ExclusionParts {
  readonly api: string
  readonly path: string
  /** Set if the list can be paged: its sort key. */
  readonly sortKey?: string
  /** Its keys of the id, which may be a number, of the title and, if it has one, of the year. */
  readonly keys: { readonly id: string; readonly title: string; readonly year?: string }
  readonly isNumber: boolean
}

export const exclusionRoutes = (exclusions: Exclusions, parts: ExclusionParts): ReadonlyArray<Route> => {
  const { isNumber, keys, sortKey } = parts
  const path = `${parts.api}/${parts.path}`
  const answer = ({ foreignId, id, title, year }: Exclusion) => ({
    [keys.id]: isNumber ? Number(foreignId) : foreignId,
    [keys.title]: title,
    ...(keys.year === undefined ? {} : { [keys.year]: year }),
    id
  })
  const idType = isNumber ? Schema.Int : Schema.String
  const year = keys.year === undefined ? {} : { [keys.year]: Schema.Int }
  const Body = Schema.Struct({ [keys.id]: idType, [keys.title]: Schema.String, ...year })
  return [
    route("GET", path, (call) => json(call, exclusions.list().map(answer))),
    ...(sortKey === undefined
      ? []
      : [route("GET", `${path}/paged`, (call) => paged(call, sortKey, "ascending", exclusions.list(), answer))]),
    route("GET", `${path}/:id`, (call) => {
      const found = exclusions.get(Number(call.params["id"]))
      return found === undefined ? arrNotFound(call) : json(call, answer(found))
    }),
    route("POST", path, async (call) => {
      const body = await arrBody(call, Body)
      if (body === undefined) return arrBadBody(call)
      const [foreignId, title] = [String(body.raw[keys.id]), String(body.raw[keys.title])]
      if (exclusions.of(foreignId) !== undefined) {
        return arrInvalid(call, capital(keys.id), "This exclusion has already been added.", body.raw[keys.id])
      }
      const at = keys.year === undefined ? 0 : Number(body.raw[keys.year])
      return json(call, answer(exclusions.add(foreignId, title, at)), 201)
    }),
    route("DELETE", `${path}/:id`, (call) =>
      exclusions.delete(Number(call.params["id"])) ? json(call, {}) : arrNotFound(call)
    )
  ]
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

/** Adds, removes or replaces tags. */
const editTags = (
  before: ReadonlyArray<number>,
  tags: ReadonlyArray<number> | null,
  how: "add" | "remove" | "replace"
): ReadonlyArray<number> => {
  if (tags === null) return before
  if (how === "replace") return tags
  return how === "add" ? [...new Set([...before, ...tags])] : before.filter((tag) => !tags.includes(tag))
}

const EditorBody = Schema.Struct({
  monitored: optional(Schema.Boolean),
  qualityProfileId: optional(Schema.Int),
  tags: optional(Schema.Array(Schema.Int)),
  applyTags: Schema.optionalKey(Schema.Literals(["add", "remove", "replace"])),
  deleteFiles: Schema.optionalKey(Schema.Boolean)
})
