/**
 * Runs the rules about seeding: what happens to downloads that have reached their goal, what they are given in their
 * clients, and which of them wait for free space. Everything that is changed is an act; nothing is done that a person has
 * decided otherwise.
 */
import { Clock, Context, Effect, Layer, Semaphore } from "effect"
import { Acts } from "../../acts/Acts.ts"
import { isBraked } from "../../acts/Brake.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import { isoOfMillis } from "../../problems/Instants.ts"
import type { RulesUnreadable } from "../../rules/Rules.ts"
import { Settings } from "../../settings/Settings.ts"
import { ReadSql } from "../../storage/Database.ts"
import { makeDownloadLog } from "../DownloadLog.ts"
import type { Downloading } from "../Downloading.ts"
import { Downloads } from "../Downloads.ts"
import { commonPaths } from "../files/ClientPaths.ts"
import type { HitAndRun } from "./HitAndRun.ts"
import { makeSeedingActs } from "./SeedingActs.ts"
import { queueOrder, type QueueOrder, spaceSteps } from "./ClientSteps.ts"
import type { GuardedFolder } from "./Space.ts"
import { makeMarkStore, type Mark } from "./Marks.ts"
import { judgeSeeding, type SeedingVerdict } from "./SeedingJudging.ts"
import { makeJudgingNow } from "../JudgingNow.ts"
import { makePrivacy } from "./Privacy.ts"
import { SeedingListing, type SeedingNote, type SeedingReport } from "./SeedingReport.ts"
import { SeedingSettings } from "./SeedingSettings.ts"
import { makeSettling } from "./Settling.ts"
import { type ClientTools, type PlannedStep, type Steps } from "./StepBuilder.ts"
import { stepsOf } from "./Steps.ts"

export interface SeedingOptions {
  /** Id of the download client; absent = all of them. */
  readonly integrationId?: string | undefined
  /** Judge without writing anything. */
  readonly dryRun?: boolean | undefined
  readonly progress: (done: number, total: number | null, message: string) => Effect.Effect<void>
  readonly log: (level: "info" | "warning" | "error", message: string) => Effect.Effect<void>
}

/** What the rules want of one download now. */
export interface SeedingOutlook {
  readonly one: Downloading
  readonly verdict: SeedingVerdict
  readonly marks: ReadonlyArray<Mark>
  readonly steps: Steps
}

export interface SeedingPlan {
  readonly outlooks: ReadonlyArray<SeedingOutlook>
  readonly folders: ReadonlyArray<GuardedFolder & { readonly client: string }>
  readonly unguarded: number
  readonly orders: ReadonlyArray<QueueOrder & { readonly integrationId: string; readonly client: string }>
}

/** What is asked of a plan. `marks`: what Tendarr has set; absent = as it is stored. */
export interface PlanOptions {
  readonly integrationId?: string | undefined
  readonly marks?: ReadonlyMap<string, ReadonlyArray<Mark>>
  /** Id of the only download that is asked for: the guard, the queue and earlier decisions are then left out. */
  readonly only?: string
}

const noTools: ClientTools = {
  limits: [],
  ownLimits: [],
  hasCategories: false,
  hasTags: false,
  hasQueue: false,
  removesData: false
}

export class Seeding extends Context.Service<
  Seeding,
  {
    /** One run. Only for runs of destructive jobs, unless it is a dry run. */
    readonly run: (options: SeedingOptions) => Effect.Effect<SeedingReport, RulesUnreadable>
    /** What the rules want now, by the last readings. Nothing is written. */
    readonly plan: (options?: PlanOptions) => Effect.Effect<SeedingPlan, RulesUnreadable>
    /** What a download owes to its tracker by the rules with the effect `hit-and-run` that apply to it, or may apply. */
    readonly hitAndRuns: (one: Downloading) => Effect.Effect<ReadonlyArray<HitAndRun>, RulesUnreadable>
    /** Forgets torrent files that were kept for longer than they can be added again; returns how many. */
    readonly prune: Effect.Effect<number>
  }
