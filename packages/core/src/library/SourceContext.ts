/**
 * Whether the sources of a fact can currently be trusted. A fact with several sources is known only if all of them have
 * answered and none is too old: a missing source might have reported something else.
 */
import type { ItemKind } from "../integrations/Observations.ts"
import type { UnknownReason } from "./Facts.ts"
import type { SourceState } from "./Sources.ts"

export type SourceTrust =
  | { readonly _tag: "Fresh"; readonly source: string; readonly at: string }
  | { readonly _tag: "Unsure"; readonly source: string; readonly reason: UnknownReason; readonly detail: string }
  | { readonly _tag: "None" }

export interface SourceContext {
  /** The catalog of one integration. */
  readonly catalog: (integrationId: string) => SourceTrust
  /**
   * Of a media server: the catalogs of the managers, which decide what the server itself manages. `None` for other
   * integrations, and if there is no manager.
   */
  readonly managers: (integrationId: string) => SourceTrust
  readonly playback: (kind: ItemKind) => SourceTrust
  readonly servers: (kind: ItemKind) => SourceTrust
  readonly requests: (kind: ItemKind) => SourceTrust
  readonly watchlists: (kind: ItemKind) => SourceTrust
  /** The disk group that holds an item; `undefined` if there is none with this id. */
  readonly disk: (diskGroupId: string) => BelievedDisk | undefined
  /** Whether what was read at this time is too old to be trusted. */
  readonly isTooOld: (at: string) => boolean
  readonly watching: Watching
}

/** A disk group as it was last read. */
export interface DiskFigures {
  readonly mountPath: string
  readonly totalBytes: number
  readonly freeBytes: number
  readonly readAt: string
  /** Since when no integration has reported it. */
  readonly staleSince: string | null
}

export interface BelievedDisk extends Pick<DiskFigures, "totalBytes" | "freeBytes"> {
  readonly trust: SourceTrust
}

/** The settings that define what counts as watched, and how long somebody counts as being in the middle of a show. */
export interface Watching {
  /** Share of a movie, 0..1, after which a play counts as watched; `null` = as its source defines it. */
  readonly movieShare: number | null
  /** Share of the episodes, 0..1, after which a season or a show counts as watched. */
  readonly seasonShare: number
  readonly activeDays: number
}

/**
 * The properties of an enabled integration that matter for facts: its name, what it reads, and for which kinds of
 * items.
 */
export interface FactSource {
  readonly integrationId: string
  readonly name: string
  readonly itemKinds: ReadonlyArray<ItemKind>
  readonly reads: ReadonlyArray<SourceState["observation"]>
  /** Set if its plays cannot be attached to a media server. */
  readonly detached: string | null
  /** Whether it manages only what no manager knows. */
  readonly isServer?: boolean
  readonly isDisabled?: boolean
  /** Whether it is a manager whose catalog is not read: it still knows what it knows. */
  readonly knowsUnread?: boolean
  /** Set if it cannot be asked at all, even if it was read before. */
  readonly unusable?: string
  /** Its current address. */
  readonly url?: string
  /** The integration to whose entries its plays would now be attached. */
  readonly playsHangOn?: string | null
  /** The same for its watchlists: itself, unless it watches a media server. */
  readonly listsHangOn?: string | null
}

/** Observations of one item that several integrations may report. */
type SharedObservation = "playback" | "serverItems" | "requests" | "watchlists"

export const makeSourceContext = (options: {
  readonly sources: ReadonlyArray<FactSource>
  readonly states: ReadonlyArray<SourceState>
  /** Disk groups by id. */
  readonly disks?: ReadonlyMap<string, DiskFigures>
  readonly now: number
  readonly maxFactAgeMillis: number
  readonly watching: Watching
}): SourceContext => {
  const states = new Map(options.states.map((state) => [`${state.integrationId}/${state.observation}`, state]))
  const names = new Map(options.sources.map((source) => [source.integrationId, source]))
  const catalogs = new Map<string, SourceTrust>()
  const managing = new Map<string, SourceTrust>()
  const shared: Readonly<Record<SharedObservation, Map<ItemKind, SourceTrust>>> = {
    playback: new Map(),
    serverItems: new Map(),
    requests: new Map(),
    watchlists: new Map()
  }

  const isTooOld = (at: string): boolean => options.now - Date.parse(at) > options.maxFactAgeMillis
  const disks = new Map(
    Array.from(options.disks ?? [], ([id, disk]) => [id, { ...disk, trust: trustOfDisk(disk, isTooOld) }] as const)
  )

  const one = (source: FactSource, observation: SourceState["observation"]): SourceTrust =>
    believe(source, states.get(`${source.integrationId}/${observation}`), options.now, options.maxFactAgeMillis)

  const managers = (integrationId: string): SourceTrust => {
    const before = managing.get(integrationId)
    if (before !== undefined) return before
    const server = names.get(integrationId)
    const believed =
      server?.isServer !== true
        ? ({ _tag: "None" } as const)
        : merge(
            options.sources
              .filter(
                (source) =>
                  source.isServer !== true &&
                  (source.reads.includes("catalog") || source.knowsUnread === true) &&
                  source.itemKinds.some((kind) => server.itemKinds.includes(kind))
              )
              .map((source) => wholly(source, states.get(`${source.integrationId}/catalog`), one(source, "catalog")))
          )
    managing.set(integrationId, believed)
    return believed
  }

  // Called about ten times per item, hence a single look-up without building a key.
  const all = (observation: SharedObservation, kind: ItemKind): SourceTrust => {
    const before = shared[observation].get(kind)
    if (before !== undefined) return before
    const believed = merge(
      options.sources
        .filter((source) => source.reads.includes(observation) && source.itemKinds.includes(kind))
        .map((source): SourceTrust =>
          observation === "playback" && source.detached !== null
            ? { _tag: "Unsure", source: source.name, reason: "not-matched", detail: source.detached }
            : one(source, observation)
        )
    )
    shared[observation].set(kind, believed)
    return believed
  }

  return {
    catalog: (integrationId) => {
      const before = catalogs.get(integrationId)
      if (before !== undefined) return before
      const source = names.get(integrationId)
      const believed: SourceTrust =
        source === undefined || source.isDisabled === true
          ? {
              _tag: "Unsure",
              source: `integration ${integrationId}`,
              reason: "not-synced",
              detail: "the integration is disabled"
            }
          : source.isServer === true
            ? merge([one(source, "catalog"), managers(integrationId)])
            : one(source, "catalog")
      catalogs.set(integrationId, believed)
      return believed
    },
    managers,
    playback: (kind) => all("playback", kind),
    servers: (kind) => all("serverItems", kind),
    requests: (kind) => all("requests", kind),
    watchlists: (kind) => all("watchlists", kind),
    disk: (diskGroupId) => disks.get(diskGroupId),
    isTooOld,
    watching: options.watching
  }
}

