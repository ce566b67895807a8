/**
 * A media stack in memory: a manager with disks, a media server that counts plays, and a request manager. It keeps a
 * journal of its requests, and misbehaves as a test requires, for one call or until the test ends that.
 */
import { Effect } from "effect"
import {
  type CameBack,
  type CollectionRecord,
  type Connected,
  type EntryChange,
  type EntryFate,
  type Kind,
  type Presence,
  type RemovalAction,
  removalActions,
  type RemovalTarget,
  usualActionOf
} from "../../src/integrations/Kind.ts"
import { CurrentFinalCheck, type FinalCheck } from "../../src/integrations/FinalCheck.ts"
import { UpstreamHeldBack, type UpstreamError } from "../../src/integrations/UpstreamErrors.ts"
import {
  catalogItem,
  decodeKept,
  denied,
  filesLeft,
  pathOf,
  refused,
  unauthorized,
  unreachable
} from "./FakeAnswers.ts"
import { fakeRequests, fakeServer } from "./FakeOthers.ts"
import { FakeResets } from "./FakeResets.ts"
import type { FakeCall, FakeItem, FakePart, JournalEntry, Misbehaviours } from "./FakeItem.ts"

export const gib = 2 ** 30

export class FakeLibrary {
  readonly items = new Map<string, FakeItem>()
  readonly disks = new Map<string, { totalBytes: number; otherBytes: number }>()
  readonly down = new Set<FakePart>()
  /** Mounts whose folders the manager cannot reach. */
  readonly unreachable = new Set<string>()
  readonly journal: Array<JournalEntry> = []
  /** Calls that hang at this moment. */
  hanging = 0
  /** Runs when a removal arrives, before anything is done about it. */
  onRemove: (target: RemovalTarget) => Effect.Effect<void> = () => Effect.void
  /** Runs when the disks are read. */
  onDisksRead: () => void = () => undefined
  /** Runs when the presence of an item is requested, before the response. */
  onPresence: (target: RemovalTarget) => Effect.Effect<void> = () => Effect.void
  /** A removal sends a request that prepares it before the one that deletes, like that of a season. */
  prepares = false
  /** Prepared items that were neither removed nor reverted. */
  readonly prepared = new Set<string>()
  /** Runs between the two requests. */
  onPrepared: () => Effect.Effect<void> = () => Effect.void
  /** Removals whose preparations were reverted. */
  readonly putBack: Array<string> = []
  onPutBack: (target: RemovalTarget) => Effect.Effect<void, UpstreamError> = () => Effect.void
  /** Those of `removed` that kept their files. */
  readonly onlyUnmonitored: Array<string> = []
  /** Changes of entries are refused. */
  refusesChanges = false
  /** Changes of entries that were carried out. */
  readonly changed: Array<{ readonly externalId: string } & EntryChange> = []
  /** Removed so that import lists may not add them again. */
  readonly excluded = new Set<string>()
  /** Requests about the entries of shows whose last season was removed, in order. */
  readonly settled: Array<{ readonly externalId: string; readonly choice: string }> = []
  /** Runs when an entry is to be settled, before anything is done about it. */
  onSettle: (part: RemovalTarget) => Effect.Effect<void, UpstreamError> = () => Effect.void
  /** What the manager knows about collections. */
  collections: ReadonlyArray<CollectionRecord> = []
  #queued: { [C in FakeCall]: Array<Misbehaviours[C] | null> } = { remove: [], presence: [], restore: [] }
  #lastId = 0

  constructor(disks: Readonly<Record<string, number>> = { "/media": 100 * gib }) {
    for (const [path, totalBytes] of Object.entries(disks)) this.disks.set(path, { totalBytes, otherBytes: 0 })
  }

  /** Adds an item, by default of 10 GiB and without plays, and returns it. */
  add(draft: Partial<FakeItem> & { readonly title: string }): FakeItem {
    const number = ++this.#lastId
    const kind = draft.kind ?? "movie"
    const parent = draft.parentExternalId == null ? undefined : this.items.get(draft.parentExternalId)
    const item: FakeItem = {
      externalId: String(number),
      kind,
      parentExternalId: null,
      ids: parent?.ids ?? [kind === "movie" ? `tmdb-movie:${1000 + number}` : `tvdb:${1000 + number}`],
      sizeBytes: 10 * gib,
      disk: [...this.disks.keys()][0] ?? "/media",
      collections: [],
      hardlinked: false,
      stripped: false,
      onServer: true,
      unmanaged: false,
      plays: [],
      playing: false,
      requestedBy: [],
      ...draft,
      facts: {
        monitored: true,
        rating: 6,
        addedAt: "2024-01-01T00:00:00.000Z",
        tags: [],
        ...(kind === "movie" ? {} : { showStatus: "ended" }),
        ...draft.facts
      }
    }
    this.items.set(item.externalId, item)
    return item
  }

