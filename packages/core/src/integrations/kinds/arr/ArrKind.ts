/**
 * Builds a kind from an application and a family: the name of a Servarr application and the path of its API, and
 * whether it manages movies, series, or creators with their works. An application that changed its family between
 * versions specifies both, and its status shows which one is running.
 */
import { Effect } from "effect"
import type {
  ArtworkCapability,
  ArtworkEntry,
  ArtworkLimits,
  Capability,
  ChangeCapability,
  Connected,
  ContentsReading,
  EntryFate,
  FactOrigin,
  Kind,
  Probe,
  Progress,
  RemovalCapability,
  RemovalTarget,
  Rereading,
  SyncSize
} from "../../Kind.ts"
import type { CatalogItem, ItemKind } from "../../Observations.ts"
import type { OddRecords } from "../../OddRecords.ts"
import type { Upstream } from "../../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { type ArrAccess, type ArrApplication, ArrConfig, arrProbe, majorOf, openArr, readDisks } from "./Arr.ts"
import { posterAt } from "../PosterAt.ts"
import { historyCalls, historyFormula } from "./ImportHistory.ts"
import type { ArrQueue } from "./Queue.ts"

/** The common part of applications of one family. */
export interface ArrFamily {
  readonly itemKinds: ReadonlyArray<ItemKind>
  /** In addition to `catalog`, `disks`, `removal`, `changes`, `queue` and `artwork`. */
  readonly capabilities: ReadonlyArray<Capability>
  /** Upstream calls that `readCatalog` makes for lists, whatever the size of the library. */
  readonly listCalls: number
  /** Calls that `rereadItem` makes for an existing item. */
  readonly rereadCalls: number
  /** Maximum number of calls that `presence` makes for an existing item. */
  readonly presenceCalls: number
  /** Whether it also reads the newest imports from the history, in pages. */
  readonly readsHistory: boolean
  /** Sources of its facts. */
  readonly facts: ReadonlyArray<FactOrigin>
  /** Possible paths of an entry's poster below `mediacover`, the likeliest first; empty for an entry without its own poster. */
  readonly covers: (entry: ArtworkEntry) => ReadonlyArray<string>
  readonly readCatalog: (access: ArrAccess, progress: Progress, odd: OddRecords) => Reading
  /** As `Rereading.catalog`. */
  readonly rereadItem: (access: ArrAccess, target: RemovalTarget, odd: OddRecords) => Reading
  readonly removal: (access: ArrAccess) => RemovalCapability
  /** Absent if its lists contain everything. */
  readonly contents?: (access: ArrAccess) => ContentsReading
  /** As `Kind.syncCost.contents`. */
  readonly contentsCalls?: string
  readonly changes: (access: ArrAccess) => ChangeCapability
  readonly queue: (access: ArrAccess) => ArrQueue
  /** As `Connected.collections`, and a poster of one; absent if it does not list its collections. */
  readonly collections?: {
    readonly read: (access: ArrAccess) => NonNullable<Connected["collections"]>
    readonly poster: (access: ArrAccess, key: string, limits: ArtworkLimits) => ReturnType<ArtworkCapability["poster"]>
  }
}

/** A range of versions of an application, and its family. */
export interface ArrGeneration {
  /** `movieFamily(…)`, `seriesFamily(…)` or `creatorFamily(…)`. */
  readonly family: ArrFamily
  /** Its major versions. Used only if there are several generations. */
  readonly majors?: ReadonlyArray<number>
}

/** Everything that distinguishes Servarr applications from each other. */
export interface ArrAbout {
  /** Stable identifier of the kind, such as `radarr`; lower case, and different from the ids of other kinds. */
  readonly id: string
  /** The display name, such as `Radarr`. */
  readonly title: string
  /** One sentence for the list of kinds. */
  readonly description: string
  /**
   * The application name in its status, and the path of its API without slashes around it, such as `api/v3`. A server
   * that reports another name is refused with `UpstreamMalformed`.
   */
  readonly application: Pick<ArrApplication, "appName" | "api">
  /** The port on which it listens unless configured otherwise. */
  readonly port: number
  /** One, unless the application changed its family between versions. */
  readonly generations: readonly [ArrGeneration, ...ReadonlyArray<ArrGeneration>]
}

/**
 * Makes a kind of a Servarr application, with catalog, disks, removal, restore and posters. It is configured by its API key alone.
 *
 * One sync costs five to seven calls, and up to ten more for the import history. Every reading and action fails with an
 * `UpstreamError` and with nothing else; an action counts as done, and an item as absent, only if the application
 * itself has confirmed it.
 *
 * @example
 * ```ts
 * import { sealKind } from "@tendarr/core/integrations/Kinds"
 * import { arrKind } from "@tendarr/core/integrations/kinds/arr/ArrKind"
 * import { seriesFamily } from "@tendarr/core/integrations/kinds/arr/Series"
 * import { idOf } from "@tendarr/core/integrations/kinds/Values"
 *
 * const lectarr = arrKind({
 *   id: "lectarr",
 *   title: "Lectarr",
 *   description: "Manages courses and their lectures.",
 *   application: { appName: "Lectarr", api: "api/v3" },
 *   port: 8990,
 *   generations: [{ family: seriesFamily(({ tvdbId }) => idOf("tvdb", tvdbId)) }]
 * })
 *
 * export const kinds = [sealKind(lectarr)]
 * ```
 */