const trustOfDisk = (
  { mountPath, readAt, staleSince }: DiskFigures,
  isTooOld: (at: string) => boolean
): SourceTrust => {
  const source = `the disk ${mountPath}`
  const unsure = (detail: string): SourceTrust => ({ _tag: "Unsure", source, reason: "stale", detail })
  if (staleSince !== null) return unsure(`no application has reported ${source} since ${staleSince}`)
  return isTooOld(readAt) ? unsure(`${source} was last read at ${readAt}`) : { _tag: "Fresh", source, at: readAt }
}

const believe = (source: FactSource, state: SourceState | undefined, now: number, maxAge: number): SourceTrust => {
  if (source.unusable !== undefined) {
    return { _tag: "Unsure", source: source.name, reason: "not-synced", detail: `${source.name} ${source.unusable}` }
  }
  if (state === undefined) {
    return { _tag: "Unsure", source: source.name, reason: "not-synced", detail: `${source.name} was never read` }
  }
  if (state.status !== "ok") {
    return {
      _tag: "Unsure",
      source: source.name,
      reason: state.error?.reason ?? "source-down",
      detail: `${source.name} at ${state.attemptedAt}: ${state.error?.detail ?? "could not be read"}`
    }
  }
  if (state.observedAt === null) {
    return { _tag: "Unsure", source: source.name, reason: "not-synced", detail: `${source.name} was never read` }
  }
  if (now - Date.parse(state.observedAt) > maxAge) {
    return {
      _tag: "Unsure",
      source: source.name,
      reason: "stale",
      detail: `${source.name} was last read at ${state.observedAt}`
    }
  }
  const unlike = whyUnlike(source, state)
  return unlike === null
    ? { _tag: "Fresh", source: source.name, at: state.observedAt }
    : { _tag: "Unsure", source: source.name, reason: "not-synced", detail: `${source.name} ${unlike}; a sync reads it` }
}

/** A catalog with records that could not be identified may contain anything. */
const wholly = (source: FactSource, state: SourceState | undefined, trust: SourceTrust): SourceTrust => {
  const { name } = source
  if (source.knowsUnread === true) {
    const detail = `${name} ${source.isDisabled === true ? "is disabled" : "has its catalog switched off"}`
    return { _tag: "Unsure", source: name, reason: "not-synced", detail }
  }
  return trust._tag === "Fresh" && (state?.unidentified ?? []).length > 0
    ? {
        _tag: "Unsure",
        source: name,
        reason: "source-malformed",
        detail: `${name} lists records that cannot be identified`
      }
    : trust
}

/** Why the items' data of a source does not match its current configuration. */
const whyUnlike = (source: FactSource, state: SourceState): string | null => {
  if (source.url !== undefined && state.readFrom != null && state.readFrom !== source.url) {
    return `has another address since it was last read at ${state.observedAt}`
  }
  if (state.joinedTo === undefined || state.observation === "disks") return null
  if (state.joinedTo === null) return "was left out when the library was last joined"
  const target =
    state.observation === "playback"
      ? source.playsHangOn
      : state.observation === "watchlists"
        ? (source.listsHangOn ?? source.integrationId)
        : source.integrationId
  return target === undefined || target === state.joinedTo ? null : "has another media server for its plays"
}

const merge = (all: ReadonlyArray<SourceTrust>): SourceTrust => {
  const unsure = all.filter((believed) => believed._tag === "Unsure")
  if (unsure[0] !== undefined) {
    return { ...unsure[0], detail: unsure.map((believed) => believed.detail).join("; ") }
  }
  const fresh = all.filter((believed) => believed._tag === "Fresh")
  if (fresh.length === 0) return { _tag: "None" }
  return {
    _tag: "Fresh",
    source: fresh.map((believed) => believed.source).join(", "),
    at: fresh.reduce((oldest, believed) => (believed.at < oldest ? believed.at : oldest), fresh[0]!.at)
  }
}
