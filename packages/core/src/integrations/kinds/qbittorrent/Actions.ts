/** Changes of torrents in qBittorrent. It accepts changes of unknown hashes, so they are looked up first. */
import { Effect, Schema } from "effect"
import type {
  DownloadOutcome,
  DownloadPresence,
  DownloadsCapability,
  ExcludedFileNames,
  LimitSetting,
  LimitSettings,
  QueueMove
} from "../../DownloadsCapability.ts"
import type { Upstream } from "../../Upstream.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { amountIn, type Fields, fieldsIn, flagIn, numberIn, textIn, wordsIn } from "../downloads/Fields.ts"
import { allRefused, asOutcome, forKnown, mergeOutcomes, refusedBy } from "../downloads/Outcomes.ts"
import { spelledAs } from "../downloads/Terms.ts"
import { isAtLeast, type Versions } from "./Client.ts"

type Ids = ReadonlyArray<string>

/** Hashes in one address, which may not become too long. */
const hashesAtOnce = 50

const Rows = Schema.Array(Schema.Unknown)
const Settings = Schema.Record(Schema.String, Schema.Unknown)

export interface Access {
  readonly upstream: Upstream
  readonly integration: string
  readonly versions: Effect.Effect<Versions, UpstreamError>
  readonly expectGone: (ids: Ids) => void
}

const api = "api/v2"

export const rowsOf = Effect.fnUntraced(function* (
  { upstream }: Pick<Access, "upstream">,
  ids: Ids
): Effect.fn.Return<ReadonlyMap<string, Fields>, UpstreamError> {
  const pages = Array.from({ length: Math.ceil(ids.length / hashesAtOnce) }, (_, page) =>
    ids.slice(page * hashesAtOnce, (page + 1) * hashesAtOnce)
  )
  const rows = yield* Effect.forEach(pages, (page) =>
    upstream.get(`${api}/torrents/info`, Rows, { query: { hashes: page.join("|") } })
  )
  return new Map(
    rows.flat().map((row) => {
      const fields = fieldsIn(row)
      return [(textIn(fields, "hash") ?? "").toLowerCase(), fields]
    })
  )
})

export const presenceOf = (access: Access, id: string): Effect.Effect<DownloadPresence, UpstreamError> =>
  Effect.map(rowsOf(access, [id]), (rows): DownloadPresence => {
    const row = rows.get(id)
    if (row === undefined) return { _tag: "Absent" }
    const settled = textIn(row, "state") !== "checkingResumeData"
    return {
      _tag: "Present",
      name: textIn(row, "name") ?? id,
      savePath: wordsIn(row, "save_path"),
      contentPath: settled ? wordsIn(row, "content_path") : null,
      bytesTotal: amountIn(row, "total_size")
    }
  })

export const settingsOf = ({ upstream }: Pick<Access, "upstream">) => upstream.get(`${api}/app/preferences`, Settings)