  /** Adds a show with seasons of the given sizes, and returns all of them. */
  addShow(title: string, seasonBytes: ReadonlyArray<number>, draft: Partial<FakeItem> = {}) {
    const show = this.add({ ...draft, title, kind: "show", sizeBytes: seasonBytes.reduce((a, b) => a + b, 0) })
    const seasons = seasonBytes.map((sizeBytes, index) =>
      this.add({
        ...draft,
        title: `${title}, season ${index + 1}`,
        kind: "season",
        externalId: `${show.externalId}:s${index + 1}`,
        parentExternalId: show.externalId,
        sizeBytes,
        facts: { ...draft.facts, seasonNumber: index + 1 }
      })
    )
    return { show, seasons }
  }

  /** Adds episodes of the given sizes to a season, which then consists of them, and returns them. */
  addEpisodes(season: FakeItem, bytes: ReadonlyArray<number>, draft: Partial<FakeItem> = {}): ReadonlyArray<FakeItem> {
    const show = season.parentExternalId ?? ""
    const { seasonNumber = 1 } = season.facts
    const before = this.#episodesOf(season).length
    return bytes.map((sizeBytes, index) => {
      const number = before + index + 1
      return this.add({
        ...draft,
        title: `${season.title}, episode ${number}`,
        kind: "episode",
        externalId: `${show}:e${seasonNumber}0${number}`,
        parentExternalId: show,
        sizeBytes,
        facts: { ...draft.facts, seasonNumber, episodeNumber: number, episodeRank: bytes.length - index }
      })
    })
  }

  readonly noAnswer = unreachable

  byTitle(title: string): FakeItem | undefined {
    return [...this.items.values()].find((item) => item.title === title)
  }

  /** Lets the next calls of this name misbehave, one after the other; `null` = that call behaves normally. */
  next<C extends FakeCall>(call: C, ...how: ReadonlyArray<Misbehaviours[C] | null>): void {
    this.#queued[call].push(...how)
  }

  /** Nothing misbehaves any more. */
  behave(): void {
    this.forgetQueued()
    this.down.clear()
  }

  /** Drops the remaining misbehaviours. */
  forgetQueued(): void {
    this.#queued = { remove: [], presence: [], restore: [] }
    this.resets.next.length = 0
  }

  /** The true free bytes. A show's bytes are those of its seasons. */
  freeBytes(path: string): number {
    const disk = this.disks.get(path)
    if (disk === undefined) return 0
    let used = disk.otherBytes
    for (const item of this.items.values()) {
      if (item.disk === path && !item.stripped && !this.#hasParts(item)) used += item.sizeBytes
    }
    return Math.max(0, disk.totalBytes - used)
  }

  /** Deletes an item with its seasons. */
  destroy(externalId: string): void {
    const item = this.items.get(externalId)
    if (item === undefined) return
    for (const part of this.#partsOf(item)) this.destroy(part.externalId)
    this.#leaveLinks(item)
    this.items.delete(externalId)
    this.#shrink(item)
    this.prepared.delete(externalId)
  }

  /** Takes the files of an item; its entry stays, except for a season, which has none. */
  strip(externalId: string): void {
    const item = this.items.get(externalId)
    if (item?.kind === "season" || item?.kind === "episode") return this.destroy(externalId)
    if (item === undefined) return
    for (const part of this.#partsOf(item)) this.destroy(part.externalId)
    this.#leaveLinks(item)
    if (item.kind === "show") item.sizeBytes = 0
    else item.stripped = true
    this.prepared.delete(externalId)
  }

  /** A season without episodes is not listed, and one with fewer is smaller. */
  #shrink({ facts, kind, parentExternalId, sizeBytes }: FakeItem): void {
    if (kind !== "episode") return
    const season = this.items.get(`${parentExternalId ?? ""}:s${facts.seasonNumber ?? ""}`)
    if (season === undefined) return
    season.sizeBytes = Math.max(0, season.sizeBytes - sizeBytes)
    if (this.#episodesOf(season).length === 0) this.items.delete(season.externalId)
  }

  /** The bytes of files that have another name stay. */
  #leaveLinks(item: FakeItem): void {
    const disk = this.disks.get(item.disk)
    if (disk !== undefined && item.hardlinked && !item.stripped) disk.otherBytes += item.sizeBytes
  }

  #monitor(item: FakeItem, monitored: boolean): void {
    item.facts = { ...item.facts, monitored }
  }

  #carryOut(externalId: string, action: RemovalAction): void {
    const item = this.items.get(externalId)
    if (item === undefined) return
    if (action === "remove-entry") return this.destroy(externalId)
    if (action === "unmonitor" && item.facts.monitored !== false) this.onlyUnmonitored.push(externalId)
    if (action !== "delete-files") this.#monitor(item, false)
    if (action !== "unmonitor") this.strip(externalId)
  }

