/**
 * A simulated arr for creators and their pieces: its API v1 over a shelf of the world. As in the original, a piece that
 * is deleted alone comes back when its creator is refreshed, unless it is excluded. One arr uses artists and albums,
 * the other authors and books: the terms are parameters, as are the fields that differ.
 */
import { Schema } from "effect"
import type { SandboxWorld } from "../../SandboxWorld.ts"
import type { CreatorRecord, CreatorWork, PieceRecord } from "../../world/CreatorModel.ts"
import type { CreatorShelf, Wanted } from "../../world/CreatorShelf.ts"
import { poster } from "../Poster.ts"
import { json } from "../Reply.ts"
import { type AppContext, type Call, openRoute, route, type Route, type SandboxApp } from "../SandboxApp.ts"
import { arrApp, arrInvalid, arrNotFound, optional } from "./ArrReplies.ts"
import { type ArrEvent, type ArrParts, arrRoutes, numbersIn } from "./ArrRoutes.ts"
import { creatorAnswers, type CreatorFormat, type Fields } from "./CreatorAnswers.ts"
import { entryFields, entryRoutes, exclusionRoutes } from "./EntryRoutes.ts"
import { pieceRoutes } from "./PieceRoutes.ts"

export interface CreatorArr extends Pick<SandboxApp, "id" | "kind" | "name" | "onlyWhenNamed"> {
  readonly version: string
  readonly shelf: (world: SandboxWorld, number: number) => CreatorShelf
  readonly format: CreatorFormat
  /** Fields of its root folder in addition to path, space and id. */
  readonly root: Fields
  readonly profiles: ArrParts["profiles"]
  readonly metadataProfiles: ReadonlyArray<Fields & { readonly id: number }>
  readonly tagUses: ReadonlyArray<string>
  /** The query parameter for one creator; `null` if there is none. */
  readonly asked: string | null
  /** The prefix of a search term that names one creator. */
  readonly term: string
  /** In addition to those derived from the terms. */
  readonly commands: ReadonlyArray<string>
  /** Names of an import and of a deletion in the history. */
  readonly eventTypes: readonly [imported: string, deleted: string]
  readonly more?: (shelf: CreatorShelf, api: string) => ReadonlyArray<Route>
}

const api = "/api/v1"

export const creatorArr = (about: CreatorArr): SandboxApp => ({
  ...arrApp,
  id: about.id,
  kind: about.kind,
  name: about.name,
  ...(about.onlyWhenNamed === undefined ? {} : { onlyWhenNamed: about.onlyWhenNamed }),
  routes: (context) => {
    const shelf = about.shelf(context.world, context.number)
    const { words } = about.format
    return [
      ...arrRoutes(context, {
        appName: about.name,
        version: about.version,
        api,
        root: { path: shelf.root, more: about.root },
        profiles: about.profiles,
        tags: shelf.tags,
        tagUses: about.tagUses,
        tagged: (tagId) => ({
          [`${words.creator}Ids`]: [...shelf.creators.values()]
            .filter((creator) => creator.tags.includes(tagId))
            .map((creator) => creator.id)
        }),
        command: (name, body) => runCommand(shelf, about, name, body),
        history: () => history(shelf, about),
        historyOf: words.creator
      }),
      route("GET", `${api}/metadataprofile`, (call) => json(call, about.metadataProfiles)),
      ...creatorRoutes(context, shelf, about),
      ...pieceRoutes(context, shelf, api, about.format),
      ...exclusionRoutes(shelf.exclusions, {
        api,
        path: "importlistexclusion",
        keys: { id: "foreignId", title: `${words.creator}Name` },
        isNumber: false
      }),
      ...(about.more?.(shelf, api) ?? [])
    ]
  }
})

const creatorRoutes = (context: AppContext, shelf: CreatorShelf, about: CreatorArr): ReadonlyArray<Route> => {
  const { words } = about.format
  const answers = creatorAnswers(context, shelf, about.format)
  const foreignKey = `foreign${capital(words.creator)}Id`
  const foreignIdIn = (body: CreatorBody) => textOf(body[foreignKey])
  return [
    ...entryRoutes<CreatorRecord, CreatorBody>(context, {
      api,
      path: words.creator,
      title: capital(words.creator),
      idsKey: `${words.creator}Ids`,
      root: shelf.root,
      profiles: about.profiles,
      entries: shelf.creators,
      isListed: (query) => {
        const foreignId = about.asked === null ? null : query.get(about.asked)
        return (creator) => foreignId === null || creator.work.foreignId === foreignId
      },
      lookup: (term) => {
        const work = term.startsWith(about.term) ? shelf.known(term.slice(about.term.length)) : undefined
        return work === undefined ? [] : [answers.creatorWork(work)]
      },
      answer: answers.creator,
      body: CreatorBody,
      refuse: (call, body) => {
        const foreignId = foreignIdIn(body)
        const property = capital(foreignKey)
        const name = words.creator
        if (shelf.known(foreignId) === undefined)
          return arrInvalid(call, property, `An ${name} with this ID was not found`, foreignId)
        if (shelf.of(foreignId) !== undefined)
          return arrInvalid(call, property, `This ${name} has already been added.`, foreignId)
        const { metadataProfileId = 0 } = body
        return about.metadataProfiles.some((profile) => profile.id === metadataProfileId)
          ? undefined
          : arrInvalid(call, "MetadataProfileId", "Metadata profile does not exist", metadataProfileId)
      },
      add: (body, entry) => {
        const creator = shelf.add(
          shelf.known(foreignIdIn(body))!,
          {
            ...entry,
            rootFolder: shelf.root,
            metadataProfileId: body.metadataProfileId ?? 0,
            monitorNewItems: body.monitorNewItems ?? "all"
          },
          wantedOf(body, `${words.piece}sToMonitor`)
        )
        if (body.addOptions?.[`searchForMissing${capital(words.piece)}s`] === true) searchAll(shelf, creator)
        return creator
      },
      change: (creator, body) => {
        creator.monitorNewItems = body.monitorNewItems ?? "all"
        creator.metadataProfileId = body.metadataProfileId ?? 0
      },
      remove: (creator, mode) => shelf.remove(creator, mode),
      exclude: ({ work }) => shelf.exclusions.add(work.foreignId, work.name, 0),
      excludeKey: "addImportListExclusion"
    }),
    route("GET", `${api}/mediacover/${words.creator}/:id/:file`, (call) => {
      const creator = shelf.creators.get(Number(call.params["id"]))
      return creator === undefined ? arrNotFound(call) : portrait(creator.work)
    }),
    route("GET", `${api}/mediacover/${words.piece}/:id/:file`, (call) => {
      const piece = shelf.pieces.get(Number(call.params["id"]))
      return piece === undefined ? arrNotFound(call) : poster(piece.work.title, yearOf(piece.work.releasedAt))
    }),
    // Represents the metadata provider, where posters and covers are public.
    openRoute("GET", "/art/:foreignId/:file", (call: Call) => {
      const foreignId = call.params["foreignId"] ?? ""
      const creator: CreatorWork | undefined = shelf.known(foreignId)
      if (creator !== undefined) return portrait(creator)
      const piece = [...shelf.pieces.values()].find((each) => each.work.foreignId === foreignId)
      return piece === undefined ? arrNotFound(call) : poster(piece.work.title, yearOf(piece.work.releasedAt))
    })
  ]
}