>()("tendarr/downloads/seeding/Seeding") {
  static readonly layer = Layer.effect(
    Seeding,
    Effect.gen(function* () {
      const reader = yield* ReadSql
      const acts = yield* Acts
      const downloads = yield* Downloads
      const events = yield* makeDownloadLog
      const integrations = yield* Integrations
      const settings = yield* Settings
      const marks = yield* makeMarkStore
      const toCommonNow = yield* commonPaths
      const askPrivacy = makePrivacy(integrations)
      const contextNow = yield* makeJudgingNow
      const settling = makeSettling({
        marks,
        actOf: (id) => Effect.catch(acts.find(id), () => Effect.succeed(null)),
        append: events.append
      })

      const judge = Effect.fnUntraced(function* (some: ReadonlyArray<Downloading>) {
        return yield* Effect.provideService(judgeSeeding(some, yield* contextNow), ReadSql, reader)
      })

      const toolsOf = Effect.map(
        integrations.live,
        (live) =>
          new Map(
            live.flatMap(({ can, connected: { downloads: client }, integration: { id } }) =>
              client === undefined || !can("downloads")
                ? []
                : [
                    [
                      id,
                      {
                        limits: client.setLimits === null ? [] : client.limits,
                        ownLimits: client.ownLimits,
                        hasCategories: client.setCategory !== null,
                        hasTags: client.addTags !== null && client.removeTags !== null,
                        hasQueue: client.setQueuePosition !== null,
                        removesData: client.removesData
                      } satisfies ClientTools
                    ] as const
                  ]
            )
          )
      )

      const plan = Effect.fn("Seeding.plan")(function* ({
        integrationId,
        marks: given,
        only
      }: PlanOptions = {}): Effect.fn.Return<SeedingPlan, RulesUnreadable> {
        const set = yield* settings.get(SeedingSettings)
        const all = yield* downloads.current
        const some = all.filter(
          (one) =>
            (integrationId === undefined || one.integrationId === integrationId) &&
            (only === undefined || one.id === only)
        )
        const verdicts = yield* judge(some)
        const stored = given ?? (yield* marks.all)
        const tools = yield* toolsOf
        const clients = yield* downloads.clients
        const decided = only === undefined ? yield* carried.decided : new Set<string>()
        const around = {
          all,
          toCommon: yield* toCommonNow,
          unread: yield* Effect.map(downloads.unread, (why) =>
            why === null ? null : `another client may use its files: ${why}`
          ),
          isBraked: yield* isBraked(settings),
          now: yield* Clock.currentTimeMillis
        }
        const folders: Array<GuardedFolder & { readonly client: string }> = []
        const orders: Array<QueueOrder & { readonly integrationId: string; readonly client: string }> = []
        const spaces = new Map<string, PlannedStep>()
        let unguarded = 0
        for (const { held, integrationId: id, name, state } of only === undefined ? clients : []) {
          if (held !== null || (integrationId !== undefined && id !== integrationId)) continue
          const own = some.filter((one) => one.integrationId === id)
          const space = spaceSteps(own, state, set, verdicts, stored)
          unguarded += space.plan.unguarded.length
          folders.push(...space.plan.folders.map((folder) => ({ ...folder, client: name })))
          for (const [downloadId, step] of space.steps) spaces.set(downloadId, step)
          const order = tools.get(id)?.hasQueue === true ? queueOrder(own, verdicts) : null
          if (order !== null) orders.push({ ...order, integrationId: id, client: name })
        }
        const outlooks = some.flatMap((one): ReadonlyArray<SeedingOutlook> => {
          const verdict = verdicts.get(one.id)
          if (verdict === undefined) return []
          const own = stored.get(one.id) ?? []
          const steps = stepsOf({
            one,
            verdict,
            marks: own,
            tools: tools.get(one.integrationId) ?? noTools,
            isDecided: decided.has(`${one.integrationId}/${one.download.id}`),
            ...around
          })
          const space = spaces.get(one.id)
          return [
            {
              one,
              verdict,
              marks: own,
              steps: space === undefined ? steps : { ...steps, steps: [...steps.steps, space] }
            }
          ]
        })
        return { outlooks, folders, unguarded, orders } satisfies SeedingPlan
      })

      const carried = yield* makeSeedingActs({ downloads, marks, settings, plan })

      // Runs for several clients must not plan the same act twice.
      const single = yield* Semaphore.make(1)

      const planAll = Effect.fnUntraced(function* (
        integrationId: string | undefined,
        dryRun: boolean,
        set: SeedingSettings
      ) {
        const at = isoOfMillis(yield* Clock.currentTimeMillis)
        const listing = new SeedingListing()
        if (!dryRun) {
          const held = new Set(
            (yield* downloads.clients).flatMap((one) => (one.held === null ? [] : [one.integrationId]))
          )
          const clients = new Set((yield* downloads.clients).map((one) => one.integrationId))
          const readable = (yield* downloads.current).filter(
            (one) => clients.has(one.integrationId) && !held.has(one.integrationId)
          )
          yield* settling.settle(yield* marks.all, new Map(readable.map((one) => [one.id, one])), at)
        }
        const wanted = yield* plan({ integrationId })
        let removals = set.maxRemovalsPerRun
        let changes = set.maxChangesPerRun
        for (const { marks: own, one, steps, verdict } of wanted.outlooks) {
          for (const note of steps.notes) listing.add(one, note)
          if (!dryRun && verdict.held === null) yield* settling.conclude(one, own, steps, at)
          for (const step of steps.steps) {
            const { because, rule } = step
            const add = (outcome: SeedingNote["outcome"], why: string) =>
              listing.add(one, { outcome, step: step.step, rule: rule.name, because: why })
            const isRemoval = step.act.type === "remove"
            // Room on a disk does not wait for the next run.
            const isSpace = rule.id === null
            if (!isSpace && (isRemoval ? removals : changes) === 0) {
              add("waiting", `one run ${isRemoval ? "removes" : "changes"} no more`)
              continue
            }
            if (!dryRun && !(yield* carried.intend(one, step, at))) {
              add("waiting", "another act on it is open")
              continue
            }
            if (isRemoval) removals--
            else if (!isSpace) changes--
            add("planned", because)
          }
        }
        for (const order of wanted.orders) {
          const planned = dryRun || (yield* carried.intendOrder(order))
          listing.add(
            { id: "", clientName: order.client, download: { name: order.client } },
            { outcome: planned ? "planned" : "waiting", step: "queue", rule: null, because: order.because }
          )
        }
        return { listing, wanted }
      }, single.withPermits(1))

      const run = Effect.fn("Seeding.run")(function* ({ dryRun: isDry, integrationId, log, progress }: SeedingOptions) {
        const set = yield* settings.get(SeedingSettings)
        const dryRun = isDry === true || !set.enabled
        yield* progress(0, null, "reading the download clients")
        yield* downloads.poll
        const own = (yield* downloads.current).filter(
          (one) => integrationId === undefined || one.integrationId === integrationId
        )
        if (yield* askPrivacy(own)) yield* downloads.poll
        yield* progress(0, null, "judging the downloads")
        const { listing, wanted } = yield* planAll(integrationId, dryRun, set)
        const done = dryRun ? null : yield* carried.carryOut({ log, progress })
        return {
          dryRun,
          downloads: wanted.outlooks.length,
          counts: listing.counts(),
          ...goalsIn(wanted.outlooks),
          removed: done?.removals.done ?? 0,
          changed: done?.changes.done ?? 0,
          spared: (done?.removals.spared ?? 0) + (done?.changes.spared ?? 0),
          failed: (done?.removals.failed ?? 0) + (done?.changes.failed ?? 0),
          waiting: (done?.removals.waiting ?? 0) + (done?.changes.waiting ?? 0),
          folders: wanted.folders.map(({ client, freeBytes, neededBytes, path, paused }) => ({
            client,
            path,
            freeBytes,
            neededBytes,
            paused
          })),
          unguarded: wanted.unguarded,
          items: listing.items
        } satisfies SeedingReport
      })

      return Seeding.of({
        run,
        plan,
        hitAndRuns: Effect.fnUntraced(function* (one) {
          return (yield* judge([one])).get(one.id)?.hitAndRuns ?? []
        }),
        prune: carried.prune
      })
    })
  )
}

/** Complete downloads without a goal, and downloads with several. */
export const goalsIn = (outlooks: ReadonlyArray<Pick<SeedingOutlook, "one" | "verdict">>) => {
  let [withoutGoal, severalGoals] = [0, 0]
  for (const { one, verdict } of outlooks) {
    const goals = verdict.rules.filter(({ rule }) => rule.action?.type === "seed").length
    if (goals === 0 && one.observation.everComplete && one.download.protocol === "torrent") withoutGoal++
    if (goals > 1) severalGoals++
  }
  return { withoutGoal, severalGoals }
}