export const arrKind = ({ application, description, generations, id, port, title }: ArrAbout): Kind<ArrConfig> => {
  const families = generations.map((generation) => generation.family)
  // diskspace and rootfolder, and the status if generations must be distinguished
  const more = generations.length > 1 ? 3 : 2
  const lists = more + Math.max(...families.map((family) => family.listCalls))
  const readsHistory = families.some((family) => family.readsHistory)
  return {
    id,
    title,
    description,
    capabilities: unique([
      "catalog",
      "disks",
      "removal",
      "changes",
      "queue",
      "artwork",
      ...families.flatMap((family) => family.capabilities)
    ]),
    itemKinds: unique(families.flatMap((family) => family.itemKinds)),
    config: ArrConfig,
    // `ping` is the same for all of them; the login page, which is public, contains the name.
    discovery: {
      defaultPort: port,
      hostNames: [id],
      path: "login",
      answer: `<title>(Login - )?${application.appName}</title>`
    },
    syncCost: {
      ...(readsHistory
        ? {
            formula: `${lists}, and ${historyFormula}. The figure assumes one import per item`,
            calls: ({ imports, items }: SyncSize) => lists + historyCalls(imports ?? items)
          }
        : { formula: `${lists}, whatever the size of the library`, calls: () => lists }),
      reread: rereadFormula(families),
      ...contentsFormula(families)
    },
    facts: uniqueOrigins(families.flatMap((family) => family.facts)),
    connect: (client, connection): Connected => {
      const upstream = openArr(client, connection)
      const parts = generations.map((generation) => partOf(upstream, application, connection.name, generation))
      const [only, ...others] = parts
      const { changes, contents, probe, queue, readCatalog, removal, rereadItem } =
        only !== undefined && others.length === 0
          ? only
          : selectedByVersion(upstream, application, connection.name, parts)
      return {
        probe,
        read: {
          catalog: readCatalog,
          disks: (_progress, odd) => readDisks(upstream, application, connection.name, odd)
        },
        reread: { catalog: rereadItem },
        contents,
        removal,
        changes,
        queue,
        ...(only?.collections === undefined || others.length > 0 ? {} : { collections: only.collections.read }),
        artwork: coversOf(upstream, application, families, only?.collections?.poster)
      }
    }
  }
}

const rereadFormula = (families: ReadonlyArray<ArrFamily>): string => {
  const callsText = (callsOf: (family: ArrFamily) => number, more: string) =>
    families
      .map((family) => `${callsOf(family)}${more}${families.length === 1 ? "" : ` for a ${family.itemKinds[0]}`}`)
      .join(", ")
  const reread = callsText((family) => family.rereadCalls, "")
  const presence = callsText((family) => family.presenceCalls, " more")
  return `${reread}; a part and its whole are read together. To check whether it exists, and to read its restore data: ${presence}`
}

const contentsFormula = (families: ReadonlyArray<ArrFamily>): Pick<Kind["syncCost"], "contents"> => {
  const calls = families.flatMap(({ contentsCalls }) => contentsCalls ?? [])
  return calls.length === 0 ? {} : { contents: calls.join("; ") }
}

/** The paths of images are the same in every generation. */
const coversOf = (
  upstream: Upstream,
  { api }: ArrAbout["application"],
  families: ReadonlyArray<ArrFamily>,
  ofCollection: CollectionPoster | undefined
): ArtworkCapability => ({
  poster: (entry, limits) => {
    const { kind } = entry
    if (kind === "collection") return ofCollection?.(entry.key, limits) ?? Effect.succeed(null)
    const covers = families.find(({ itemKinds }) => itemKinds.includes(kind))?.covers(entry) ?? []
    return posterAt(
      upstream,
      covers.map((cover) => `${api}/mediacover/${cover}`),
      limits
    )
  }
})

type Reading = Effect.Effect<ReadonlyArray<CatalogItem>, UpstreamError>

interface Whole {
  readonly probe: Effect.Effect<Probe, UpstreamError>
  readonly readCatalog: (progress: Progress, odd: OddRecords) => Reading
  readonly rereadItem: NonNullable<Rereading["catalog"]>
  readonly removal: RemovalCapability
  readonly contents: ContentsReading
  readonly changes: ChangeCapability
  readonly queue: ArrQueue
}

type CollectionPoster = (key: string, limits: ArtworkLimits) => ReturnType<ArtworkCapability["poster"]>

interface Part extends Whole {
  readonly majors: ReadonlyArray<number>
  readonly collections:
    { readonly read: NonNullable<Connected["collections"]>; readonly poster: CollectionPoster } | undefined
}

