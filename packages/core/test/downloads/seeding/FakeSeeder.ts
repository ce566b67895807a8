/** A download client that seeds, in memory: with limits, categories, tags, a queue, and torrent files. */
import { Effect, Schema } from "effect"
import { Actor } from "../../../src/events/Actor.ts"
import { Downloads } from "../../../src/downloads/Downloads.ts"
import { Seeding } from "../../../src/downloads/seeding/Seeding.ts"
import { SeedingSettings } from "../../../src/downloads/seeding/SeedingSettings.ts"
import type { Download, Limit } from "../../../src/integrations/Downloads.ts"
import type {
  DownloadOutcome,
  DownloadsCapability,
  LimitSetting,
  LimitSettings
} from "../../../src/integrations/DownloadsCapability.ts"
import { CurrentFinalCheck } from "../../../src/integrations/FinalCheck.ts"
import { UpstreamHeldBack, UpstreamUnreachable } from "../../../src/integrations/UpstreamErrors.ts"
import { MayDestroy } from "../../../src/jobs/MayDestroy.ts"
import { RuleDefinition } from "../../../src/rules/Rule.ts"
import { Rules } from "../../../src/rules/Rules.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { connected, FakeDownloads } from "../FakeDownloads.ts"

const decoder = new TextDecoder()

/** As qBittorrent stores it: -2 follows the client, times are minutes. */
const shareLimit = (setting: LimitSetting, unit: number): Limit =>
  setting.is === "global"
    ? { is: "global", raw: -2 }
    : setting.is === "none"
      ? { is: "none", raw: -1 }
      : { is: "value", value: Math.ceil(setting.value / unit) * unit, raw: Math.ceil(setting.value / unit) }

const ratioLimit = (setting: LimitSetting): Limit =>
  setting.is === "value" ? { is: "value", value: setting.value, raw: setting.value } : shareLimit(setting, 1)

const speedLimit = (setting: LimitSetting): Limit =>
  setting.is === "value" ? { is: "value", value: setting.value, raw: setting.value } : { is: "none", raw: 0 }

export class FakeSeeder extends FakeDownloads {
  /** The answers to changes are lost, although they are carried out. */
  losesAnswers = false
  readonly #removed = new Map<string, Download>()

  constructor() {
    super()
    const removeThere = this.capability.remove
    const send = (call: string, act: () => void) =>
      Effect.gen({ self: this }, function* () {
        const look = yield* CurrentFinalCheck
        const why = look === null ? null : yield* look.whyNot(false)
        if (why !== null) return yield* new UpstreamHeldBack({ integration: "client", call, detail: why })
        if (this.down.has("client")) {
          return yield* new UpstreamUnreachable({ integration: "client", call, detail: "it does not answer" })
        }
        this.sent.push(call)
        if (!this.lies) act()
        if (this.losesAnswers) {
          return yield* new UpstreamUnreachable({ integration: "client", call, detail: "the answer was lost" })
        }
      })
    const each =
      (what: string, change: (one: Download) => Partial<Download>) =>
      (ids: ReadonlyArray<string>): Effect.Effect<DownloadOutcome, UpstreamHeldBack | UpstreamUnreachable> =>
        Effect.as(
          send(`client: ${what} ${ids.map((id) => this.downloads.get(id)?.name).join()}`, () => {
            for (const id of ids) {
              const one = this.downloads.get(id)
              if (one !== undefined) this.downloads.set(id, { ...one, ...change(one) })
            }
          }),
          { accepted: ids, absent: [], refused: [] }
        )
    const changes: Partial<DownloadsCapability> = {
      pause: each("pause", ({ progress }) => ({ state: progress === 1 ? "completed" : "paused" })),
      resume: each("resume", ({ progress }) => ({ state: progress === 1 ? "seeding" : "downloading" })),
      setCategory: (ids, category) => each(`category ${category} of`, () => ({ category }))(ids),
      createCategory: (name) =>
        Effect.sync(() => {
          const { categories } = this.client
          if (categories?.some((one) => one.name === name) === true) return
          this.client = { ...this.client, categories: [...(categories ?? []), { name, path: null }] }
        }),
      addTags: (ids, tags) =>
        each(`tag ${tags.join()} on`, (one) => ({ tags: [...new Set([...(one.tags ?? []), ...tags])] }))(ids),
      removeTags: (ids, tags) =>
        each(`untag ${tags.join()} from`, (one) => ({
          tags: (one.tags ?? []).filter((tag) => !tags.includes(tag))
        }))(ids),
      setLimits: (ids, limits) => each(`limits ${JSON.stringify(limits)} of`, (one) => withLimits(one, limits))(ids),
      limits: ["ratio", "seedingSeconds", "inactiveSeconds", "down", "up"],
      setQueuePosition: (ids, move) =>
        Effect.as(
          send(`client: ${move} ${ids.map((id) => this.downloads.get(id)?.name).join()}`, () => {
            const line = [...this.downloads.values()]
              .filter(({ queuePosition }) => queuePosition !== null)
              .toSorted((a, b) => (a.queuePosition ?? 0) - (b.queuePosition ?? 0))
            const moved = line.filter(({ id }) => ids.includes(id))
            const rest = line.filter(({ id }) => !ids.includes(id))
            for (const [place, one] of [...moved, ...rest].entries()) this.change(one, { queuePosition: place + 1 })
          }),
          { accepted: ids, absent: [], refused: [] }
        ),
      remove: (ids, options) => {
        for (const id of ids) {
          const one = this.downloads.get(id)
          if (one !== undefined) this.#removed.set(id, one)
        }
        return removeThere(ids, options)
      },
      exportTorrent: (id) =>
        Effect.sync(() => (this.downloads.has(id) ? new TextEncoder().encode(`torrent ${id}`) : null)),
      add: (torrent, { category, savePath, tags }) =>
        Effect.sync(() => {
          const id = decoder.decode(torrent).replace("torrent ", "")
          const one = this.#removed.get(id)
          this.sent.push(`client: add ${one?.name}`)
          if (one !== undefined) this.downloads.set(id, { ...one, category, tags, savePath })
        })
    }
    Object.assign(this.capability, changes)
  }

