/**
 * Shared by the Servarr applications: the key, the status, disks and root folders, names of tags and quality profiles,
 * and how they report that something is gone.
 */
import { Clock, Effect, Schema } from "effect"
import type { Connection, Presence, Probe } from "../../Kind.ts"
import type { DisksSnapshot, TypedId, Untold } from "../../Observations.ts"
import { OddRecords, untoldOf } from "../../OddRecords.ts"
import type { Upstream, UpstreamClient } from "../../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { apiKeyConfig } from "../ApiKey.ts"
import { LenientString, maybe } from "../Lenient.ts"
import { orGone } from "../OneItem.ts"
import { textOrNull } from "../Values.ts"

export const ArrConfig = apiKeyConfig("Shown by the application under Settings, General, Security.")
export type ArrConfig = typeof ArrConfig.Type

/** The expected application, and the path of its API. */
export interface ArrApplication {
  readonly appName: string
  /** For example `api/v3`. */
  readonly api: string
  /** Accepted major versions; any if absent. */
  readonly majors?: ReadonlyArray<number>
}

/** Access to one application for the parts of a kind. */
export interface ArrAccess {
  readonly upstream: Upstream
  readonly application: ArrApplication
  /** Name of the integration, for errors. */
  readonly integration: string
  /** Verifies that the application answers and is the expected one. */
  readonly probe: Effect.Effect<Probe, UpstreamError>
}

/** The list of a large library is tens of megabytes, generated while we wait. */
export const longReadMillis = 180_000

export const openArr = (client: UpstreamClient["Service"], connection: Connection<ArrConfig>): Upstream =>
  client.open({
    integration: connection.name,
    baseUrl: connection.url,
    headers: { "X-Api-Key": connection.config.apiKey }
  })

/** Requests the status, and verifies the application and its version. */
export const arrProbe = (
  upstream: Upstream,
  application: ArrApplication,
  integration: string
): Effect.Effect<Probe, UpstreamError> =>
  Effect.gen(function* () {
    const started = yield* Clock.currentTimeMillis
    const status = yield* upstream.get(`${application.api}/system/status`, SystemStatus)
    const ended = yield* Clock.currentTimeMillis
    const appName = textOrNull(status.appName) ?? application.appName
    const version = status.version ?? null
    const call = `GET ${application.api}/system/status`
    if (appName !== application.appName) {
      const detail = `this is ${appName}, not ${application.appName}`
      return yield* new UpstreamMalformed({ integration, call, detail })
    }
    if (application.majors?.includes(majorOf(version)) === false) {
      const detail = `this is ${appName} ${version ?? "of no version"}, not version ${application.majors.join(" or ")}`
      return yield* new UpstreamMalformed({ integration, call, detail })
    }
    return { appName, version, latencyMillis: ended - started, process: processOf(status) }
  })

/**
 * It has no id of its own. The time and folder of its start are the same in all its responses until it is restarted.
 */
const processOf = ({ appData, instanceName, startTime }: typeof SystemStatus.Type): string | null =>
  startTime === null || startTime === undefined ? null : [startTime, instanceName ?? "", appData ?? ""].join(" ")

/** The major version, or `NaN`. */
export const majorOf = (version: string | null): number => Number.parseInt(version ?? "", 10)