const portrait = ({ name, pieces }: CreatorWork): Response => poster(name, yearOf(pieces[0]?.releasedAt ?? 0))

/** Which pieces of an added creator the body monitors. An empty list means all. */
const wantedOf = ({ addOptions }: CreatorBody, key: string): Wanted => {
  const named = addOptions?.[key]
  if (Array.isArray(named) && named.length > 0) return new Set(named.map(textOf))
  return addOptions?.["monitor"] === "none" ? "none" : "all"
}

const searchAll = (shelf: CreatorShelf, creator: CreatorRecord): void => {
  if (creator.monitored) for (const piece of creator.pieces) shelf.search(piece)
}

const runCommand = (shelf: CreatorShelf, about: CreatorArr, name: string, body: Fields): boolean => {
  const { words } = about.format
  const [creatorWord, pieceWord] = [capital(words.creator), capital(words.piece)]
  const id = body[`${words.creator}Id`]
  const creator = typeof id === "number" ? shelf.creators.get(id) : undefined
  const creators = creator === undefined ? [...shelf.creators.values()] : [creator]
  switch (name) {
    case `${creatorWord}Search`:
      if (creator !== undefined) searchAll(shelf, creator)
      return true
    case `Missing${pieceWord}Search`:
      for (const each of creators) searchAll(shelf, each)
      return true
    case `${pieceWord}Search`:
      for (const piece of numbersIn(body[`${words.piece}Ids`])) {
        const found = shelf.pieces.get(piece)
        if (found !== undefined) shelf.search(found)
      }
      return true
    case `Refresh${creatorWord}`:
      for (const each of creators) shelf.refresh(each)
      return true
    case `Downloaded${pieceWord}sScan`:
    case `CutoffUnmet${pieceWord}Search`:
    case `BulkRefresh${creatorWord}`:
    case `Rename${creatorWord}`:
    case `Retag${creatorWord}`:
      return true
    default:
      return ownCommands.has(name) || about.commands.includes(name)
  }
}

const ownCommands = new Set(["RescanFolders", "RetagFiles"])

/** One event per piece. */
const history = (shelf: CreatorShelf, { eventTypes, format }: CreatorArr): ReadonlyArray<ArrEvent> => {
  const { words } = format
  const event = (
    piece: PieceRecord,
    at: number,
    eventType: string,
    data: Readonly<Record<string, string>>
  ): ArrEvent => ({
    at,
    type: eventType,
    record: () => ({
      [`${words.piece}Id`]: piece.id,
      [`${words.creator}Id`]: piece.creator.id,
      ...format.event,
      sourceTitle: `${piece.creator.work.name} - ${piece.work.title}`,
      quality: format.quality(piece.work),
      customFormats: [],
      customFormatScore: 0,
      qualityCutoffNotMet: false,
      data
    })
  })
  const imports = [...shelf.pieces.values()]
    .filter((piece) => piece.files !== 0)
    .map((piece) => event(piece, piece.fileAddedAt, eventTypes[0], {}))
  const deletions = shelf.deletions.map(({ at, piece }) => event(piece, at, eventTypes[1], { reason: "Manual" }))
  return [...imports, ...deletions].sort((one, other) => other.at - one.at)
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")
const yearOf = (at: number): number => new Date(at).getUTCFullYear()
const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

const CreatorBody = Schema.StructWithRest(
  Schema.Struct({
    ...entryFields,
    metadataProfileId: Schema.optionalKey(Schema.Int),
    monitorNewItems: Schema.optionalKey(Schema.String),
    addOptions: optional(Schema.Record(Schema.String, Schema.Unknown))
  }),
  [Schema.Record(Schema.String, Schema.Unknown)]
)
type CreatorBody = typeof CreatorBody.Type
