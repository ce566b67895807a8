/**
 * What a kind of upstream is to the rest of the house. Domain code asks for capabilities and never for a kind's name; a
 * new upstream is one file in `kinds/` and one line in `Kinds.ts`.
 */
import type { Effect, Schema } from "effect"
import type {
  CatalogItem,
  ItemKind,
  Observation,
  Observed,
  PlaybackEntry,
  RequestEntry,
  ServerItem,
  TypedId
} from "./Observations.ts"
import type { OddRecords } from "./OddRecords.ts"
import type { AnswerBound, UpstreamDoor } from "./Upstream.ts"
import type { UpstreamError } from "./UpstreamErrors.ts"

export const capabilities = [
  "catalog",
  "disks",
  "removal",
  "search",
  "downloads",
  "playback",
  "requests",
  "labels",
  "artwork",
  "collections"
] as const
export type Capability = (typeof capabilities)[number]

/** One field of a kind's configuration, enough to draw a form. */
export interface ConfigField {
  readonly key: string
  readonly label: string
  readonly type: "text" | "secret" | "boolean" | "integer" | "choice"
  readonly required: boolean
  readonly description: string
  readonly default?: string | number | boolean
  readonly choices?: ReadonlyArray<string>
  /**
   * Of a secret that the application made for itself, at random: the same one at another address leads to the same
   * application. Not set for a token of an account, which opens all servers of its owner.
   */
  readonly ownSecret?: boolean
  /** Two connections to one application that differ in this read different parts of it, and are no doubles. */
  readonly choosesPart?: boolean
}

/** How an installation is found where it usually is, and recognised without a key. */
export interface Discovery {
  /** Where it listens unless it was told otherwise. */
  readonly defaultPort: number
  /** Names that its container usually has. */
  readonly hostNames: ReadonlyArray<string>
  /** Asked without a key. */
  readonly path: string
  /** A regular expression that fits the text of the answer, and of no other application's. */
  readonly answer: string
}

/** Called while a long read goes on. `total` is `null` until the upstream has told it. */
export type Progress = (done: number, total: number | null) => Effect.Effect<void>

export interface Probe {
  /** The name the application gives itself, for instance `Radarr`. */
  readonly appName: string
  readonly version: string | null
  readonly latencyMillis: number
  /**
   * What this installation calls itself: made by it once, at random, and the same under every address. `null` or absent
   * where the application does not say.
   */
  readonly identity?: string | null
  /**
   * What tells the running process from others that run at the same time, such as its start. Two answers of one moment that
   * differ in it come from two installations; equal ones prove nothing.
   */
  readonly process?: string | null
  /** Of a statistics application: the media server whose plays it keeps, as far as it says. */
  readonly watches?: WatchedServer | null
}

/** A media server as an application that watches it tells of it. */
export interface WatchedServer {
  /** As `Kind.keySpace` of that server; `null` where the application does not say. */
  readonly keySpace: string | null
  /** As `Probe.identity` of that server. */
  readonly identity: string | null
  /** How people call it. */
  readonly name: string | null
}

/** What identifies an item upstream at the moment of a destructive call. */
export interface RemovalTarget {
  readonly externalId: string
  readonly kind: ItemKind
  readonly title: string
  readonly ids: ReadonlyArray<TypedId>
}

/** What the upstream says of a target now. `absent` only on an explicit answer, never on a failure. */
export type Presence =
  | { readonly _tag: "Absent" }
  | {
      readonly _tag: "Present"
      readonly title: string
      readonly ids: ReadonlyArray<TypedId>
      readonly sizeBytes: number
      readonly path: string | null
      /** Everything `restore` needs to add the item again. Opaque to all but the kind that made it. */
      readonly restore: unknown
    }

/** What a person may choose for a removal. */
export interface RemovalOptions {
  /** Keep the upstream's import lists from adding the item again. */
  readonly addImportExclusion: boolean
}

