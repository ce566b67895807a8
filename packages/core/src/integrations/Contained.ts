/**
 * Connects a kind so that its bugs affect only its own integration. A kind is code that may come from outside: if it
 * throws or dies, that integration fails as it would for an unreadable response, and the cause is logged. Interruption
 * passes.
 */
import { Cause, Effect, Result } from "effect"
import type { ImportCapability, QueueCapability } from "./QueueCapability.ts"
import {
  type ArtworkCapability,
  type ChangeCapability,
  type Connected,
  type Connection,
  type ContentsReading,
  type Kind,
  type Progress,
  type RemovalCapability,
  type RequestReset,
  type Rereading
} from "./Kind.ts"
import { containedDownloads, failingDownloads } from "./ContainedDownloads.ts"
import { type ContentsList, type EntryDetail, type Observation, observations, type Observed } from "./Observations.ts"
import type { OddRecords } from "./OddRecords.ts"
import type { UpstreamClient } from "./Upstream.ts"
import { type UpstreamError, UpstreamHeldBack, UpstreamMalformed } from "./UpstreamErrors.ts"

export const connectContained = (
  kind: Kind,
  client: UpstreamClient["Service"],
  connection: Connection<unknown>
): Connected => {
  const contain = containing(kind, connection)
  const connected = Result.try({
    try: () => containedUses(contain, kind.connect(client, connection)),
    catch: (defect) => defect
  })
  return Result.isSuccess(connected) ? connected.success : broken(kind, contain, connected.failure)
}

const containedUses = (contain: Contain, connected: Connected): Connected => {
  const { artwork, changes, collections, contents, downloads, queue, read, removal, requestReset, reread } = connected
  return {
    probe: contain("probe", () => connected.probe),
    read: Object.fromEntries(
      observations.flatMap((observation) => {
        const readIt: Reading | undefined = read[observation]
        return readIt === undefined ? [] : [[observation, containedRead(contain, observation, readIt)] as const]
      })
    ),
    ...(reread === undefined ? {} : { reread: containedRereading(contain, reread) }),
    ...(contents === undefined ? {} : { contents: containedContents(contain, contents) }),
    ...(removal === undefined ? {} : { removal: containedRemoval(contain, removal) }),
    ...(changes === undefined ? {} : { changes: containedChanges(contain, changes) }),
    ...(collections === undefined ? {} : { collections: containedCollections(contain, collections) }),
    ...(requestReset === undefined ? {} : { requestReset: containedReset(contain, requestReset) }),
    ...(artwork === undefined ? {} : { artwork: containedArtwork(contain, artwork) }),
    ...(downloads === undefined ? {} : { downloads: containedDownloads(contain, downloads) }),
    ...(queue === undefined ? {} : { queue: containedQueue(contain, queue) })
  }
}

export type Contain = ReturnType<typeof containing>

/** The common type of all readings. */
type Reading = (
  progress: Progress,
  odd: OddRecords,
  wanted?: ReadonlySet<EntryDetail>
) => Effect.Effect<Observed[Observation], UpstreamError>

/**
 * Runs the effect that `call` returns; `what` names it in messages. A defect for which `isOurs` is true passes
 * unchanged.
 */
const containing =
  (kind: Kind, { integrationId, name: integration }: Connection<unknown>) =>
  <A>(
    what: string,
    call: () => Effect.Effect<A, UpstreamError>,
    isOurs: () => boolean = () => false
  ): Effect.Effect<A, UpstreamError> =>
    Effect.suspend(call).pipe(
      Effect.catchCauseIf(
        (cause) => Cause.hasDies(cause) && !Cause.hasInterrupts(cause) && !isOurs(),
        (cause) =>
          Effect.logError(`The kind "${kind.id}" failed (${what} of ${integration})`, cause).pipe(
            Effect.andThen(
              Effect.fail(
                new UpstreamMalformed({
                  integration,
                  call: what,
                  // The message may quote what was read or sent, so it goes only to the server's log.
                  detail: `the kind "${kind.id}" failed (${nameOf(Cause.squash(cause))}); the server's log says more`
                })
              )
            )
          )
      ),
      // For the spans of its calls; a draft has no id.
      Effect.annotateSpans({
        "tendarr.integration.kind": kind.id,
        ...(integrationId === "" ? {} : { "tendarr.integration.id": integrationId })
      })
    )