  /** What is there. */
  get listed(): ReadonlyArray<FakeItem> {
    return [...this.items.values()].filter(({ stripped }) => !stripped)
  }

  /** What the manager lists. */
  get managed(): ReadonlyArray<FakeItem> {
    return this.listed.filter(({ unmanaged }) => !unmanaged)
  }

  /** What a call may have changed about an item. */
  #stateOf(externalId: string): string {
    const item = this.items.get(externalId)
    return item === undefined ? "" : JSON.stringify([item.stripped, item.sizeBytes, item.facts.monitored])
  }

  /** Removals that took effect. */
  get removed(): ReadonlyArray<string> {
    return this.journal.filter(({ call, done }) => call === "remove" && done).map(({ externalId }) => externalId)
  }

  /** Removals that were sent, whatever their outcome. */
  get sent(): ReadonlyArray<string> {
    return this.journal.filter(({ call }) => call === "remove").map(({ externalId }) => externalId)
  }

  #sameAs(item: FakeItem): FakeItem | undefined {
    return [...this.items.values()].find(
      (other) => other.kind === item.kind && other.ids.join() === item.ids.join() && other.title === item.title
    )
  }

  /** The final check, as in the client; with `prepares`, it first runs for the request that prepares the deletion. */
  #finalCheck(externalId: string, action: RemovalAction): Effect.Effect<void, UpstreamError> {
    const asked = (look: FinalCheck | null, destroys: boolean) =>
      Effect.flatMap(look?.whyNot(destroys) ?? Effect.succeed(null), (detail) =>
        detail === null
          ? Effect.void
          : Effect.fail(new UpstreamHeldBack({ integration: "Shelf", call: "remove", detail }))
      )
    // Media servers delete without preparing anything.
    const prepares = this.prepares && this.items.get(externalId)?.unmanaged !== true
    return Effect.flatMap(CurrentFinalCheck, (look) =>
      prepares && (action === "remove-entry" || action === "unmonitor-and-delete-files")
        ? Effect.andThen(
            Effect.andThen(asked(look, false), () => {
              this.prepared.add(externalId)
              return this.onPrepared()
            }),
            asked(look, true)
          )
        : asked(look, true)
    )
  }

  #hasParts(item: FakeItem): boolean {
    return (item.kind === "show" || item.kind === "season") && this.#partsOf(item).length > 0
  }

  #partsOf(item: FakeItem): ReadonlyArray<FakeItem> {
    if (item.kind === "season") return this.#episodesOf(item)
    return [...this.items.values()].filter((other) => other.parentExternalId === item.externalId)
  }

  #episodesOf({ facts, parentExternalId }: FakeItem): ReadonlyArray<FakeItem> {
    return [...this.items.values()].filter(
      (other) =>
        other.kind === "episode" &&
        other.parentExternalId === parentExternalId &&
        other.facts.seasonNumber === facts.seasonNumber
    )
  }

  // --- the manager ----------------------------------------------------------------------------------------------------

  readonly manager: Connected = {
    probe: this.answering("manager", "GET /status", () => ({ appName: "Shelf", version: "1", latencyMillis: 1 })),
    read: {
      catalog: () => this.answering("manager", "GET /items", () => this.managed.map(catalogItem)),
      disks: () =>
        this.answering("disks", "GET /disks", () => {
          this.onDisksRead()
          return {
            disks: [...this.disks].map(([path, { totalBytes }]) => ({
              path,
              totalBytes,
              freeBytes: this.freeBytes(path)
            })),
            rootFolders: [...this.disks.keys()].map((path) => ({
              path: `${path}/library`,
              accessible: !this.unreachable.has(path),
              freeBytes: null
            }))
          }
        })
    },
    collections: this.answering("manager", "GET /collections", () => this.collections),
    contents: {
      episodes: ({ externalId }) =>
        this.answering("episodes", "GET /episodes", () => this.items.get(externalId)?.episodes ?? [])
    },
    reread: {
      catalog: (target) =>
        this.answering("manager", "GET /items/1", () => this.#familyOf(target.externalId).map(catalogItem))
    },
    removal: {
      kinds: ["movie", "show", "season", "episode"],
      actions: {
        movie: removalActions,
        show: removalActions,
        season: removalActions.slice(0, 3),
        episode: removalActions.slice(0, 3)
      },
      presence: (target) =>
        Effect.andThen(
          Effect.suspend(() => this.onPresence(target)),
          this.#call("presence", target.externalId, (how): [string, Effect.Effect<Presence, UpstreamError>] => {
            const item = this.items.get(target.externalId)
            if (how === "other-title") {
              const other: Presence = {
                _tag: "Present",
                title: "Another",
                ids: [],
                sizeBytes: 1,
                path: null,
                restore: null
              }
              return ["other", Effect.succeed({ ...other, ids: ["tmdb-movie:1"] })]
            }
            if (item === undefined) return ["absent", Effect.succeed({ _tag: "Absent" })]
            const { facts, ids, sizeBytes, stripped, title } = item
            const there: Presence = {
              _tag: "Present",
              title,
              ids,
              sizeBytes,
              path: pathOf(item),
              hasFiles: !stripped && sizeBytes > 0,
              monitored: facts.monitored !== false,
              restore: { ...item }
            }
            return ["present", Effect.succeed(there)]
          })
        ),
      remove: (target, { action = usualActionOf(target.kind), addImportExclusion }) =>
        Effect.andThen(
          Effect.andThen(
            Effect.suspend(() => this.#finalCheck(target.externalId, action)),
            () => this.onRemove(target)
          ),
          this.#call("remove", target.externalId, (how): [string, Effect.Effect<void, UpstreamError>] => {
            if (how !== "lie") this.#carryOut(target.externalId, action)
            if (addImportExclusion) this.excluded.add(target.externalId)
            return ["ok", Effect.void]
          })
        ),
      putBack: (target) =>
        Effect.suspend(() => {
          if (this.down.has("manager")) return Effect.fail(unreachable("putBack"))
          return Effect.tap(this.onPutBack(target), () => {
            this.putBack.push(target.externalId)
            this.prepared.delete(target.externalId)
            return Effect.void
          })
        }),
      isBack: (kept, action) =>
        Effect.flatMap(decodeKept(kept), (item) =>
          Effect.suspend(() => {
            if (this.down.has("manager")) return Effect.fail(unreachable("isBack"))
            const same = this.#sameAs(item)
            if (same !== undefined && action !== "delete-files" && same.facts.monitored !== item.facts.monitored)
              return Effect.succeed(null)
            return Effect.succeed(same === undefined ? null : { externalId: same.externalId })
          })
        ),
      settleEntry: (part, choice) =>
        Effect.suspend(() => {
          const [externalId = ""] = part.externalId.split(":")
          this.settled.push({ externalId, choice })
          return Effect.map(this.onSettle(part), (): EntryFate => {
            if ([...this.items.values()].some((item) => item.parentExternalId === externalId))
              return { _tag: "Kept", reason: "it still has files" }
            if (choice === "unmonitor") return { _tag: "Unmonitored" }
            this.items.delete(externalId)
            return { _tag: "Removed" }
          })
        }),
      restore: (kept, options) =>
        Effect.flatMap(decodeKept(kept), (item) =>
          this.#call("restore", item.externalId, (how): [string, Effect.Effect<CameBack, UpstreamError>] => {
            const same = this.#sameAs(item)
            const isPart = item.kind === "season" || item.kind === "episode"
            const externalId = isPart ? item.externalId : String(++this.#lastId)
            if (same === undefined) this.items.set(externalId, { ...item, externalId })
            else {
              if (options?.action !== "delete-files") this.#monitor(same, item.facts.monitored !== false)
              // It is found at once.
              if (options?.action !== "unmonitor") same.stripped = false
            }
            const notSearched = how === "unsearched-done" ? { notSearched: "the queue is full" } : {}
            return ["ok", Effect.succeed({ externalId: same?.externalId ?? externalId, ...notSearched })]
          })
        )
    }
  }

  // --- the others -----------------------------------------------------------------------------------------------------

  readonly #server = fakeServer(this)

  /** Whether the media server manages what the manager does not list. */
  serverManages = false

  /** The removal of the manager, with its misbehaviours, as a server has it: without a way back. */
  get server(): Connected {
    const server = this.#server
    const { removal } = this.manager
    if (!this.serverManages || removal === undefined) return server
    const inside = () => this.listed.filter((item) => item.onServer)
    return {
      ...server,
      read: { ...server.read, catalog: () => this.answering("server", "GET /all", () => inside().map(catalogItem)) },
      reread: {
        ...server.reread,
        catalog: ({ externalId }) =>
          this.answering("server", "GET /all/1", () => {
            const whole = this.items.get(externalId)?.parentExternalId ?? externalId
            const isOfIt = (one: FakeItem) => one.externalId === whole || one.parentExternalId === whole
            return inside().filter(isOfIt).map(catalogItem)
          })
      },
      removal: {
        kinds: removal.kinds,
        irreversible: true,
        presence: (target) =>
          Effect.map(removal.presence(target), (found) =>
            found._tag === "Absent"
              ? found
              : {
                  _tag: "Present",
                  title: found.title,
                  ids: found.ids,
                  sizeBytes: found.sizeBytes,
                  path: found.path,
                  restore: null
                }
          ),
        remove: removal.remove,
        restore: () => Effect.fail(refused("restore")),
        isBack: () => Effect.succeed(null)
      }
    }
  }

  readonly resets = new FakeResets(() => this.down.has("requests"))

  /** Set before the services are built. */
  requestsCan: Kind["capabilities"] = ["requests"]

  readonly requests: Connected = fakeRequests(this)

  /** An item with its whole and all parts of that whole. */
  #familyOf(externalId: string): ReadonlyArray<FakeItem> {
    const item = this.items.get(externalId)
    const whole = item?.parentExternalId ?? externalId
    return this.managed.filter((one) => one.externalId === whole || one.parentExternalId === whole)
  }

  /** A call that changes nothing. */
  answering<A>(part: FakePart, call: string, answer: () => A): Effect.Effect<A, UpstreamError> {
    return Effect.suspend(() => (this.down.has(part) ? Effect.fail(unreachable(call)) : Effect.sync(answer)))
  }

  /** A call about one item, with its misbehaviour and its line in the journal. */
  #call<C extends FakeCall, A>(
    call: C,
    externalId: string,
    act: (how: Misbehaviours[C] | undefined) => readonly [string, Effect.Effect<A, UpstreamError>]
  ): Effect.Effect<A, UpstreamError> {
    return Effect.suspend(() => {
      const note = (answer: string, done = false) => void this.journal.push({ call, externalId, answer, done })
      if (this.down.has("manager")) {
        note("UpstreamUnreachable")
        return Effect.fail(unreachable(call))
      }
      const given = this.#queued[call].shift() ?? undefined
      const how: string | undefined = given
      const before = this.#stateOf(externalId)
      const acts = how === undefined || how === "lie" || how === "other-title" || how.endsWith("-done")
      const [answer, result] = acts ? act(given) : ["", Effect.fail(refused(call))]
      const done = before !== this.#stateOf(externalId)
      if (how?.startsWith("hang")) {
        note("UpstreamUnreachable", done)
        this.hanging++
        return Effect.ensuring(
          Effect.never,
          Effect.sync(() => void this.hanging--)
        )
      }
      if (how?.startsWith("timeout")) {
        note("UpstreamUnreachable", done)
        return Effect.fail(unreachable(call))
      }
      if (how === "deny" || how === "forbid") {
        note(how === "deny" ? "UpstreamRefused" : "UpstreamUnauthorized")
        return Effect.fail(how === "deny" ? denied(call) : unauthorized(call))
      }
      if (how?.startsWith("refuse")) {
        note("UpstreamRefused", done)
        return Effect.fail(refused(call))
      }
      if (how === "forget-done") {
        note("UpstreamRefused", done)
        return Effect.fail(filesLeft(call))
      }
      note(answer, done)
      return result
    })
  }
}