/** What may become of the entry of a show, an artist or an author whose last part is gone. */
export const emptyEntryChoices = ["keep", "unmonitor", "remove"] as const
export type EmptyEntries = (typeof emptyEntryChoices)[number]

/** What became of such an entry, and why where nothing was done. */
export type EntryFate =
  | { readonly _tag: "Kept"; readonly reason: string }
  | { readonly _tag: "Unmonitored" }
  /** `unmonitor` and `remove` both find it gone when somebody was quicker. */
  | { readonly _tag: "Removed" }

/** Removal and the way back. All of them fail with an `UpstreamError`; what a failure means is asked by `presence`. */
export interface RemovalCapability {
  /** Kinds of item that can be removed. */
  readonly kinds: ReadonlyArray<ItemKind>
  /** Whether the upstream still has the target. Asked before a removal, after it, and after a crash. */
  readonly presence: (target: RemovalTarget) => Effect.Effect<Presence, UpstreamError>
  /** Removes the target with its files. Sent once; never retried by the door. */
  readonly remove: (target: RemovalTarget, options: RemovalOptions) => Effect.Effect<void, UpstreamError>
  /**
   * Puts back what `remove` changes before it deletes, as `Presence.restore` of the moment before says it was: the flag of
   * a season that is no longer wanted, say. Asked when a removal stopped half-way. Absent where nothing is changed before.
   */
  readonly putBack?: (target: RemovalTarget, restore: unknown) => Effect.Effect<void, UpstreamError>
  /**
   * Looks at the whole that a removed part belonged to, and does with its entry what is chosen when the application says
   * itself that no file is left and nothing more is awaited. Deletes no file; sent once. Absent where nothing has parts.
   */
  readonly settleEntry?: (
    part: RemovalTarget,
    choice: Exclude<EmptyEntries, "keep">,
    options: RemovalOptions
  ) => Effect.Effect<EntryFate, UpstreamError>
  /**
   * Adds a removed item again from `Presence.restore` as it was, and starts a search. Asked again, it finishes what is
   * unfinished, the search included, and adds nothing twice. Fails where it may not be back, or may not be as it was; a search
   * that the application has refused is no failure.
   */
  readonly restore: (restore: unknown, options?: RestoreOptions) => Effect.Effect<CameBack, UpstreamError>
  /** Whether what `restore` brings back is back, as far as the application says: `null` = it is not. Files may be missing yet. */
  readonly isBack: (restore: unknown) => Effect.Effect<{ readonly externalId: string } | null, UpstreamError>
}

/** An item that is back in its application. */
export interface CameBack {
  readonly externalId: string
  /** Why nobody searches for it, for people; absent where a search was started. */
  readonly notSearched?: string
}

/** What a person may ask for beyond what was. */
export interface RestoreOptions {
  /** Wanted again, whether or not it was when it went. */
  readonly monitor?: boolean
}

/** An entry of a media server, by the keys under which it and its plays are told. */
export interface EntryKeys {
  readonly kind: "movie" | "show"
  /** Of the movie, or of the show. */
  readonly serverItemId: string
  /** Its lasting id, where the server tells one. */
  readonly guid: string | null
  readonly title: string
  /** Set when it is about one season; its own key where the server lists it. */
  readonly season: { readonly number: number; readonly serverItemId: string | null } | null
}

/** A movie or a show as request managers know it. */
export interface WantedIds {
  readonly kind: "movie" | "show"
  readonly ids: ReadonlyArray<TypedId>
}

/**
 * Reads again what concerns one item, in a few calls, in the words of the readings: before it is removed, facts are asked
 * for once more. What is absent here cannot be asked about one item alone, and has to be as young as the plan.
 *
 * A record that cannot be identified may be the very one: it fails the reading of the item and of its entries. Of plays and
 * requests `odd` tells such records, as after a whole reading: a request among `odd.doubts` that the last sync did not read
 * like that makes the removal wait.
 */