export const actionsOf = (access: Access) => {
  const { upstream } = access
  const known = (ids: Ids) => Effect.map(rowsOf(access, ids), (rows) => new Set(rows.keys()))

  const post = (
    command: string,
    form: Readonly<Record<string, string | number | boolean>>,
    options: { readonly destroys?: boolean } = {}
  ) => Effect.asVoid(upstream.ask("POST", `${api}/${command}`, { form, ...options }))

  const act =
    (command: string, form: Readonly<Record<string, string | number | boolean>> = {}) =>
    (ids: Ids) =>
      post(`torrents/${command}`, { hashes: ids.join("|"), ...form })

  const forAll = (ids: Ids, change: (ids: Ids) => Effect.Effect<DownloadOutcome | void, UpstreamError>) =>
    forKnown(ids, known, change)

  /** Version 5 has other names; the one that does not exist has no effect. */
  const renamed = (older: string, newer: string) => (ids: Ids) =>
    forAll(ids, (present) =>
      Effect.gen(function* () {
        const isNew = isAtLeast(yield* access.versions, 2, 11)
        const [first, second] = isNew ? [newer, older] : [older, newer]
        yield* act(first)(present).pipe(
          Effect.catchTag("UpstreamRefused", (error) =>
            error.status === 404 ? act(second)(present) : Effect.fail(error)
          )
        )
      })
    )

  const tags = (command: "addTags" | "removeTags") => (ids: Ids, names: ReadonlyArray<string>) =>
    forAll(ids, (present) =>
      Effect.gen(function* () {
        const existing = yield* upstream.get(`${api}/torrents/tags`, Schema.Array(Schema.String))
        const spelled =
          command === "addTags"
            ? spelledAs(existing, names)
            : existing.filter((tag) => names.some((name) => name.trim().toLowerCase() === tag.toLowerCase()))
        if (spelled.length > 0) yield* act(command, { tags: spelled.join(",") })(present)
      })
    )

  const setLimits = (ids: Ids, limits: LimitSettings) =>
    Effect.gen(function* () {
      const rows = yield* rowsOf(access, [...new Set(ids)])
      return yield* forKnown(
        ids,
        () => Effect.succeed(new Set(rows.keys())),
        (present) =>
          Effect.gen(function* () {
            const outcomes: Array<DownloadOutcome> = []
            if (
              limits.ratio !== undefined ||
              limits.seedingSeconds !== undefined ||
              limits.inactiveSeconds !== undefined
            ) {
              for (const [form, group] of shareForms(present, rows, limits)) {
                outcomes.push(yield* asOutcome(group, act("setShareLimits", JSON.parse(form))(group)))
              }
            }
            const refused = new Set(outcomes.flatMap((one) => one.refused.map(({ id }) => id)))
            const rest = present.filter((id) => !refused.has(id))
            if (rest.length === 0) return mergeOutcomes(outcomes)
            if (limits.down !== undefined) yield* act("setDownloadLimit", { limit: speedOf(limits.down) })(rest)
            if (limits.up !== undefined) yield* act("setUploadLimit", { limit: speedOf(limits.up) })(rest)
            return { accepted: rest, absent: [], refused: outcomes.flatMap((one) => one.refused) }
          })
      )
    })

  const setFileWanted = (id: string, indexes: ReadonlyArray<number>, wanted: boolean) =>
    forAll([id], () =>
      post("torrents/filePrio", { hash: id, id: indexes.join("|"), priority: wanted ? 1 : 0 }, { destroys: true })
    )

  const createCategory = (name: string, path: string | null) =>
    post("torrents/createCategory", { category: name, savePath: path ?? "" }).pipe(
      Effect.catchTag("UpstreamRefused", (error) =>
        error.status !== 409
          ? Effect.fail(error)
          : Effect.flatMap(upstream.get(`${api}/torrents/categories`, Settings), (all) =>
              name in all ? Effect.void : Effect.fail(error)
            )
      )
    )

  const namesIn = (settings: Fields): ExcludedFileNames => ({
    on: flagIn(settings, "excluded_file_names_enabled") === true,
    patterns: (textIn(settings, "excluded_file_names") ?? "").split("\n").filter((line) => line.trim() !== "")
  })

  const readNames = Effect.flatMap(settingsOf(access), (settings) =>
    "excluded_file_names" in settings
      ? Effect.succeed(namesIn(settings))
      : Effect.fail(
          refusedBy(access.integration, `GET ${api}/app/preferences`, "this version has no excluded file names")
        )
  )

  return {
    pause: renamed("pause", "stop"),
    resume: renamed("resume", "start"),
    remove: (ids, { withData }) =>
      forAll(ids, (present) =>
        Effect.map(
          post("torrents/delete", { hashes: present.join("|"), deleteFiles: withData }, { destroys: true }),
          () => access.expectGone(present)
        )
      ),
    removesData: true,
    recheck: (ids) => forAll(ids, act("recheck")),
    reannounce: (ids) => forAll(ids, act("reannounce")),
    setCategory: (ids, category) => forAll(ids, act("setCategory", { category })),
    createCategory,
    addTags: tags("addTags"),
    removeTags: tags("removeTags"),
    setLimits,
    limits: ["ratio", "seedingSeconds", "inactiveSeconds", "down", "up"],
    ownLimits: [],
    setFileWanted,
    setQueuePosition: (ids, move) => forAll(ids, act(queueCommands[move])),
    setSavePath: (ids, location) =>
      location.trim() === ""
        ? Effect.succeed(allRefused(ids, "the path is empty"))
        : forAll(ids, act("setLocation", { location })),
    exportTorrent: (id) =>
      upstream.ask("GET", `${api}/torrents/export`, { query: { hash: id } }).pipe(
        Effect.map(({ body }): Uint8Array | null => body),
        Effect.catchTag("UpstreamRefused", (error) =>
          error.status === 404 || error.status === 409 ? Effect.succeed(null) : Effect.fail(error)
        )
      ),
    add: (torrent, { category, paused, savePath, tags }) =>
      Effect.gen(function* () {
        const fields: Readonly<Record<string, string>> = {
          ...(savePath === null ? {} : { savepath: savePath, autoTMM: "false" }),
          ...(category === "" ? {} : { category }),
          ...(tags.length === 0 ? {} : { tags: tags.join(",") }),
          // Version 5 has another name; the one that does not exist has no effect.
          paused: String(paused),
          stopped: String(paused)
        }
        const answer = yield* upstream.ask("POST", `${api}/torrents/add`, {
          multipart: [
            { name: "torrents", fileName: "a.torrent", contentType: "application/x-bittorrent", content: torrent },
            ...Object.entries(fields).map(([name, value]) => ({ name, value }))
          ]
        })
        const said = new TextDecoder().decode(answer.body).trim()
        // Also for one that it has already: whether it is there is asked afterwards.
        if (/^fails\.?$/i.test(said)) {
          return yield* refusedBy(access.integration, `POST ${api}/torrents/add`, "it did not add the torrent")
        }
      }),
    excludedFileNames: {
      read: readNames,
      write: ({ on, patterns }) =>
        Effect.gen(function* () {
          yield* readNames
          const json = { excluded_file_names_enabled: on, excluded_file_names: patterns.join("\n") }
          yield* post("app/setPreferences", { json: JSON.stringify(json) }, { destroys: true })
          return yield* readNames
        })
    }
  } satisfies Partial<DownloadsCapability>
}