export const readDisks = Effect.fn("Arr.readDisks")(function* (
  upstream: Upstream,
  { api }: ArrApplication,
  integration: string,
  odd: OddRecords
) {
  const disks = yield* upstream.getArray(`${api}/diskspace`, DiskSpace, { odd })
  const rootFolders = yield* upstream.getArray(`${api}/rootfolder`, RootFolder, { odd })
  if (odd.unidentified > 0) {
    // Without one of the mounts, its items would seem to be on another one.
    const { detail = "", record = "a record" } = odd.told[0] ?? {}
    return yield* new UpstreamMalformed({ integration, call: `GET ${api}/diskspace`, detail: `${record}: ${detail}` })
  }
  const snapshot: DisksSnapshot = {
    disks: disks.map((disk) => ({ path: disk.path, totalBytes: disk.totalSpace, freeBytes: disk.freeSpace })),
    rootFolders: rootFolders.map((folder) => {
      untoldOf(odd, folder, folder.path, {})
      const isOdd = odd.fieldsOf(folder).some(({ path }) => path === "accessible")
      return {
        path: folder.path,
        // Old versions do not report it; a folder in their list existed when they checked.
        accessible: folder.accessible ?? !isOdd,
        freeBytes: folder.freeSpace ?? null,
        ...(folder.totalSpace == null ? {} : { totalBytes: folder.totalSpace })
      }
    })
  }
  return snapshot
})

export interface Names {
  readonly tags: (ids: ReadonlyArray<number> | null | undefined) => ReadonlyArray<string>
  readonly qualityProfile: (id: number | null | undefined) => string | null
  /** Facts that an entry does not report, or whose names are in an unreadable record. */
  readonly untold: (entry: {
    readonly monitored: boolean | null | undefined
    readonly tags: ReadonlyArray<number> | null | undefined
    readonly qualityProfile: number | null | undefined
  }) => Untold<"monitored" | "tags" | "qualityProfile">
}

/**
 * Reads the names of ids. Call it after reading the items: a tag that was created between the two reads is then known,
 * and no item loses the tag that protects it. An id whose name is missing nevertheless is kept as `#<id>`.
 */
export const readNames = Effect.fn("Arr.readNames")(function* (
  upstream: Upstream,
  { api }: ArrApplication,
  odd: OddRecords
) {
  // A faulty label affects only the items with that tag, and fails no item.
  const listOdd = new OddRecords()
  const request = { odd: listOdd }
  const tagRows = yield* upstream.getArray(`${api}/tag`, Tag, request)
  const profileRows = yield* upstream.getArray(`${api}/qualityprofile`, QualityProfile, request)
  for (const { detail, record } of listOdd.told) odd.note(record, detail)
  const tags = new Map(tagRows.map((tag) => [tag.id, tag.label]))
  const profiles = new Map(profileRows.map((profile) => [profile.id, profile.name]))
  const unread = listOdd.unidentified > 0
  const names: Names = {
    tags: (ids) => (ids ?? []).map((id) => tags.get(id) ?? `#${id}`),
    qualityProfile: (id) => (id === null || id === undefined ? null : (profiles.get(id) ?? `#${id}`)),
    untold: ({ monitored, qualityProfile, tags: ids }) => ({
      // Its tags may be what protects it.
      ...(ids === null || ids === undefined ? { tags: "the application does not report its tags" } : {}),
      ...(typeof monitored === "boolean" ? {} : { monitored: noFlag }),
      ...(unread && (ids ?? []).some((id) => !tags.has(id))
        ? { tags: "the name of one of its tags could not be read" }
        : {}),
      ...(unread && typeof qualityProfile === "number" && !profiles.has(qualityProfile)
        ? { qualityProfile: "the name of its quality profile could not be read" }
        : {})
    })
  }
  return names
})

/** Why it is not known whether an entry is monitored. */
export const noFlag = "the application does not say whether it is monitored"

/**
 * The ids of a record; none if one of them could not be read, since the remaining ones could identify another title.
 */
export const idsUnlessOdd = (odd: OddRecords, row: object, ids: ReadonlyArray<TypedId>): ReadonlyArray<TypedId> =>
  odd.fieldsOf(row).some(({ path }) => /^(tmdbId|tvdbId|imdbId|stashId|foreignId|foreign[A-Za-z]+Id)$/.test(path))
    ? []
    : ids