export interface Rereading {
  /** The item, a part with its whole, a whole with its parts; nothing when the application says that it is gone. */
  readonly catalog?: (
    target: RemovalTarget,
    odd: OddRecords
  ) => Effect.Effect<ReadonlyArray<CatalogItem>, UpstreamError>
  /** The entries that are still there, a season with its show. */
  readonly serverItems?: (
    entries: ReadonlyArray<EntryKeys>,
    odd: OddRecords
  ) => Effect.Effect<ReadonlyArray<ServerItem>, UpstreamError>
  /**
   * All that was played of these entries, under their keys and lasting ids, and what is being played now. Plays that name
   * no key, and bear the title of one of them, are among it.
   */
  readonly playback?: (
    entries: ReadonlyArray<EntryKeys>,
    odd: OddRecords
  ) => Effect.Effect<ReadonlyArray<PlaybackEntry>, UpstreamError>
  /** Every request for the movie or the show with these ids. */
  readonly requests?: (wanted: WantedIds, odd: OddRecords) => Effect.Effect<ReadonlyArray<RequestEntry>, UpstreamError>
}

/** An entry of which an image is wanted, by the key that the application itself has it under. */
export interface ArtworkEntry {
  readonly kind: ItemKind
  /** `CatalogItem.externalId` where the application manages the item, `ServerItem.serverItemId` on a media server. */
  readonly key: string
}

/** How much of an image is read, and how long one call may take. */
export interface ArtworkLimits {
  readonly bound: AnswerBound
  readonly timeoutMillis: number
}

/** Images of items, from the application's own address with the application's own key. */
export interface ArtworkCapability {
  /**
   * The bytes of the poster or cover as they came, whatever the application says they are; `null` where it has none of this
   * entry itself. Never follows an address that stands in an answer: such an address may lead to another host.
   */
  readonly poster: (entry: ArtworkEntry, limits: ArtworkLimits) => Effect.Effect<Uint8Array | null, UpstreamError>
}

/** A connected integration: the reads and acts its kind is capable of. */
export interface Connected {
  /** Proves that the address, the key and the application are right. */
  readonly probe: Effect.Effect<Probe, UpstreamError>
  readonly read: {
    readonly [O in Observation]?: (progress: Progress, odd: OddRecords) => Effect.Effect<Observed[O], UpstreamError>
  }
  readonly reread?: Rereading
  readonly removal?: RemovalCapability
  readonly artwork?: ArtworkCapability
}

/** A configured integration as its kind sees it: the address and the decoded configuration, secrets included. */
export interface Connection<Config> {
  readonly integrationId: string
  readonly name: string
  readonly url: string
  readonly config: Config
}

/** Where an application keeps what we make a fact of, and what it answers when it does not know. */
export interface FactOrigin {
  /** Names of the facts, as rules know them. */
  readonly facts: ReadonlyArray<string>
  /** Every place in which it is kept and read: the call and its fields. */
  readonly places: string
  /** What stands there when the application does not know, and what that makes of the fact. */
  readonly unknown: string
  /** `recorded`: an answer of the application was recorded; `server`: tried against one; `document`: its own document says so. */
  readonly evidence: "recorded" | "server" | "document"
}

/** How much there is to read, as far as the number of calls may depend on it. */
export interface SyncSize {
  /** What the library holds, counted as items of Tendarr. */
  readonly items: number
  /** Rows of the play history. */
  readonly plays: number
  /** As many as `items` where absent. */
  readonly requests?: number
  /** Movies and episodes on a media server; as many as `items` where absent. */
  readonly videos?: number
  /** Lists that a media server keeps its movies and shows in; 1 where absent. */
  readonly lists?: number
  /** Collections of a media server; none where absent. */
  readonly collections?: number
  /** Labels of a media server, those of each list counted apart; none where absent. */
  readonly labels?: number
  /** Movies and shows of a media server that carry no id that is read, and of which a list does not tell the files. */
  readonly unmatched?: number
  /** Movies and episodes of a media server that have more than one file; none where absent. */
  readonly versions?: number
  /** Users of a media server; 1 where absent. */
  readonly users?: number
  /** Imports in the history of a manager; as many as `items` where absent. */
  readonly imports?: number
}