const queueCommands: Readonly<Record<QueueMove, string>> = {
  top: "topPrio",
  bottom: "bottomPrio",
  up: "increasePrio",
  down: "decreasePrio"
}

const speedOf = (limit: LimitSetting): number => (limit.is === "value" ? Math.max(1, Math.round(limit.value)) : 0)

const rawOf = (limit: LimitSetting | undefined, unit: number, current: number | null): number => {
  if (limit === undefined) return current ?? -2
  if (limit.is !== "value") return limit.is === "global" ? -2 : -1
  return unit === 1 ? limit.value : Math.ceil(limit.value / unit)
}

/** All three limits are set at once: those that stay are repeated as they are, so torrents are grouped by them. */
const shareForms = (
  ids: Ids,
  rows: ReadonlyMap<string, Fields>,
  { inactiveSeconds, ratio, seedingSeconds }: LimitSettings
): ReadonlyMap<string, Ids> => {
  const groups = new Map<string, Array<string>>()
  for (const id of ids) {
    const row = rows.get(id) ?? {}
    const action = row["share_limit_action"]
    const form = JSON.stringify({
      ratioLimit: rawOf(ratio, 1, numberIn(row, "ratio_limit")),
      seedingTimeLimit: rawOf(seedingSeconds, 60, numberIn(row, "seeding_time_limit")),
      inactiveSeedingTimeLimit: rawOf(inactiveSeconds, 60, numberIn(row, "inactive_seeding_time_limit")),
      // Required by newer versions, whose lists contain it.
      ...(action === undefined ? {} : { shareLimitAction: action })
    })
    groups.set(form, [...(groups.get(form) ?? []), id])
  }
  return groups
}
