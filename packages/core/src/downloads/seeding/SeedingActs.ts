/** The acts about seeding: their intents with what is remembered of them, and the last look before each request. */
import { Clock, Effect } from "effect"
import { Acts } from "../../acts/Acts.ts"
import type { ActRunContext } from "../../acts/ActRuns.ts"
import { go, spare, type Verdict, wait } from "../../acts/Verdict.ts"
import { dayMillis, isoOfMillis } from "../../problems/Instants.ts"
import type { RulesUnreadable } from "../../rules/Rules.ts"
import type { Settings } from "../../settings/Settings.ts"
import type { Downloading } from "../Downloading.ts"
import type { Downloads } from "../Downloads.ts"
import { Links } from "../files/Links.ts"
import { makeSharesFiles } from "../files/SharedFiles.ts"
import { makeChangeDownload } from "./ChangeDownload.ts"
import type { ChangedDownload } from "./Changes.ts"
import type { MarkStore } from "./Marks.ts"
import { makeOrderQueue, type OrderedQueue } from "./OrderQueue.ts"
import { keptTorrentDays, makeRemoveSeeded, type SeededDownload } from "./RemoveSeeded.ts"
import type { PlanOptions, SeedingPlan } from "./Seeding.ts"
import type { SeedingOutcome } from "./SeedingReport.ts"
import { SeedingSettings } from "./SeedingSettings.ts"
import { beforeItsAct, type PlannedStep } from "./StepBuilder.ts"

export interface SeedingActsParts {
  readonly downloads: Downloads["Service"]
  readonly marks: MarkStore
  readonly settings: Settings["Service"]
  readonly plan: (options?: PlanOptions) => Effect.Effect<SeedingPlan, RulesUnreadable>
}

const onlyReports = "the rules about seeding only report now"

/** Outcomes after which an act may still be wanted. */
const waits: ReadonlySet<SeedingOutcome> = new Set(["held", "unknown", "waiting", "owed"])