  /** Replaces parts of what the client can do. */
  cannot(parts: Partial<DownloadsCapability>): void {
    Object.assign(this.capability, parts)
  }

  /** A complete torrent that was imported long ago, is seeding, and is in no queue any more. */
  seed(name: string, movieId: number, changes: Partial<Download> = {}): Download {
    const one = this.add(name, movieId, {
      state: "seeding",
      rawState: "uploading",
      progress: 1,
      bytes: { wanted: 1e9, total: 1e9, left: 0, done: 1e9, uploaded: 2e9 },
      speeds: { down: 0, up: 1e5 },
      ratio: 2,
      seedingTime: { seconds: 10 * 3600, clock: "active" },
      completedAt: "2026-01-15T11:00:00.000Z",
      lastActiveAt: "2026-01-15T11:30:00.000Z",
      ...changes
    })
    this.imported(one, movieId)
    return one
  }

  imported(one: Download, movieId: number, at = "2026-01-15T11:05:00.000Z"): void {
    this.queue.delete(one.id)
    this.history.push({
      what: "imported",
      downloadId: one.id,
      at,
      title: one.name,
      indexer: null,
      targets: [{ kind: "movie", wholeId: String(movieId) }]
    })
  }

  named(name: string): Download | undefined {
    return [...this.downloads.values()].find((one) => one.name === name)
  }
}

const withLimits = (one: Download, limits: LimitSettings): Partial<Download> => ({
  limits: {
    down: limits.down === undefined ? one.limits.down : { ...one.limits.down, own: speedLimit(limits.down) },
    up: limits.up === undefined ? one.limits.up : { ...one.limits.up, own: speedLimit(limits.up) }
  },
  seedLimits: {
    ratio: limits.ratio === undefined ? one.seedLimits.ratio : ratioLimit(limits.ratio),
    seedingSeconds:
      limits.seedingSeconds === undefined ? one.seedLimits.seedingSeconds : shareLimit(limits.seedingSeconds, 60),
    inactiveSeconds:
      limits.inactiveSeconds === undefined ? one.seedLimits.inactiveSeconds : shareLimit(limits.inactiveSeconds, 60)
  }
})

const decode = Schema.decodeUnknownSync(RuleDefinition)

const isComplete = { kind: "condition", field: "completion", operator: ">=", value: 0 }

/** A rule about seeding; by default about every download. */
export const seedingRule = (
  type: "seed" | "hit-and-run" | "arrange",
  action: object,
  given: { readonly name?: string; readonly condition?: unknown; readonly priority?: number } = {}
) =>
  Effect.flatMap(Rules, (rules) =>
    Effect.orDie(
      rules.create(
        decode({
          subject: "download",
          name: given.name ?? type,
          effect: type,
          condition: given.condition ?? isComplete,
          action: { type, ...action },
          ...(given.priority === undefined ? {} : { priority: given.priority })
        })
      )
    )
  )

export const when = (field: string, operator: string, value?: unknown) => ({
  kind: "condition",
  field,
  operator,
  ...(value === undefined ? {} : { value })
})

/** Connects client and application, and lets rules about seeding act. */
export const seedingConnected = Effect.andThen(
  connected,
  Effect.flatMap(Settings, (settings) => settings.patch(SeedingSettings, { enabled: true }))
)

/** A run of the job. */
export const tend = Effect.flatMap(Seeding, (seeding) =>
  seeding
    .run({ progress: () => Effect.void, log: () => Effect.void })
    .pipe(Effect.provideService(Actor, "job:seeding"), Effect.provideService(MayDestroy, true))
)

/** The outlook of one download by its name. */
export const outlookOf = (name: string) =>
  Effect.gen(function* () {
    const seeding = yield* Seeding
    const { outlooks } = yield* seeding.plan()
    return outlooks.find(({ one }) => one.download.name === name)
  })

/** The verdicts and the first note about a download. */
export const saidOf = (name: string) =>
  Effect.map(outlookOf(name), (outlook) =>
    outlook === undefined
      ? undefined
      : [
          ...outlook.steps.steps.map(({ step }) => `planned ${step}`),
          ...outlook.steps.notes.map(({ outcome }) => outcome)
        ].join(", ")
  )

export const currentOf = (name: string) =>
  Effect.map(
    Effect.flatMap(Downloads, (downloads) => downloads.current),
    (all) => all.find(({ download }) => download.name === name)
  )