const partOf = (
  upstream: Upstream,
  { api, appName }: ArrAbout["application"],
  integration: string,
  { family, majors }: ArrGeneration
): Part => {
  const application = { appName, api, ...(majors === undefined ? {} : { majors }) }
  const probe = arrProbe(upstream, application, integration)
  const access: ArrAccess = { upstream, application, integration, probe }
  const { collections } = family
  return {
    collections:
      collections === undefined
        ? undefined
        : {
            read: collections.read(access),
            poster: (key, limits) => collections.poster(access, key, limits)
          },
    majors: majors ?? [],
    probe,
    removal: family.removal(access),
    contents: family.contents?.(access) ?? {},
    changes: family.changes(access),
    queue: family.queue(access),
    readCatalog: (progress, odd) => family.readCatalog(access, progress, odd),
    rereadItem: (target, odd) => family.rereadItem(access, target, odd)
  }
}

/**
 * Selects one of several generations by the status, at each use: an installation may be replaced at its address. Stored
 * data of an item contains its generation, and each generation verifies its own version before it treats an item as
 * absent.
 */
const selectedByVersion = (
  upstream: Upstream,
  application: ArrApplication,
  integration: string,
  parts: ReadonlyArray<Part>
): Whole => {
  const current = Effect.gen(function* () {
    const probe = yield* arrProbe(upstream, application, integration)
    const part = parts.find(({ majors }) => majors.includes(majorOf(probe.version)))
    if (part !== undefined) return { part, probe }
    return yield* new UpstreamMalformed({
      integration,
      call: `GET ${application.api}/system/status`,
      detail: `version ${probe.version ?? "(none)"} is not known: ${parts.flatMap(({ majors }) => majors).join(" or ")}`
    })
  })
  const partFor = (kind: ItemKind): Effect.Effect<Part, UpstreamError> => {
    const part = parts.find(({ removal }) => removal.kinds.includes(kind))
    return part === undefined ? Effect.map(current, (found) => found.part) : Effect.succeed(part)
  }
  const removalOf = (kind: ItemKind) => Effect.map(partFor(kind), ({ removal }) => removal)
  return {
    probe: Effect.map(current, ({ probe }) => probe),
    readCatalog: (progress, odd) => Effect.flatMap(current, ({ part }) => part.readCatalog(progress, odd)),
    rereadItem: (target, odd) => Effect.flatMap(partFor(target.kind), (part) => part.rereadItem(target, odd)),
    // Only one of the generations has wholes.
    contents: parts.reduce<ContentsReading>((all, { contents }) => ({ ...all, ...contents }), {}),
    removal: {
      kinds: unique(parts.flatMap(({ removal }) => removal.kinds)),
      actions: Object.assign({}, ...parts.map(({ removal }) => removal.actions)),
      presence: (target) => Effect.flatMap(removalOf(target.kind), (removal) => removal.presence(target)),
      remove: (target, options) => Effect.flatMap(removalOf(target.kind), (removal) => removal.remove(target, options)),
      settleEntry: (part, choice, options) =>
        Effect.flatMap(
          removalOf(part.kind),
          (removal) => removal.settleEntry?.(part, choice, options) ?? Effect.succeed(noParts)
        ),
      putBack: (target, kept, action) =>
        Effect.flatMap(removalOf(target.kind), (removal) => removal.putBack?.(target, kept, action) ?? Effect.void),
      restore: (kept, options) => Effect.flatMap(current, ({ part }) => part.removal.restore(kept, options)),
      isBack: (kept, action) => Effect.flatMap(current, ({ part }) => part.removal.isBack(kept, action))
    },
    changes: {
      kinds: unique(parts.flatMap(({ changes }) => changes.kinds)),
      monitors: unique(parts.flatMap(({ changes }) => changes.monitors)),
      state: (target) => Effect.flatMap(partFor(target.kind), ({ changes }) => changes.state(target)),
      change: (target, wanted) => Effect.flatMap(partFor(target.kind), ({ changes }) => changes.change(target, wanted))
    },
    queue: {
      read: Effect.flatMap(current, ({ part }) => part.queue.read),
      history: (since) => Effect.flatMap(current, ({ part }) => part.queue.history(since)),
      historyOf: (downloadId) => Effect.flatMap(current, ({ part }) => part.queue.historyOf(downloadId)),
      remove: (rowIds, options) => Effect.flatMap(current, ({ part }) => part.queue.remove(rowIds, options)),
      stillWanted: (targets) => Effect.flatMap(current, ({ part }) => part.queue.stillWanted(targets)),
      search: (targets) => Effect.flatMap(current, ({ part }) => part.queue.search(targets)),
      imports: {
        from: (request) => Effect.flatMap(current, ({ part }) => part.queue.imports.from(request)),
        underWay: Effect.flatMap(current, ({ part }) => part.queue.imports.underWay)
      }
    }
  }
}

const noParts: EntryFate = { _tag: "Kept", reason: "it has no parts" }

const unique = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => [...new Set(values)]

/** Several generations may share an origin. */
const uniqueOrigins = (origins: ReadonlyArray<FactOrigin>): ReadonlyArray<FactOrigin> => [
  ...new Map(origins.map((origin) => [`${origin.facts.join()}|${origin.places}`, origin])).values()
]