/**
 * One kind of upstream. To add one from outside: write a value of this type (or let `arrKind` make it), hide its
 * configuration's type with `sealKind`, and give it to `Kinds.layerWith` or `Kinds.register`. Nothing of Tendarr is edited.
 *
 * @example
 * ```ts
 * import type { Kind } from "@tendarr/core/integrations/Kind"
 * import { sealKind } from "@tendarr/core/integrations/Kinds"
 * import type { RequestEntry } from "@tendarr/core/integrations/Observations"
 * import { idOf, isoOrNull } from "@tendarr/core/integrations/kinds/Values"
 * import { Duration, Effect, Schema } from "effect"
 *
 * const Config = Schema.Struct({ apiKey: Schema.String })
 *
 * const About = Schema.Struct({ version: Schema.String })
 *
 * const Wish = Schema.Struct({ id: Schema.Int, tmdbId: Schema.Int, by: Schema.String, at: Schema.String })
 *
 * const toRequest = ({ at, by, id, tmdbId }: typeof Wish.Type): RequestEntry => ({
 *   requestId: String(id),
 *   kind: "movie",
 *   ids: idOf("tmdb-movie", tmdbId),
 *   seasons: null,
 *   status: "approved",
 *   requesterNames: [by],
 *   requestedAt: isoOrNull(at)
 * })
 *
 * const wishlist: Kind<typeof Config.Type> = {
 *   id: "wishlist",
 *   title: "Wishlist",
 *   description: "Who wished for which movies.",
 *   capabilities: ["requests"],
 *   itemKinds: ["movie"],
 *   fields: [{ key: "apiKey", label: "API key", type: "secret", required: true, description: "" }],
 *   config: Config,
 *   syncCost: { formula: "1", calls: () => 1 },
 *   connect: (door, { config, name, url }) => {
 *     const upstream = door.open({ integration: name, baseUrl: url, headers: { "x-api-key": config.apiKey } })
 *     return {
 *       probe: Effect.map(Effect.timed(upstream.get("about", About)), ([took, { version }]) => ({
 *         appName: "Wishlist",
 *         version,
 *         latencyMillis: Duration.toMillis(took)
 *       })),
 *       read: { requests: () => Effect.map(upstream.getArray("wishes", Wish), (wishes) => wishes.map(toRequest)) }
 *     }
 *   }
 * }
 *
 * export const kinds = [sealKind(wishlist)]
 * ```
 */
export interface Kind<Config = unknown> {
  /** Stable identifier: `radarr`, `plex`. */
  readonly id: string
  readonly title: string
  readonly description: string
  readonly capabilities: ReadonlyArray<Capability>
  /** Kinds of item this kind tells of; a factor is applicable to a kind of item when some integration can know its fact. */
  readonly itemKinds: ReadonlyArray<ItemKind>
  readonly fields: ReadonlyArray<ConfigField>
  readonly config: Schema.Codec<Config, unknown>
  /** Absent for what cannot be recognised without a key. */
  readonly discovery?: Discovery
  /**
   * Of a media server: the family of the keys by which it names its entries, an opaque word. Keys of one family cannot be
   * those of a server of another.
   */
  readonly keySpace?: string
  /** Of a statistics application: the families of the servers whose plays it can keep; any where absent. */
  readonly watches?: ReadonlyArray<string>
  /**
   * Upstream calls that one sync costs at most, as a formula for people and as a function. A sync reads lists in pages: its
   * cost may grow with their length, and never by one call for every item.
   */
  readonly syncCost: {
    readonly formula: string
    readonly calls: (size: SyncSize) => number
    /**
     * What it costs to read again what concerns one item before it is removed, and to look whether it is there, in calls, for
     * people.
     */
    readonly reread?: string
  }
  /** For the reference: where its facts come from. */
  readonly facts?: ReadonlyArray<FactOrigin>
  readonly connect: (door: UpstreamDoor["Service"], connection: Connection<Config>) => Connected
}
