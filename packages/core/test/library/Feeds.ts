/**
 * Integrations whose responses a test sets, one feed each, with all services of Tendarr. `support/Stack.ts` simulates a
 * consistent stack instead; these feeds may report anything.
 */
import { Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import type { IntegrationOptions } from "../../src/integrations/Integration.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { Connected, ContentsReading, Kind, Probe, Progress, WholeEntry } from "../../src/integrations/Kind.ts"
import { Kinds, sealKind } from "../../src/integrations/Kinds.ts"
import { episodeItems } from "../../src/integrations/kinds/arr/SeriesEpisodes.ts"
import type { Contents, ContentsList, EntryDetail, Observation, Observed } from "../../src/integrations/Observations.ts"
import type { OddRecords } from "../../src/integrations/OddRecords.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import type { UpstreamError } from "../../src/integrations/UpstreamErrors.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { ServicesOver } from "../../src/Services.ts"
import { SqlTest, type SqlTestServices } from "../support/Sql.ts"
import { startOfTest } from "../support/Stack.ts"

type Answers = { -readonly [O in Observation]?: Observed[O] }

export interface Feed extends Answers {
  /** Observations that fail instead, after a page was reported. */
  failing?: Partial<Record<Observation, UpstreamError>>
  /** Adds the faulty records of a response to the collector of its reading. */
  odd?: Partial<Record<Observation, (odd: OddRecords) => void>>
  /** What its probe reports in addition to its name. */
  says?: Pick<Probe, "identity" | "watches">
  /** The failure of its probe. */
  probeFails?: UpstreamError
  /** The contents of wholes by their external ids, or why they cannot be read. */
  contents?: Readonly<Record<string, Partial<Contents> | UpstreamError>>
  /** The lists of contents that were read, as `episodes of 1`. */
  contentsRead?: Array<string>
  /** What was last wanted about the entries of a media server. */
  wanted?: ReadonlyArray<EntryDetail>
  /** How often each was read. */
  readonly reads: Partial<Record<Observation, number>>
}

/** Feeds by the name of their integration. */
export class Feeds {
  readonly #feeds = new Map<string, Feed>()

  of(name: string): Feed {
    const before = this.#feeds.get(name)
    if (before !== undefined) return before
    const feed: Feed = { reads: {} }
    this.#feeds.set(name, feed)
    return feed
  }
}

const capabilitiesOf = {
  manager: ["catalog", "disks", "removal", "collections"],
  server: ["playback", "labels", "collections"],
  statistics: ["playback"],
  wishes: ["requests"]
} as const satisfies Readonly<Record<string, Kind["capabilities"]>>

const observationsOf = {
  manager: ["catalog", "disks"],
  server: ["serverItems", "playback"],
  statistics: ["playback"],
  wishes: ["requests", "watchlists"]
} as const satisfies Readonly<Record<string, ReadonlyArray<Observation>>>

export type FeedKind = keyof typeof capabilitiesOf

const empty: Observed = {
  catalog: [],
  disks: { disks: [], rootFolders: [] },
  serverItems: [],
  playback: [],
  requests: [],
  watchlists: []
}

const readOf =
  <O extends Observation>(feed: Feed, observation: O) =>
  (
    progress: Progress,
    odd: OddRecords,
    wanted: ReadonlySet<EntryDetail> = new Set()
  ): Effect.Effect<Observed[O], UpstreamError> =>
    Effect.gen(function* () {
      if (observation === "serverItems") feed.wanted = [...wanted]
      feed.reads[observation] = (feed.reads[observation] ?? 0) + 1
      yield* progress(1, 2)
      const failure = feed.failing?.[observation]
      if (failure !== undefined) return yield* Effect.fail(failure)
      feed.odd?.[observation]?.(odd)
      const answers: Answers = feed
      return answers[observation] ?? empty[observation]
    })

const removal: NonNullable<Connected["removal"]> = {
  kinds: ["movie", "show", "season", "episode"],
  presence: () => Effect.succeed({ _tag: "Absent" }),
  remove: () => Effect.void,
  restore: () => Effect.succeed({ externalId: "1" }),
  isBack: () => Effect.succeed(null)
}

const feedKind = (feeds: Feeds, id: FeedKind): Kind<{}> => ({
  id,
  title: id,
  description: "A feed of a test",
  capabilities: capabilitiesOf[id],
  itemKinds: ["movie", "show", "season", "episode"],
  config: Schema.Struct({}),
  syncCost: { formula: "none", calls: () => 0 },
  connect: (_client, { name }) => ({
    probe: Effect.suspend(() => {
      const { probeFails, says } = feeds.of(name)
      return probeFails === undefined
        ? Effect.succeed({ appName: id, version: "1", latencyMillis: 1, ...says })
        : Effect.fail(probeFails)
    }),
    read: Object.fromEntries(
      // A request manager reads watchlists only if it is configured to.
      observationsOf[id].flatMap((observation) =>
        observation === "watchlists" && feeds.of(name).watchlists === undefined
          ? []
          : [[observation, readOf(feeds.of(name), observation)] as const]
      )
    ),
    ...(id === "manager" ? { removal, contents: contentsOf(feeds, name) } : {})
  })
})

const contentsOf = (feeds: Feeds, name: string): ContentsReading => {
  const reading =
    <L extends ContentsList>(list: L, none: Contents[L]) =>
    ({ externalId }: WholeEntry): Effect.Effect<Contents[L], UpstreamError> =>
      Effect.suspend(() => {
        const feed = feeds.of(name)
        feed.contentsRead = [...(feed.contentsRead ?? []), `${list} of ${externalId}`]
        const found = feed.contents?.[externalId] ?? {}
        return "_tag" in found ? Effect.fail(found) : Effect.succeed(found[list] ?? none)
      })
  return {
    episodes: reading("episodes", []),
    files: reading("files", []),
    items: (whole, contents, at) => Effect.sync(() => episodeItems(whole, contents, at))
  }
}

type SqlTestFailure = Layer.Error<typeof SqlTest>

const noClient = Layer.succeed(UpstreamClient, {
  open: () => {
    throw new Error("Feeds speak to nobody")
  }
})

/** All services with these feeds, external kinds, and an empty database, which is in memory by default. */
export const feedTest = <E = never, R = never>(
  feeds: Feeds,
  database: Layer.Layer<SqlTestServices, E | SqlTestFailure, R> = SqlTest,
  outside: ReadonlyArray<Kind> = []
) =>
  ServicesOver.pipe(
    Layer.provideMerge(
      Layer.mergeAll(
        Kinds.layerWith([
          ...(["manager", "server", "statistics", "wishes"] as const).map((id) => sealKind(feedKind(feeds, id))),
          ...outside
        ]),
        noClient
      )
    ),
    Layer.provideMerge(database),
    Layer.provide(Layer.effectDiscard(TestClock.setTime(startOfTest)))
  )

/** Connects a feed under its name and returns the id. */
export const connectFeed = Effect.fnUntraced(function* (
  kind: FeedKind,
  name: string,
  options: Partial<IntegrationOptions> = {}
) {
  const integrations = yield* Integrations
  const { id } = yield* integrations.create({
    kind,
    name,
    url: `http://${encodeURIComponent(name.replaceAll(" ", "-"))}.test`,
    config: {},
    options
  })
  return id
})

export interface ItemTimes {
  readonly id: number
  readonly external_id: string
  readonly title: string
  readonly updated_at: string
  readonly gone_at: string | null
}

/** Every row of the table of items, gone ones included. */
export const itemRows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* Effect.orDie(
    sql<ItemTimes>`SELECT id, external_id, title, updated_at, gone_at FROM items ORDER BY integration_id, external_id`
  )
})

/** The trust in the sources of the current library. */
export const currentContext = Effect.flatMap(Snapshots, (snapshots) =>
  Effect.flatMap(snapshots.get, snapshots.contextOf)
)

/** Titles of the existing items. */
export const presentTitles = Effect.map(itemRows, (rows) =>
  rows.filter((row) => row.gone_at === null).map((row) => row.title)
)
