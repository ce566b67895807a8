/**
 * Reads the integrations and updates the library to match. An integration is applied completely or not at all, all of
 * them in one transaction; if too much of one would disappear at once, its reading is held for a person to confirm.
 */
import { Context, Effect, Fiber, Layer, Ref, Schema, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../events/EventLog.ts"
import type { IntegrationNotFound } from "../integrations/Integration.ts"
import { EpisodePlays } from "../integrations/EpisodePlays.ts"
import { Integrations, type LiveIntegration } from "../integrations/Integrations.ts"
import { type Observation, observations, type Observed } from "../integrations/Observations.ts"
import { Kinds } from "../integrations/Kinds.ts"
import { mayServe } from "../integrations/MediaServers.ts"
import { OddRecords } from "../integrations/OddRecords.ts"
import { storeUnmanaged } from "../integrations/Unmanaged.ts"
import { nowIso } from "../problems/Instants.ts"
import { Settings } from "../settings/Settings.ts"
import { CollectionRecords } from "./CollectionRecords.ts"
import { Contents, ContentsRead } from "./Contents.ts"
import { itemCount } from "./Counting.ts"
import { formerPlays } from "./FormerPlays.ts"
import { ItemStore } from "./ItemStore.ts"
import { type HeldSyncNotFound, NothingHeld } from "./LibraryErrors.ts"
import { readable, reads } from "./ReadableObservations.ts"
import { Snapshots } from "./Snapshots.ts"
import { Checkpoints } from "../storage/Checkpoints.ts"
import { transacting } from "../storage/Transactions.ts"
import { storedIdentities, writeIdentities } from "../viewers/Identities.ts"
import { makeRequests } from "../viewers/Requests.ts"
import { Viewers } from "../viewers/Viewers.ts"
import { LibraryEvents } from "./LibraryEvents.ts"
import { type ListObservation, OddSummary, Sources, type StagedReading } from "./Sources.ts"
import { sourceErrorOf } from "./SourceStates.ts"
import { carriedOver } from "./Sync/CarryOver.ts"
import { type HeldSync, makeHeldSync } from "./Sync/HeldSync.ts"
import { breaksDown, type EpisodesAdded, makeEpisodeItems } from "./Sync/EpisodeItems.ts"
import { prepareJoined } from "./Sync/Joining.ts"
import { makeLossOf } from "./Sync/Losses.ts"
import { managedElsewhere } from "./Sync/ManagedElsewhere.ts"
import { isServer } from "./Sync/ServerOfReading.ts"

export const IntegrationSync = Schema.Struct({
  integrationId: Schema.String,
  name: Schema.String,
  outcome: Schema.Literals(["applied", "failed", "held"]),
  /** Number of entries read, by observation. */
  entries: Schema.Record(Schema.String, Schema.Int),
  calls: Schema.Int,
  detail: Schema.NullOr(Schema.String),
  /** Faulty records; facts that depend on them are unknown. */
  odd: OddSummary
})
export type IntegrationSync = typeof IntegrationSync.Type

export const SyncReport = Schema.Struct({
  integrations: Schema.Array(IntegrationSync),
  added: Schema.Int,
  changed: Schema.Int,
  gone: Schema.Int,
  total: Schema.Int,
  /** Episodes of shows and files of wholes, as far as rules need them; only of integrations with something to read. */
  contents: Schema.Array(ContentsRead)
}).annotate({ identifier: "SyncReport" })
export type SyncReport = typeof SyncReport.Type

export interface SyncOptions {
  /** Only these; by default all enabled integrations. */
  readonly integrationIds?: ReadonlyArray<string>
  readonly progress?: (done: number, total: number | null, message: string) => Effect.Effect<void>
}

export class Sync extends Context.Service<
  Sync,
  {
    readonly run: (options?: SyncOptions) => Effect.Effect<SyncReport>
    /** Joins the stored readings again, after an integration was changed or removed. */
    readonly rejoin: Effect.Effect<void>
    /** Removes an integration, and updates the library to match the remaining ones. */
    readonly forget: (integrationId: string) => Effect.Effect<void, IntegrationNotFound>
    /** The entries that would disappear if a held sync were applied. */
    readonly held: (integrationId: string) => Effect.Effect<HeldSync, HeldSyncNotFound>
    /** Applies the readings of a held sync. */
    readonly confirmHeld: (integrationId: string) => Effect.Effect<SyncReport, NothingHeld>
    readonly discardHeld: (integrationId: string) => Effect.Effect<void, NothingHeld>
    /** Registers a step that runs after every applied sync, before the next one may start. */
    readonly onApplied: (step: Effect.Effect<void>) => Effect.Effect<void>
  }
>()("tendarr/library/Sync") {
  static readonly layer = Layer.effect(
    Sync,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const integrations = yield* Integrations
      const kinds = yield* Kinds
      const sources = yield* Sources
      const items = yield* ItemStore
      const snapshots = yield* Snapshots
      const settings = yield* Settings
      const events = yield* EventLog
      const viewers = yield* Viewers
      const contents = yield* Contents
      const collections = yield* CollectionRecords
      const scope = yield* Effect.scope
      const { withDeferredCheckpoint } = yield* Checkpoints
      const requests = yield* makeRequests(sql)
      const lossOf = makeLossOf({ items, settings, sources })
      const episodes = makeEpisodeItems({ settings, sources, sql })
      const single = yield* Semaphore.make(1)
      const steps = yield* Ref.make<ReadonlyArray<Effect.Effect<void>>>([])

      /** Reads one integration completely and stages it, or returns why not. */
      const readOne = Effect.fn("Sync.readOne")(function* (
        live: LiveIntegration,
        perEpisode: boolean,
        report: (message: string) => Effect.Effect<void>
      ) {
        const names = readable(live)
        const callsBefore = yield* live.calls
        const at = yield* nowIso
        const readFrom = live.integration.url
        return yield* Effect.gen(function* () {
          const staged: Array<Omit<StagedReading, "calls">> = []
          let lost: string | null = null
          const wanted = yield* contents.neededOfEntries
          let contentsRead: EpisodesAdded["read"] = []
          for (const observation of names) {
            const read = live.connected.read[observation]
            if (read === undefined) continue
            const odd = new OddRecords()
            const reading = yield* read(
              (done, total) =>
                report(`${live.integration.name}: ${observation} ${done}${total === null ? "" : ` of ${total}`}`),
              odd,
              wanted
            )
            let entries: Observed[Observation] = reading
            if (observation === "catalog") {
              const added = yield* episodes.added(live, reading as Observed["catalog"])
              entries = added.items
              contentsRead = added.read
            }
            const value = yield* completed(live, observation, entries, odd)
            lost ??= yield* lossOf(live.integration.id, observation, value)
            // Staged immediately, so that no list stays in memory while the next one is read.
            staged.push(
              yield* sources.stage({
                integrationId: live.integration.id,
                observation,
                value,
                odd: summaryOf(odd),
                unidentified: odd.doubts.map(({ mark }) => mark),
                at,
                readFrom
              })
            )
          }
          const calls = (yield* live.calls) - callsBefore
          return {
            live,
            outcome: lost === null ? ("applied" as const) : ("held" as const),
            staged: staged.map((reading) => ({ ...reading, calls })),
            contentsRead: lost === null ? contentsRead : [],
            calls,
            detail: lost,
            error: null
          }
        }).pipe(
          Effect.provideService(EpisodePlays, perEpisode),
          Effect.catch((error) =>
            Effect.gen(function* () {
              const calls = (yield* live.calls) - callsBefore
              return {
                live,
                outcome: "failed" as const,
                staged: [],
                contentsRead: [],
                calls,
                detail: error.message,
                error: sourceErrorOf(error)
              }
            })
          )
        )
      })

      /** A reading, completed with entries of the previous one if records of the new one could not be identified. */
      const completed = Effect.fnUntraced(function* (
        live: LiveIntegration,
        observation: Observation,
        value: Observed[Observation],
        odd: OddRecords
      ) {
        if (odd.unidentified === 0 || observation === "disks" || !Array.isArray(value)) return value
        const states = yield* sources.states
        const state = states.find((s) => s.integrationId === live.integration.id && s.observation === observation)
        if (state === undefined || state.observedAt === null) return value
        const before = yield* sources.read(live.integration.id, observation, state.generation)
        const list = value as Observed[ListObservation]
        if (before === null) return list
        const kept = carriedOver(observation, before, list, odd)
        if (observation !== "catalog") return [...list, ...kept]
        const removed = yield* items.removedSince(live.integration.id, state.observedAt)
        return [...list, ...(kept as Observed["catalog"]).filter(({ externalId }) => !removed.has(externalId))]
      })

      /** The sync is applied whether or not this succeeds; the next sync deletes the rest. */
      const sweep = sources.sweepStaged.pipe(
        Effect.catchDefect((defect) =>
          Effect.logWarning("Readings that were replaced could not be deleted yet", defect)
        )
      )

      /** Joins all current readings, including the staged ones, and stores the result. */
      const apply = Effect.fn("Sync.apply")(function* (
        staged: ReadonlyArray<StagedReading>,
        extra: Effect.Effect<void>
      ) {
        const at = yield* nowIso
        const live = yield* integrations.live
        const removedIds = yield* integrations.removedIds
        const identities = yield* storedIdentities(sql)
        const servers = live.filter(isServer)
        const listed = yield* integrations.list
        const servingKinds = new Set((yield* kinds.list).filter(mayServe).map(({ id }) => id))
        const former = yield* formerPlays(
          sql,
          live.map(({ integration }) => integration.id)
        )
        const { joined, owners, people, prepared, readAt, unmanaged } = yield* prepareJoined({
          former,
          identities,
          items,
          live,
          managedElsewhere: yield* managedElsewhere(sql, {
            now: Date.parse(at),
            servers: listed.filter(({ kind }) => servingKinds.has(kind)).map(({ id }) => id)
          }),
          removedIds,
          requests,
          sources,
          staged
        })
        const applied = yield* transact(
          Effect.gen(function* () {
            const kept = yield* items.dropRemoved(prepared, readAt)
            yield* items.applyDocuments
            yield* extra
            yield* sources.accept(staged)
            yield* sources.forgetCatalogs(
              servers.filter((one) => !reads(one, "catalog")).map(({ integration }) => integration.id)
            )
            yield* sources.markJoined(joined)
            yield* storeUnmanaged(sql, unmanaged)
            for (const { connected, integration } of live) {
              const unread = observations.filter((observation) => connected.read[observation] === undefined)
              yield* sources.forget(integration.id, unread)
            }
            yield* writeIdentities(sql, people, { at, complete: true })
            yield* requests.apply
            const result = yield* items.apply(owners, kept, at)
            yield* events.append(
              LibraryEvents.synced.make({
                message: `${itemCount(result.total)} in the library: ${result.added} new, ${result.changed} changed, ${result.gone} gone`,
                payload: { ...result }
              })
            )
            return result
          })
        )
        yield* sweep
        for (const step of yield* Ref.get(steps)) yield* step
        return applied
      })

      const readAll = Effect.fn("Sync.readAll")(
        function* (options: SyncOptions) {
          const wanted = (yield* integrations.live).filter(
            ({ integration }) => options.integrationIds === undefined || options.integrationIds.includes(integration.id)
          )
          const perEpisode = (yield* integrations.live).some(({ integration }) => breaksDown(integration.options))
          const readers = wanted.filter((live) => readable(live).length > 0)
          const done = yield* Ref.make(0)
          const progress = options.progress ?? (() => Effect.void)
          const report = (message: string) =>
            Effect.flatMap(Ref.get(done), (count) => progress(count, readers.length, message))
          // A sync that was killed or cancelled may have left staged pieces.
          yield* sweep
          const results = yield* Effect.forEach(
            readers,
            (live) =>
              readOne(live, perEpisode, report).pipe(
                Effect.tap(() => Ref.update(done, (count) => count + 1)),
                Effect.tap(({ outcome }) => report(`${live.integration.name}: ${outcome}`))
              ),
            { concurrency: readAtOnce }
          )
          const at = yield* nowIso
          const outcomes = Effect.forEach(
            results,
            (result) => {
              const { id, name } = result.live.integration
              if (result.error !== null) {
                return Effect.andThen(
                  sources.fail(id, readable(result.live), result.error, at),
                  events.append(
                    LibraryEvents.syncFailed.make({
                      subject: id,
                      message: `${name} could not be read: ${result.detail ?? ""}`
                    })
                  )
                )
              }
              if (result.outcome === "held") {
                return Effect.andThen(
                  sources.hold(result.staged, result.detail ?? "", at),
                  events.append(
                    LibraryEvents.syncHeld.make({
                      subject: id,
                      message: `The sync of ${name} waits for a person: ${result.detail ?? ""}`
                    })
                  )
                )
              }
              return Effect.void
            },
            { discard: true }
          )
          const accepted = results.flatMap((result) => (result.outcome === "applied" ? result.staged : []))
          yield* progress(readers.length, readers.length, "joining and storing")
          const applied = yield* apply(accepted, outcomes)
          yield* episodes.store(results.flatMap(({ contentsRead }) => contentsRead))
          return {
            integrations: results.map((result) => ({
              integrationId: result.live.integration.id,
              name: result.live.integration.name,
              outcome: result.outcome,
              entries: Object.fromEntries(result.staged.map((staged) => [staged.observation, staged.entries])),
              calls: result.calls,
              detail: result.detail,
              odd: oddOf(result.staged)
            })),
            ...applied
          }
        },
        withDeferredCheckpoint,
        single.withPermits(1)
      )

      // After the lists are applied: they show which contents have changed. Nobody waits for it but this sync.
      const run = Effect.fn("Sync.run")(function* (options: SyncOptions = {}) {
        const report = yield* readAll(options)
        const read = yield* contents.readNeeded(options)
        const asked = new Map(
          (yield* collections.sync(options.integrationIds)).integrations.map((one) => [one.integrationId, one.calls])
        )
        return {
          ...report,
          integrations: report.integrations.map((one) => ({
            ...one,
            calls: one.calls + (asked.get(one.integrationId) ?? 0)
          })),
          contents: read
        }
      })

      const heldReadings = Effect.fnUntraced(function* (integrationId: string) {
        const held: Array<StagedReading> = []
        for (const state of yield* sources.states) {
          if (state.integrationId !== integrationId || state.held === null) continue
          const { at, generation, odd, readFrom, unidentified } = state.held
          const value = yield* sources.read(integrationId, state.observation, generation)
          held.push({
            integrationId,
            observation: state.observation,
            generation,
            entries: Array.isArray(value) ? value.length : 1,
            calls: state.calls,
            at,
            odd,
            unidentified,
            readFrom
          })
        }
        return held.length === 0 ? yield* new NothingHeld({ integrationId }) : held
      })

      const rejoin = single.withPermits(1)(withDeferredCheckpoint(Effect.asVoid(apply([], Effect.void))))

      // Continues if whoever joined or split viewers does not wait for it.
      yield* viewers.onChanged(Effect.flatMap(Effect.forkIn(rejoin, scope), Fiber.join))

      return Sync.of({
        run,
        rejoin,
        held: makeHeldSync({ integrations, snapshots, sources }),
        forget: (integrationId) => Effect.andThen(integrations.remove(integrationId), rejoin),
        confirmHeld: Effect.fn("Sync.confirmHeld")(function* (integrationId) {
          const held = yield* heldReadings(integrationId)
          const applied = yield* apply(
            held,
            events.append(
              LibraryEvents.syncConfirmed.make({
                subject: integrationId,
                message: "A held sync was confirmed"
              })
            )
          )
          return { integrations: [], ...applied, contents: [] }
        }, single.withPermits(1)),
        discardHeld: Effect.fn("Sync.discardHeld")(function* (integrationId) {
          yield* heldReadings(integrationId)
          yield* transact(
            Effect.andThen(
              sources.discardHeld(integrationId),
              events.append(
                LibraryEvents.syncDiscarded.make({
                  subject: integrationId,
                  message: "A held sync was discarded"
                })
              )
            )
          )
          yield* sweep
        }, single.withPermits(1)),
        onApplied: (step) => Ref.update(steps, (all) => [...all, step])
      })
    })
  )
}

const summaryOf = ({ count, told }: OddRecords): OddSummary => ({ count, told })

const oddOf = (readings: ReadonlyArray<StagedReading>): OddSummary => ({
  count: readings.reduce((sum, { odd }) => sum + odd.count, 0),
  told: readings.flatMap(({ odd }) => odd.told).slice(0, mostOddKept)
})

/** Number of integrations that are read concurrently: the lists of each are in memory until they are staged. */
const readAtOnce = 2

/** Maximum number of faulty records of one integration in a report. */
const mostOddKept = 20