const nameOf = (defect: unknown): string => (defect instanceof Error ? defect.name : typeof defect)

/**
 * A value that is not a list could be taken for an empty one, or end the sync of all integrations. A defect within
 * `progress` is not the kind's.
 */
const containedRead =
  (contain: Contain, observation: Observation, read: Reading): Reading =>
  (progress, odd, wanted) =>
    Effect.suspend(() => {
      let progressDied = false
      const guarded: Progress = (done, total) =>
        Effect.tapDefect(progress(done, total), () => Effect.sync(() => void (progressDied = true)))
      return contain(
        observation,
        () => Effect.tap(read(guarded, odd, wanted), (value) => checkShape(observation, value)),
        () => progressDied
      )
    })

const checkShape = (observation: Observation, value: Observed[Observation]): Effect.Effect<void> => {
  const fits =
    observation === "disks"
      ? isObject(value) && "disks" in value && Array.isArray(value.disks) && Array.isArray(value.rootFolders)
      : Array.isArray(value) && value.every(isObject)
  return fits ? Effect.void : Effect.die(new TypeError(`The ${observation} do not match the contract of kinds`))
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const containedList =
  (contain: Contain) =>
  <A extends ReadonlyArray<unknown>>(
    what: Observation | ContentsList,
    read: () => Effect.Effect<A, UpstreamError>
  ): Effect.Effect<A, UpstreamError> =>
    contain(`${what} of one item`, () =>
      Effect.tap(read(), (value) =>
        Array.isArray(value) && value.every(isObject) ? Effect.void : Effect.die(new TypeError(`No list of ${what}`))
      )
    )

const containedContents = (contain: Contain, { episodes, files, items }: ContentsReading): ContentsReading => {
  const list = containedList(contain)
  return {
    ...(episodes === undefined ? {} : { episodes: (whole) => list("episodes", () => episodes(whole)) }),
    ...(files === undefined ? {} : { files: (whole) => list("files", () => files(whole)) }),
    ...(items === undefined ? {} : { items: (show, contents, at) => list("catalog", () => items(show, contents, at)) })
  }
}

const containedRereading = (contain: Contain, reread: Rereading): Rereading => {
  const { catalog, playback, requests, serverItems, watchlists } = reread
  const list = containedList(contain)
  return {
    ...(catalog === undefined ? {} : { catalog: (target, odd) => list("catalog", () => catalog(target, odd)) }),
    ...(serverItems === undefined
      ? {}
      : { serverItems: (entries, odd) => list("serverItems", () => serverItems(entries, odd)) }),
    ...(playback === undefined ? {} : { playback: (entries, odd) => list("playback", () => playback(entries, odd)) }),
    ...(requests === undefined ? {} : { requests: (wanted, odd) => list("requests", () => requests(wanted, odd)) }),
    ...(watchlists === undefined
      ? {}
      : { watchlists: (wanted, odd) => list("watchlists", () => watchlists(wanted, odd)) })
  }
}

const containedRemoval = (contain: Contain, removal: RemovalCapability): RemovalCapability => {
  const { putBack, settleEntry } = removal
  return {
    kinds: removal.kinds,
    ...(removal.actions === undefined ? {} : { actions: removal.actions }),
    ...(removal.irreversible === undefined ? {} : { irreversible: removal.irreversible }),
    presence: (target) => contain("presence", () => removal.presence(target)),
    remove: (target, options) => contain("remove", () => removal.remove(target, options)),
    restore: (given, options) => contain("restore", () => removal.restore(given, options)),
    isBack: (given, action) => contain("isBack", () => removal.isBack(given, action)),
    ...(putBack === undefined
      ? {}
      : { putBack: (target, restore, action) => contain("putBack", () => putBack(target, restore, action)) }),
    ...(settleEntry === undefined
      ? {}
      : { settleEntry: (part, choice, options) => contain("settleEntry", () => settleEntry(part, choice, options)) })
  }
}

const containedChanges = (
  contain: Contain,
  { change, kinds, monitors, state }: ChangeCapability
): ChangeCapability => ({
  kinds,
  monitors,
  state: (target) => contain("state", () => state(target)),
  change: (target, wanted) => contain("change", () => change(target, wanted))
})

const containedCollections = (contain: Contain, read: NonNullable<Connected["collections"]>) =>
  contain("collections", () =>
    Effect.tap(read, (value) =>
      Array.isArray(value) && value.every(isObject) ? Effect.void : Effect.die(new TypeError("No list of collections"))
    )
  )

const containedReset = (contain: Contain, { find, reset }: RequestReset): RequestReset => ({
  find: (target) =>
    contain("requests to reset", () =>
      Effect.tap(find(target), (keys) =>
        Array.isArray(keys) && keys.every((key) => typeof key === "string")
          ? Effect.void
          : Effect.die(new TypeError("No list of keys"))
      )
    ),
  reset: (key) => contain("reset of a request", () => reset(key))
})

const containedArtwork = (contain: Contain, artwork: ArtworkCapability): ArtworkCapability => ({
  poster: (entry, limits) =>
    contain("poster", () =>
      Effect.tap(artwork.poster(entry, limits), (image) =>
        image === null || image instanceof Uint8Array ? Effect.void : Effect.die(new TypeError("No bytes of a poster"))
      )
    )
})

/** Entries that are no list could be taken for an empty queue, whose downloads belong to nobody. */
const containedQueue = (contain: Contain, queue: QueueCapability): QueueCapability => {
  const list = <A>(what: string, read: Effect.Effect<ReadonlyArray<A>, UpstreamError>) =>
    contain(what, () =>
      Effect.tap(read, (value) =>
        Array.isArray(value) && value.every(isObject)
          ? Effect.void
          : Effect.die(new TypeError(`No list of the ${what}`))
      )
    )
  return {
    read: list("queue", queue.read),
    history: (since) => list("history of downloads", queue.history(since)),
    historyOf:
      queue.historyOf === null
        ? null
        : (downloadId) => list("history of a download", queue.historyOf?.(downloadId) ?? Effect.succeed([])),
    remove: (rowIds, options) => contain("removal from the queue", () => queue.remove(rowIds, options)),
    stillWanted: (targets) => list("wanted titles", queue.stillWanted(targets)),
    search: (targets) => contain("search", () => queue.search(targets)),
    imports: queue.imports === null ? null : containedImports(contain, queue.imports)
  }
}

const containedImports = (contain: Contain, imports: ImportCapability): ImportCapability => ({
  from: (request) => contain("import", () => imports.from(request)),
  underWay: contain("imports under way", () =>
    Effect.tap(imports.underWay, (ids) =>
      Array.isArray(ids) && ids.every((id) => typeof id === "string")
        ? Effect.void
        : Effect.die(new TypeError("No list of the imports under way"))
    )
  )
})

/** A connection on which every call fails, because nothing may be sent. */
export const connectWithheld = (kind: Kind, integration: string, detail: string): Connected =>
  failing(kind, (call) => Effect.fail(new UpstreamHeldBack({ integration, call, detail })))

const broken = (kind: Kind, contain: Contain, defect: unknown): Connected =>
  failing(kind, (call) => contain(call, () => Effect.die(defect)))

/** Fails every reading that the kind's capabilities include, so that each source is marked as failed. */
const failing = (kind: Kind, fail: (call: string) => Effect.Effect<never, UpstreamError>): Connected => {
  const reads = mayRead(kind)
  return {
    probe: fail("connect"),
    read: Object.fromEntries(reads.map((observation) => [observation, () => fail("connect")])),
    reread: Object.fromEntries(
      reads.flatMap((observation) => (observation === "disks" ? [] : [[observation, () => fail("connect")] as const]))
    ),
    ...(kind.capabilities.includes("artwork") ? { artwork: { poster: () => fail("poster") } } : {}),
    ...(kind.capabilities.includes("downloads") ? { downloads: failingDownloads(fail("connect")) } : {})
  }
}

/** Only a media server lists entries, and it has labels; its statistics contain only plays. */
const mayRead = ({ capabilities }: Kind): ReadonlyArray<Observation> => [
  ...(capabilities.includes("catalog") ? (["catalog"] as const) : []),
  ...(capabilities.includes("disks") ? (["disks"] as const) : []),
  ...(capabilities.includes("playback") && capabilities.includes("labels") ? (["serverItems"] as const) : []),
  ...(capabilities.includes("playback") ? (["playback"] as const) : []),
  // Whether it reads watchlists is not known here; if it does, what depends on them must not seem to be none.
  ...(capabilities.includes("requests") ? (["requests", "watchlists"] as const) : []),
  ...(capabilities.includes("watchlists") ? (["watchlists"] as const) : [])
]
