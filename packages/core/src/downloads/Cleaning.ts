/**
 * Runs the rules about downloads: gives strikes, removes what has too many, and has replacements searched for. Only
 * faults of the release count, strikes need a least time between them, and a title is removed only so often.
 */
import { Clock, Context, Effect, Layer, Semaphore } from "effect"
import { type ActReport, Acts } from "../acts/Acts.ts"
import type { ActRunContext } from "../acts/ActRuns.ts"
import { go, spare, type Verdict, wait } from "../acts/Verdict.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import { isBraked } from "../acts/Brake.ts"
import type { RulesUnreadable } from "../rules/Rules.ts"
import { RulesInForce } from "../rules/RulesInForce.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"
import { Settings } from "../settings/Settings.ts"
import { ReadSql } from "../storage/Database.ts"
import { makeCleaningWrites, subjectOf } from "./CleaningWrites.ts"
import { type CleaningOutcome, type CleaningReport, Listing } from "./CleaningReport.ts"
import { DownloadEvents } from "./DownloadEvents.ts"
import { makeDownloadLog } from "./DownloadLog.ts"
import { rulesAbout, type StrikeRule } from "./DownloadRules.ts"
import type { Downloading } from "./Downloading.ts"
import { Downloads } from "./Downloads.ts"
import { DownloadsSettings } from "./DownloadsSettings.ts"
import { ItemDownloads } from "./files/ItemDownloads.ts"
import { Links } from "./files/Links.ts"
import { makeSharesFiles } from "./files/SharedFiles.ts"
import { type DownloadVerdict, judgeAll, type JudgedDownload, keepsInClient } from "./Judging.ts"
import { makeJudgingNow } from "./JudgingNow.ts"
import { makeOtherRemovals } from "./OtherRemovals.ts"
import type { OtherRemovals, RemovalReason } from "./RemovalReasons.ts"
import { makeReplacements } from "./Replacements.ts"
import { makeRemoveDownload, removalKeyOf, type RemovedDownload } from "./RemoveDownload.ts"
import { makeRemovedDownloads, titleKeyOf, weekMillis } from "./RemovedDownloads.ts"
import { makeStrikeStore, type Strike } from "./StrikeStore.ts"

export interface CleaningOptions {
  /** Id of the download client; absent = all of them. */
  readonly integrationId?: string | undefined
  /** Judge without writing anything. */
  readonly dryRun?: boolean | undefined
  readonly progress: (done: number, total: number | null, message: string) => Effect.Effect<void>
  readonly log: (level: "info" | "warning" | "error", message: string) => Effect.Effect<void>
}

/** Progress by less than this does not take strikes away. */
const leastProgressBytes = 65_536

export class Cleaning extends Context.Service<
  Cleaning,
  {
    /** One run. Only for runs of destructive jobs, unless it is a dry run. */
    readonly run: (options: CleaningOptions) => Effect.Effect<CleaningReport, RulesUnreadable>
    /** The verdicts about downloads now. */
    readonly judge: (some: ReadonlyArray<Downloading>) => Effect.Effect<ReadonlyArray<JudgedDownload>, RulesUnreadable>
    /** Removals for other reasons than rules. */
    readonly others: OtherRemovals
    /** When an act on a download is due, ISO-8601; `null` = none is. */
    readonly nextDue: Effect.Effect<string | null>
    /** Plans to remove a download because its item was removed, in the caller's transaction. */
    readonly removeWithItem: (downloadId: string, removalId: string) => Effect.Effect<void>
    /** Carries out the acts that are due. Only for runs of destructive jobs. */
    readonly carryOutDue: (context: ActRunContext) => Effect.Effect<ActReport>
  }
