/** Single items that the real kinds read again, and the full readings for comparison. */
import { Effect } from "effect"
import type { Connected, EntryKeys } from "../../src/integrations/Kind.ts"
import type { CatalogItem, PlaybackEntry, RequestEntry, ServerItem } from "../../src/integrations/Observations.ts"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import type { UpstreamError } from "../../src/integrations/UpstreamErrors.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { silent } from "./Reading.ts"
import { withSandbox } from "./SandboxTest.ts"

type Reading<A> = Effect.Effect<ReadonlyArray<A>, UpstreamError>
const missing = (what: string) => Effect.die(new Error(`nothing reads ${what}`))

export const catalogOf = ({ read }: Connected): Reading<CatalogItem> =>
  read.catalog?.(silent, new OddRecords()) ?? missing("the catalog")
export const serverItemsOf = ({ read }: Connected): Reading<ServerItem> =>
  read.serverItems?.(silent, new OddRecords()) ?? missing("entries")
export const playbackOf = ({ read }: Connected): Reading<PlaybackEntry> =>
  read.playback?.(silent, new OddRecords()) ?? missing("plays")
export const requestsOf = ({ read }: Connected): Reading<RequestEntry> =>
  read.requests?.(silent, new OddRecords()) ?? missing("requests")

export const again = {
  catalog: ({ reread }: Connected, item: CatalogItem): Reading<CatalogItem> =>
    reread?.catalog?.(item, new OddRecords()) ?? missing("one item"),
  serverItems: ({ reread }: Connected, entries: ReadonlyArray<EntryKeys>): Reading<ServerItem> =>
    reread?.serverItems?.(entries, new OddRecords()) ?? missing("one entry"),
  playback: ({ reread }: Connected, entries: ReadonlyArray<EntryKeys>): Reading<PlaybackEntry> =>
    reread?.playback?.(entries, new OddRecords()) ?? missing("plays of one entry"),
  requests: ({ reread }: Connected, wanted: Pick<RequestEntry, "ids" | "kind">): Reading<RequestEntry> =>
    reread?.requests?.(wanted, new OddRecords()) ?? missing("requests for one title")
}

/** The request for an entry; for a season, with its show. */
export const keysOf = (item: ServerItem, all: ReadonlyArray<ServerItem>): EntryKeys => {
  const show = item.kind === "season" ? all.find((one) => one.serverItemId === item.parentServerItemId)! : item
  return {
    kind: show.kind === "movie" ? "movie" : "show",
    serverItemId: show.serverItemId,
    guid: show.guid ?? null,
    title: show.title,
    season: item.kind === "season" ? { number: item.seasonNumber ?? 0, serverItemId: item.serverItemId } : null
  }
}

export const stack = <A, E>(kinds: ReadonlyArray<string>, body: Effect.Effect<A, E, Sandbox>, items = 250) =>
  withSandbox({ items, kinds }, body)

/** Somebody plays a movie, and somebody else an episode. */
export const playSomething = Effect.gen(function* () {
  const { world } = yield* Sandbox
  const movies = [...world.films.onServer.values()]
  const shows = [...world.series.onServer.values()]
  world.play(world.people[1]!, movies[0]!, null, 0, 40)
  const season = shows[0]!.seasons.find((one) => (one.files & 1) === 1)!
  world.play(world.people[2]!, null, season, 1, 70)
})