/** Returns `Absent` only if the application itself reports that the item is gone. */
export const presenceOr404 = <A extends object>(
  look: Effect.Effect<A, UpstreamError>,
  probe: Effect.Effect<Probe, UpstreamError>,
  found: (value: A) => Effect.Effect<Presence, UpstreamError>
): Effect.Effect<Presence, UpstreamError> =>
  Effect.flatMap(orGone(look, probe), (value) => (value === null ? Effect.succeed(absent) : found(value)))

const absent: Presence = { _tag: "Absent" }

/** A single record, read like the rows of a list: a faulty field only affects the facts that depend on it. */
export const readRecord = <A extends object>(
  { integration, upstream }: ArrAccess,
  path: string,
  row: Schema.Codec<A, unknown>,
  odd: OddRecords
): Effect.Effect<A, UpstreamError> =>
  Effect.flatMap(
    upstream.getPage(path, { head: Schema.Unknown, rowsOf: (head) => [head], row }, { odd }),
    ({ rows: [only] }) =>
      only === undefined
        ? Effect.fail(new UpstreamMalformed({ integration, call: `GET ${path}`, detail: "it is no such record" }))
        : Effect.succeed(only)
  )

/** The public URL of the poster or cover: the application's own copy would require its key. */
export const posterOf = (images: ReadonlyArray<typeof Image.Type> | null | undefined): string | null => {
  const poster = ["poster", "cover"].flatMap((type) => images?.find((image) => image.coverType === type) ?? [])[0]
  return (
    [poster?.remoteUrl, poster?.url].find((url) => url !== null && url !== undefined && /^https?:/.test(url)) ?? null
  )
}

export const Image = Schema.Struct({
  coverType: maybe(Schema.String),
  url: maybe(Schema.String),
  remoteUrl: maybe(Schema.String)
})

export const Named = Schema.Struct({ name: maybe(Schema.String) })

/** An exclusion from import lists, identified in any way. */
export const Exclusion = Schema.Struct({
  id: Schema.Int,
  tmdbId: maybe(Schema.Number),
  tvdbId: maybe(Schema.Number),
  foreignId: maybe(Schema.String)
})

type IsMeant = (exclusion: typeof Exclusion.Type) => boolean

/**
 * Whether an item is excluded. Checked before its removal: such an exclusion was made by a person, and is kept when the
 * item comes back.
 */
export const isExcluded = (upstream: Upstream, path: string, isMeant: IsMeant): Effect.Effect<boolean, UpstreamError> =>
  Effect.map(upstream.getArray(path, Exclusion), (all) => all.some(isMeant))

/** Stored for a restore. Data stored by older versions does not contain it. */
export const excludedBefore = { excluded: Schema.optionalKey(Schema.Boolean) }

/** Deletes the exclusions that would keep an item from being added again, unless one existed before its removal. */
export const dropExclusions = Effect.fn("Arr.dropExclusions")(function* (
  upstream: Upstream,
  path: string,
  { excluded = false }: { readonly excluded?: boolean },
  isMeant: IsMeant
) {
  if (excluded) return
  for (const exclusion of (yield* upstream.getArray(path, Exclusion)).filter(isMeant)) {
    yield* upstream.send("DELETE", `${path}/${exclusion.id}`)
  }
})

/** The id that an added item received. */
export const Added = Schema.Struct({ id: Schema.Int })

const text = Schema.optionalKey(LenientString)

export const SystemStatus = Schema.Struct({
  appName: maybe(Schema.String),
  version: maybe(Schema.String),
  startTime: text,
  instanceName: text,
  appData: text
})

export const DiskSpace = Schema.Struct({
  path: Schema.String,
  freeSpace: Schema.Number,
  totalSpace: Schema.Number
})

export const RootFolder = Schema.Struct({
  path: Schema.String,
  accessible: maybe(Schema.Boolean),
  freeSpace: maybe(Schema.Number),
  totalSpace: maybe(Schema.Number)
})

export const Tag = Schema.Struct({ id: Schema.Int, label: Schema.String })

export const QualityProfile = Schema.Struct({ id: Schema.Int, name: Schema.String })