>()("tendarr/downloads/Cleaning") {
  static readonly layer = Layer.effect(
    Cleaning,
    Effect.gen(function* () {
      const reader = yield* ReadSql
      const downloads = yield* Downloads
      const events = yield* makeDownloadLog
      const inForce = yield* RulesInForce
      const itemDownloads = yield* ItemDownloads
      const links = yield* Links
      const sharesFiles = yield* makeSharesFiles
      const settings = yield* Settings
      const strikes = yield* makeStrikeStore
      const removed = yield* makeRemovedDownloads
      const { transact } = strikes
      const rules = rulesAbout(downloads.current)
      const reasons = new Map<string, RemovalReason>()

      const contextNow = yield* makeJudgingNow

      const judge = Effect.fnUntraced(function* (some: ReadonlyArray<Downloading>) {
        return yield* Effect.provideService(judgeAll(some, yield* contextNow), ReadSql, reader)
      })

      const strikesSince = Effect.gen(function* () {
        const { strikeHours } = yield* settings.get(DownloadsSettings)
        return isoOfMillis((yield* Clock.currentTimeMillis) - strikeHours * 3_600_000)
      })

      const heldBecause = Effect.fnUntraced(function* ({ integrationId }: RemovedDownload) {
        const client = (yield* downloads.clients).find((one) => one.integrationId === integrationId)
        return client === undefined ? "its client has not been read" : client.held
      })

      /** By the last reading, whether its rule still wants it removed. */
      const look = Effect.fn("Cleaning.look")(
        function* (subject: RemovedDownload, wasSent: boolean): Effect.fn.Return<Verdict, RulesUnreadable> {
          const reason = reasons.get(subject.ruleId)
          if (reason !== undefined) return yield* reason.look(subject, wasSent)
          const { cleaning } = yield* settings.get(DownloadsSettings)
          const isWithItem = subject.removalId !== undefined
          if (!cleaning && !isWithItem) return spare("the rules about downloads only report now")
          const one = (yield* downloads.current).find(({ id }) => id === subject.downloadId)
          if (one === undefined) {
            // A half that is left is carried out: the download itself may be gone already.
            if (wasSent) return go
            const why = yield* heldBecause(subject)
            return why === null ? spare("it has left its client by itself") : wait(why)
          }
          const [judged] = yield* judge([one])
          const { owed = null, verdict } = judged ?? {}
          if (isWithItem) {
            if (verdict?._tag === "Ignored") return spare(verdict.because)
            return verdict?._tag === "Held" ? wait(verdict.because) : yield* itemDownloads.mayGo(one)
          }
          if (verdict === undefined || verdict._tag === "NoRule") return spare("no rule matches it any more")
          if (verdict._tag === "Held" || verdict._tag === "Unknown") return wait(verdict.because)
          if (verdict._tag !== "Strikes") return spare(verdict.because)
          const { action, rule } = verdict.rule
          if (rule.id !== subject.ruleId || action.action !== "remove") {
            return spare(`the rule "${rule.name}" comes first, or no longer removes`)
          }
          const own = ((yield* strikes.counting(yield* strikesSince)).get(one.id) ?? []).filter(ofRule(rule.id))
          if (own.length < action.strikes) return spare("its strikes no longer count")
          return subject.fromClient && keepsInClient(one, action, owed)
            ? spare(owed ?? "it is private, or that is not known, and stays in its client")
            : go
        },
        Effect.catchTag("RulesUnreadable", (error) => Effect.succeed(wait(error.detail)))
      )

      const refresh = Effect.fn("Cleaning.refresh")((subject: RemovedDownload) =>
        Effect.andThen(
          Effect.andThen(downloads.poll, links.readNow(subject.downloadId)),
          Effect.flatMap(heldBecause(subject), (held) =>
            held === null
              ? (reasons.get(subject.ruleId)?.refresh(subject) ?? Effect.succeed(null))
              : Effect.succeed(held)
          )
        )
      )

      const acts = yield* (yield* Acts).define(
        yield* makeRemoveDownload({ refresh, look, sharesFiles: ({ downloadId }) => sharesFiles(downloadId) })
      )
      const replacements = yield* makeReplacements(removed)
      const writes = yield* makeCleaningWrites(acts, removed, strikes)
      const { needsPerson, plan, strikeFor } = writes

      /** Keys of the downloads whose removal a person has cancelled. */
      const cancelled = Effect.map(
        acts.newest,
        (newest) => new Set([...newest].flatMap(([key, { state }]) => (state === "cancelled" ? [key] : [])))
      )

      /** Ends strikes whose download has come further since, or is complete. */
      const forgive = Effect.fnUntraced(function* (
        some: ReadonlyArray<Downloading>,
        counting: ReadonlyMap<string, ReadonlyArray<Strike>>,
        resets: (ruleId: string) => boolean,
        at: string
      ) {
        let ended = 0
        for (const one of some) {
          const own = (counting.get(one.id) ?? []).filter(({ ruleId }) => resets(ruleId))
          const last = own.reduce((most, { doneBytes }) => Math.max(most, doneBytes), 0)
          if (own.length === 0 || one.observation.bestDone < last + leastProgressBytes) continue
          const because = "it made progress"
          ended += yield* transact(
            Effect.gen(function* () {
              let count = 0
              for (const ruleId of new Set(own.map((strike) => strike.ruleId))) {
                count += yield* strikes.end(one.id, because, at, ruleId)
              }
              yield* events.append(
                DownloadEvents.strikesEnded.make({
                  subject: one.id,
                  message: `The strikes of "${one.download.name}" no longer count: ${because}`,
                  payload: { name: one.download.name, client: one.clientName, strikes: count, because }
                }),
                { figure: "strikes-ended", name: "progress", by: count }
              )
              return count
            })
          )
        }
        return ended
      })

      // Runs for several clients, or for one and for all, must not give two strikes at once.
      const single = yield* Semaphore.make(1)

      /** Gives strikes and plans removals; returns what became of each download. */
      const strikeAll = Effect.fnUntraced(function* (
        all: ReadonlyArray<Downloading>,
        dryRun: boolean,
        set: DownloadsSettings
      ) {
        const now = yield* Clock.currentTimeMillis
        const at = isoOfMillis(now)
        const byId = new Map((yield* inForce.about(rules)).rules.map(({ rule }) => [rule.id, rule]))
        const resets = (ruleId: string) => {
          if (reasons.has(ruleId)) return false
          const action = byId.get(ruleId)?.action
          return action?.type !== "strike" || action.resetOnProgress
        }
        let counting = yield* strikes.counting(yield* strikesSince)
        const strikesEnded = dryRun ? 0 : yield* forgive(all, counting, resets, at)
        if (strikesEnded > 0) counting = yield* strikes.counting(yield* strikesSince)
        const listing = new Listing()
        let decisions: ReadonlySet<string> | null = null
        let left = set.maxRemovalsPerRun
        for (const { one, owed, verdict } of yield* judge(all)) {
          if (verdict._tag === "NoRule") continue
          if (verdict._tag !== "Strikes") {
            const rule = verdict._tag === "NotItsFault" ? verdict.rule.rule.name : null
            listing.add(one, outcomes[verdict._tag], rule, one.strikes, verdict.because)
            continue
          }
          const { fault, rule } = verdict
          const own = (counting.get(one.id) ?? []).filter(ofRule(rule.rule.id))
          const last = own.at(-1)
          const isEarly = last !== undefined && now - Date.parse(last.at) < rule.action.minutesBetween * 60_000
          const isFull = own.length >= rule.action.strikes
          const count = isEarly || isFull ? own.length : own.length + 1
          if (isEarly && !isFull) {
            listing.add(one, "waiting", rule.rule.name, count, `its last strike was at ${last.at}`)
            continue
          }
          if (!dryRun && !isFull) yield* strike(one, rule, fault, count, at)
          if (count < rule.action.strikes) {
            listing.add(one, "struck", rule.rule.name, count, fault.because)
            continue
          }
          if (rule.action.action === "report") {
            if (!dryRun && !isFull) yield* reportOnly(one, rule, fault.because)
            listing.add(one, "reported", rule.rule.name, count, fault.because)
            continue
          }
          const tooOften = yield* removed.countSince(titleKeyOf(one), isoOfMillis(now - weekMillis))
          if (tooOften >= set.maxRemovalsPerTitle) {
            const because = `${tooOften} downloads of this title were removed within a week`
            if (!dryRun && !isFull) yield* needsPerson(one, because)
            listing.add(one, "needs-person", rule.rule.name, count, because)
            continue
          }
          if (left === 0) {
            listing.add(one, "waiting", rule.rule.name, count, "one run removes no more")
            continue
          }
          decisions ??= yield* cancelled
          if (decisions.has(removalKeyOf({ clientId: one.download.id, integrationId: one.integrationId }))) {
            listing.add(one, "ignored", rule.rule.name, count, "a person has cancelled its removal")
            continue
          }
          if (!dryRun && !(yield* intend(one, verdict, owed, at))) {
            listing.add(one, "waiting", rule.rule.name, count, "it is being removed already")
            continue
          }
          left--
          listing.add(one, "planned", rule.rule.name, count, fault.because)
        }
        return { at, listing, strikesEnded }
      }, single.withPermits(1))

      const run = Effect.fn("Cleaning.run")(function* (options: CleaningOptions) {
        const { log, progress } = options
        const set = yield* settings.get(DownloadsSettings)
        const dryRun = options.dryRun === true || !set.cleaning || (yield* isBraked(settings))
        yield* progress(0, null, "reading the download clients")
        yield* downloads.poll
        const all = (yield* downloads.current).filter(
          ({ integrationId }) => options.integrationId === undefined || integrationId === options.integrationId
        )
        yield* progress(0, all.length, "judging the downloads")
        const { at, listing, strikesEnded } = yield* strikeAll(all, dryRun, set)
        // The downloads of removed items do not depend on the rules.
        const { downloadsToo } = yield* settings.get(RemovalsSettings)
        const mayCarryOut = options.dryRun !== true && (set.cleaning || downloadsToo) && !(yield* isBraked(settings))
        const carried = mayCarryOut ? yield* acts.carryOutDue({ log, progress }) : nothing
        const searched = dryRun ? 0 : yield* replacements.goOn(at, log)
        return {
          dryRun,
          downloads: all.length,
          counts: listing.counts(),
          strikesEnded,
          removed: carried.done,
          spared: carried.spared,
          failed: carried.failed,
          waiting: carried.waiting,
          searched,
          items: listing.items
        } satisfies CleaningReport
      })

      const strike = (
        one: Downloading,
        { action, rule }: StrikeRule,
        fault: { readonly kind: string; readonly because: string },
        count: number,
        at: string
      ) => strikeFor(one, rule, fault, count, action.strikes, at)

      const reportOnly = (one: Downloading, { rule }: StrikeRule, because: string) =>
        transact(
          events.append(
            DownloadEvents.reported.make({
              subject: one.id,
              message: `The rule "${rule.name}" reports "${one.download.name}": ${because}`,
              payload: { name: one.download.name, client: one.clientName, rule: rule.name, because }
            })
          )
        )

      const intend = (
        one: Downloading,
        { fault: { because }, rule: { action, rule } }: DownloadVerdict & { readonly _tag: "Strikes" },
        owed: string | null,
        at: string
      ) =>
        plan(
          one,
          {
            ruleId: rule.id,
            fromClient: !keepsInClient(one, action, owed),
            blocklist: action.blocklist,
            search: action.search
          },
          { because: `the rule "${rule.name}": ${because}` },
          at
        )

      const others = makeOtherRemovals({
        acts,
        reasons,
        removed,
        replacements,
        settings,
        since: strikesSince,
        single,
        strikes,
        writes
      })

      const removeWithItem = Effect.fnUntraced(function* (downloadId: string, removalId: string) {
        const one = (yield* downloads.current).find(({ id }) => id === downloadId)
        if (one === undefined) return
        yield* acts
          .intend(
            { ...subjectOf(one), ruleId: "", removalId, fromClient: true, blocklist: false },
            { because: "its item was removed" }
          )
          .pipe(Effect.catchTags({ ActConflict: () => Effect.void, DeletionsDisabled: () => Effect.void }))
      })

      return Cleaning.of({
        run,
        judge,
        removeWithItem,
        carryOutDue: acts.carryOutDue,
        others,
        nextDue: acts.nextDue
      })
    })
  )
}

const outcomes = {
  Ignored: "ignored",
  Held: "held",
  Unknown: "unknown",
  NotItsFault: "not-its-fault"
} as const satisfies Record<string, CleaningOutcome>

const nothing = { done: 0, spared: 0, failed: 0, waiting: 0 }

const ofRule =
  (id: string) =>
  ({ ruleId }: Strike): boolean =>
    ruleId === id