export const makeSeedingActs = Effect.fnUntraced(function* ({ downloads, marks, plan, settings }: SeedingActsParts) {
  const acts = yield* Acts
  const links = yield* Links
  const sharesFiles = yield* makeSharesFiles

  const heldBecause = Effect.fnUntraced(function* (integrationId: string) {
    const client = (yield* downloads.clients).find((one) => one.integrationId === integrationId)
    return client === undefined ? "its client has not been read" : client.held
  })

  /** The outlook of a download, as if none of the acts on it had been planned. The guard needs its whole client. */
  const outlookOf = Effect.fnUntraced(function* (integrationId: string, downloadId: string, ofClient: boolean) {
    const stored = new Map(ofClient ? yield* marks.all : [])
    stored.set(downloadId, beforeItsAct(yield* marks.ofDownload(downloadId)))
    const { outlooks } = yield* plan({ integrationId, marks: stored, ...(ofClient ? {} : { only: downloadId }) })
    return outlooks.find(({ one }) => one.id === downloadId)
  })

  const isOff = Effect.map(settings.get(SeedingSettings), ({ enabled }) => !enabled)

  /** Whether the step is still among those that the rules want. */
  const look = (
    { downloadId, integrationId }: { readonly downloadId: string; readonly integrationId: string },
    isWanted: (step: PlannedStep) => boolean,
    isSame: (step: string | null) => boolean,
    ofClient = false
  ) =>
    Effect.gen(function* (): Effect.fn.Return<Verdict, RulesUnreadable> {
      if (yield* isOff) return spare(onlyReports)
      const held = yield* heldBecause(integrationId)
      if (held !== null) return wait(held)
      const outlook = yield* outlookOf(integrationId, downloadId, ofClient)
      if (outlook === undefined) return spare("it has left its client by itself")
      if (outlook.steps.steps.some(isWanted)) return go
      const note = outlook.steps.notes.find(({ step }) => step === null || isSame(step))
      if (note === undefined) return spare("no rule wants it any more")
      return waits.has(note.outcome) ? wait(note.because) : spare(note.because)
    }).pipe(Effect.catchTag("RulesUnreadable", (error) => Effect.succeed(wait(error.detail))))

  const { kind, torrents } = yield* makeRemoveSeeded({
    refresh: ({ downloadId, integrationId }) =>
      Effect.andThen(downloads.poll, Effect.andThen(links.readNow(downloadId), heldBecause(integrationId))),
    sharesFiles: ({ downloadId }) => sharesFiles(downloadId),
    look: Effect.fn("Seeding.lookAtRemoval")(function* (subject, wasSent) {
      const isThere = (yield* downloads.current).some(({ id }) => id === subject.downloadId)
      if (!isThere && wasSent) return go
      return yield* look(
        subject,
        ({ act, rule }) => act.type === "remove" && act.withData === subject.withData && rule.id === subject.ruleId,
        (step) => step === "remove" || step === "remove-with-data"
      )
    })
  })
  const removals = yield* acts.define(kind)

  const changes = yield* acts.define(
    yield* makeChangeDownload({
      look: (subject) => {
        const wanted = JSON.stringify(subject.change)
        return look(
          subject,
          ({ act }) => act.type === "change" && JSON.stringify(act.change) === wanted,
          (step) => step === subject.change.type,
          subject.change.type === "pause" || subject.change.type === "resume"
        )
      }
    })
  )

  const orders = yield* acts.define(
    yield* makeOrderQueue({
      look: Effect.fn("Seeding.lookAtOrder")(
        function* (subject: OrderedQueue): Effect.fn.Return<Verdict, RulesUnreadable> {
          if (yield* isOff) return spare(onlyReports)
          const held = yield* heldBecause(subject.integrationId)
          if (held !== null) return wait(held)
          const { orders: wanted } = yield* plan({ integrationId: subject.integrationId })
          const [order] = wanted
          return order !== undefined && JSON.stringify(order.clientIds) === JSON.stringify(subject.clientIds)
            ? go
            : spare("the rules want another order now")
        },
        Effect.catchTag("RulesUnreadable", (error) => Effect.succeed(wait(error.detail)))
      )
    })
  )

  const unlessOpen = <A, E>(effect: Effect.Effect<A, E>) => Effect.as(effect, true)

  return {
    /** Keys of downloads whose removal a person has cancelled or undone. */
    decided: Effect.map(
      removals.newest,
      (newest) =>
        new Set(
          [...newest].flatMap(([key, { state }]) => (state === "cancelled" || state === "undone" ? [key] : []))
        ) as ReadonlySet<string>
    ),
    /** Stores the intent and what is remembered of it; `false` = another act on it is open. */
    intend: (one: Downloading, { act, because, marks: own, rule }: PlannedStep, at: string) => {
      const about = {
        integrationId: one.integrationId,
        clientId: one.download.id,
        downloadId: one.id,
        name: one.download.name
      }
      const why = { because: rule.id === null ? because : `the rule "${rule.name}": ${because}` }
      return marks
        .transact(
          Effect.gen(function* () {
            const { id } =
              act.type === "remove"
                ? yield* removals.intend(
                    { ...about, ruleId: rule.id ?? "", withData: act.withData } satisfies SeededDownload,
                    why
                  )
                : yield* changes.intend({ ...about, change: act.change } satisfies ChangedDownload, why)
            for (const mark of own) yield* marks.put({ ...mark, downloadId: one.id, actId: id, at })
          })
        )
        .pipe(
          unlessOpen,
          Effect.catchTags({
            ActConflict: () => Effect.succeed(false),
            DeletionsDisabled: () => Effect.succeed(false)
          })
        )
    },
    intendOrder: (
      order: { readonly integrationId: string; readonly client: string } & {
        readonly clientIds: ReadonlyArray<string>
        readonly because: string
      }
    ) =>
      orders
        .intend(
          { integrationId: order.integrationId, client: order.client, clientIds: order.clientIds },
          { because: order.because }
        )
        .pipe(
          unlessOpen,
          Effect.catchTags({
            ActConflict: () => Effect.succeed(false),
            DeletionsDisabled: () => Effect.succeed(false)
          })
        ),
    carryOut: Effect.fnUntraced(function* (context: ActRunContext) {
      // What makes room, or could be taken back, comes first.
      const changed = yield* changes.carryOutDue(context)
      const ordered = yield* orders.carryOutDue(context)
      const removed = yield* removals.carryOutDue(context)
      return {
        changes: {
          done: changed.done + ordered.done,
          spared: changed.spared + ordered.spared,
          failed: changed.failed + ordered.failed,
          waiting: changed.waiting + ordered.waiting
        },
        removals: removed
      }
    }),
    prune: Effect.gen(function* () {
      return yield* torrents.prune(isoOfMillis((yield* Clock.currentTimeMillis) - keptTorrentDays * dayMillis))
    })
  }
})
