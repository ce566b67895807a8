/**
 * The downloads of all clients: read every few seconds, observed from reading to reading, and joined with the queues and
 * histories of the applications that had them fetched. It changes nothing in them.
 */
import { Clock, Context, Effect, Layer, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import { Integrations } from "../integrations/Integrations.ts"
import { Kinds } from "../integrations/Kinds.ts"
import { dayMillis, isoOfMillis } from "../problems/Instants.ts"
import { Settings } from "../settings/Settings.ts"
import { repeatable } from "../storage/Durability.ts"
import { transacting } from "../storage/Transactions.ts"
import { makeApplications } from "./Applications.ts"
import { apart, assembled, type ClientDownloads } from "./Assembling.ts"
import { makeClientReader, type ReadClient } from "./ClientReader.ts"
import { DownloadNotFound } from "./DownloadErrors.ts"
import { DownloadEvents } from "./DownloadEvents.ts"
import { makeDownloadLog } from "./DownloadLog.ts"
import type { Downloading } from "./Downloading.ts"
import { LinkStore, withLinks } from "./files/LinkStore.ts"
import { makeDownloadStore, presentDownloads, storedClients } from "./DownloadStore.ts"
import { DownloadsSettings } from "./DownloadsSettings.ts"
import { makeStrikeStore } from "./StrikeStore.ts"
import { ReadSql } from "../storage/Database.ts"

/** A download client, as it was last read. */
export interface DownloadClient {
  readonly integrationId: string
  readonly name: string
  readonly readAt: string
  /** Why nothing is concluded about its downloads now; `null` = they are judged. */
  readonly held: string | null
  readonly state: ReadClient["reading"]["client"]
  readonly downloads: number
}

export class Downloads extends Context.Service<
  Downloads,
  {
    /** Reads all clients and applications now. */
    readonly poll: Effect.Effect<void>
    /** One iteration of the loop: reads everything, and waits. Without download clients it only waits. */
    readonly turn: Effect.Effect<void>
    /** The downloads of the last readings; of clients that have not been read yet, those of the database. */
    readonly current: Effect.Effect<ReadonlyArray<Downloading>>
    readonly clients: Effect.Effect<ReadonlyArray<DownloadClient>>
    /** Why a connected client may have downloads that are not known now; `null` = all were read completely. */
    readonly unread: Effect.Effect<string | null>
    readonly find: (id: string) => Effect.Effect<Downloading, DownloadNotFound>
    /** Forgets downloads that left their clients longer ago than the settings say; returns how many. */
    readonly prune: Effect.Effect<number>
  }
>()("tendarr/downloads/Downloads") {
  static readonly layer = Layer.effect(
    Downloads,
    Effect.gen(function* () {
      const transact = transacting(yield* SqlClient.SqlClient)
      const reader = yield* ReadSql
      const events = yield* makeDownloadLog
      const integrations = yield* Integrations
      const links = yield* LinkStore
      const kinds = yield* Kinds
      const settings = yield* Settings
      const store = yield* makeDownloadStore
      const strikes = yield* makeStrikeStore
      const applications = makeApplications()
      const clients = makeClientReader(store, (id) => presentDownloads(reader, id))
      const single = yield* Semaphore.make(1)
      const heldBefore = new Map<string, string>()
      /** Unknown states that were logged, each once for a version of its client. */
      const statesLogged = new Set<string>()
      /** Ids of the clients that the last poll read or tried to read. */
      let connected: ReadonlyArray<string> = []

      const logHeld = Effect.fnUntraced(function* ({ held, integrationId, name }: ReadClient) {
        const before = heldBefore.get(integrationId)
        if ((before ?? null) === held) return
        if (held !== null) heldBefore.set(integrationId, held)
        else heldBefore.delete(integrationId)
        // What keeps failing with other words is not news.
        if (held !== null && before !== undefined) return
        yield* transact(
          events.append(
            held === null
              ? DownloadEvents.clientResumed.make({
                  subject: integrationId,
                  message: `The downloads of ${name} are judged again`
                })
              : DownloadEvents.clientHeld.make({
                  subject: integrationId,
                  message: `Nothing is concluded about the downloads of ${name}: ${held}`,
                  payload: { because: held }
                })
          )
        )
      })

      const logUnknownStates = Effect.fnUntraced(function* ({ integrationId, name, reading }: ReadClient) {
        const { version } = reading.client
        const keyOf = (state: string) => JSON.stringify([integrationId, version, state])
        const states = reading.unknownStates.filter((state) => !statesLogged.has(keyOf(state)))
        if (states.length === 0) return
        yield* transact(
          events.append(
            DownloadEvents.clientUnknownStates.make({
              subject: integrationId,
              message: `Nothing is done about downloads of ${name} whose state is not known here: ${states.join(", ")}`,
              payload: { version, states }
            })
          )
        )
        for (const state of states) statesLogged.add(keyOf(state))
      })

      /** The names of all integrations whose kind can do something, whether they may be asked or not, by their ids. */
      const ableTo = Effect.fnUntraced(function* (what: "downloads" | "queue") {
        const able = new Set(
          (yield* kinds.list).flatMap(({ capabilities, id }) => (capabilities.includes(what) ? [id] : []))
        )
        const all = yield* integrations.list
        return new Map(all.flatMap(({ id, kind, name }) => (able.has(kind) ? [[id, name] as const] : [])))
      })

      const poll = single
        .withPermits(1)(
          Effect.gen(function* () {
            const live = yield* integrations.live
            const able = live.filter((one) => one.can("downloads") && one.connected.downloads !== undefined)
            connected = able.map(({ integration }) => integration.id)
            clients.keepOnly(new Set(connected))
            if (able.length === 0) return
            const now = yield* Clock.currentTimeMillis
            yield* applications.read(yield* ableTo("queue"), live, now)
            yield* Effect.forEach(able, (one) => clients.read(one, applications, now), {
              concurrency: 4,
              discard: true
            })
            yield* Effect.forEach(clients.last(), logHeld, { discard: true })
            yield* Effect.forEach(clients.last(), logUnknownStates, { discard: true })
          })
        )
        .pipe(repeatable, Effect.withSpan("Downloads.poll"))

      const since = Effect.gen(function* () {
        const { strikeHours } = yield* settings.get(DownloadsSettings)
        return isoOfMillis((yield* Clock.currentTimeMillis) - strikeHours * 3_600_000)
      })

      /** The downloads of some clients, without strikes. Put together once for each of their readings. */
      const together = (() => {
        const one = Semaphore.makeUnsafe(1)
        let of: ReadonlyArray<ClientDownloads> = []
        let all: ReadonlyArray<Downloading> = []
        let ofLinks = -1
        return (read: ReadonlyArray<ClientDownloads>) =>
          one.withPermits(1)(
            Effect.gen(function* () {
              const isSame =
                read.length === of.length && read.every(({ downloads }, index) => downloads === of[index]?.downloads)
              if (isSame && ofLinks === links.revision()) return all
              const made: Array<ReadonlyArray<Downloading>> = []
              for (const client of read) made.push(yield* assembled(client))
              const known = yield* links.all
              ofLinks = links.revision()
              all = withLinks(yield* apart(made.flat()), known)
              of = read
              return all
            })
          )
      })()

      /** Of clients that were not read yet, what the database has: some minutes old. */
      const unread = Effect.fnUntraced(function* (read: ReadonlySet<string>) {
        if (read.size > 0 && connected.every((id) => read.has(id))) return []
        const some = (yield* storedClients(reader)).filter(({ integrationId }) => !read.has(integrationId))
        return yield* Effect.forEach(some, ({ integrationId, name, readAt, state }) =>
          Effect.map(clients.before(integrationId), (downloads): ClientDownloads => ({
            integrationId,
            name,
            client: state,
            at: readAt,
            downloads
          }))
        )
      })

      const current = Effect.gen(function* () {
        const read = clients.last().map(({ at, downloads, integrationId, name, reading }): ClientDownloads => ({
          integrationId,
          name,
          client: reading.client,
          at,
          downloads
        }))
        const counting = yield* strikes.counting(yield* since)
        const all = yield* together([...read, ...(yield* unread(new Set(read.map((one) => one.integrationId))))])
        if (counting.size === 0) return all
        return all.map((one) => {
          const count = counting.get(one.id)?.length ?? 0
          return one.strikes === count ? one : { ...one, strikes: count }
        })
      })

      const unreadNow = Effect.gen(function* () {
        const last = clients.last()
        const held = last.find((one) => one.held !== null)
        if (held !== undefined) return `${held.name} could not be read: ${held.held ?? ""}`
        const read = new Set(last.map(({ integrationId }) => integrationId))
        const able = yield* ableTo("downloads")
        const live = new Map((yield* integrations.live).map((one) => [one.integration.id, one]))
        const other = [...able].find(([id]) => live.get(id)?.can("downloads") !== true || !read.has(id))
        if (other === undefined) return null
        const [id, name] = other
        return live.get(id)?.can("downloads") === true ? `${name} has not been read yet` : `${name} may not be read`
      })

      return Downloads.of({
        poll,
        current,
        unread: unreadNow,
        turn: Effect.gen(function* () {
          yield* poll
          const { pollSeconds } = yield* settings.get(DownloadsSettings)
          yield* Effect.sleep(pollSeconds * 1000)
        }),
        clients: Effect.sync(() =>
          clients.last().map(({ at, downloads, held, integrationId, name, reading }) => ({
            integrationId,
            name,
            readAt: at,
            held,
            state: reading.client,
            downloads: downloads.length
          }))
        ),
        find: Effect.fn("Downloads.find")(function* (id) {
          const found = (yield* current).find((one) => one.id === id)
          return found ?? (yield* new DownloadNotFound({ downloadId: id }))
        }),
        prune: Effect.gen(function* () {
          const { goneDays } = yield* settings.get(DownloadsSettings)
          return yield* store.prune(isoOfMillis((yield* Clock.currentTimeMillis) - goneDays * dayMillis))
        })
      })
    })
  )
}
