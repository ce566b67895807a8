/**
 * Hands complete downloads that were not imported to their application: its own handling is switched off, could not see
 * the files at the time, or was interrupted. Everything is an act, and what is not known keeps.
 */
import { Clock, Context, Effect, Layer, Option, Semaphore } from "effect"
import { openActStates } from "../../acts/ActStates.ts"
import { Acts } from "../../acts/Acts.ts"
import { never } from "../../acts/Backoff.ts"
import { isBraked } from "../../acts/Brake.ts"
import { go, spare, type Verdict, wait } from "../../acts/Verdict.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import { mapperOf, normalisePath, pathKey, unmapperOf } from "../../integrations/Paths.ts"
import { mappingsOf } from "../../library/Places.ts"
import { isoOfMillis } from "../../problems/Instants.ts"
import type { RulesUnreadable } from "../../rules/Rules.ts"
import { Settings } from "../../settings/Settings.ts"
import { Cleaning } from "../Cleaning.ts"
import { idsOf, nameInHistories } from "../ClientReader.ts"
import { makeDownloadLog } from "../DownloadLog.ts"
import { type Downloading, ownerOf } from "../Downloading.ts"
import { Downloads } from "../Downloads.ts"
import { MalwareSettings } from "../malware/MalwareSettings.ts"
import { MalwareBlocking } from "../malware/MalwareBlocking.ts"
import { type ImportedDownload, importKeyOf, makeImportDownload } from "./ImportDownload.ts"
import { ImportEvents } from "./ImportEvents.ts"
import type { ImportOutcome } from "./ImportOutcomes.ts"
import { type ImportPaths, importPathOf } from "./ImportPath.ts"
import { type ImportReport, mostListed, type WaitingImport } from "./ImportReport.ts"
import { ImportsSettings } from "./ImportSettings.ts"
import { makeImportStore } from "./ImportStore.ts"
import { blockedImport, type ImportContext, type ImportVerdict, judgeImport } from "./ImportVerdict.ts"

export interface ImportOptions {
  /** Id of the download client; absent = all of them. */
  readonly integrationId?: string | undefined
  /** Report without planning or sending anything. */
  readonly dryRun?: boolean | undefined
  readonly progress: (done: number, total: number | null, message: string) => Effect.Effect<void>
  readonly log: (level: "info" | "warning" | "error", message: string) => Effect.Effect<void>
}

interface Judged {
  readonly one: Downloading
  readonly verdict: ImportVerdict
}

export class Imports extends Context.Service<
  Imports,
  {
    /** One run. Only for runs of destructive jobs, unless it is a dry run. */
    readonly run: (options: ImportOptions) => Effect.Effect<ImportReport, RulesUnreadable>
    /** What is to become of all downloads, by what was last read. */
    readonly judge: Effect.Effect<ReadonlyArray<WaitingImport>, RulesUnreadable>
    /** The same for one download. */
    readonly explain: (one: Downloading) => Effect.Effect<WaitingImport, RulesUnreadable>
  }
>()("tendarr/downloads/imports/Imports") {
  static readonly layer = Layer.effect(
    Imports,
    Effect.gen(function* () {
      const blocking = yield* MalwareBlocking
      const cleaning = yield* Cleaning
      const downloads = yield* Downloads
      const events = yield* makeDownloadLog
      const integrations = yield* Integrations
      const settings = yield* Settings
      const store = yield* makeImportStore
      const actService = yield* Acts
      const single = yield* Semaphore.make(1)

      /** The applications that import on request. */
      const able = Effect.map(
        integrations.live,
        (live) =>
          new Set(
            live.flatMap((one) =>
              one.can("queue") && one.connected.queue?.imports != null ? [one.integration.id] : []
            )
          )
      )

      const pathsNow = Effect.fnUntraced(function* (all: ReadonlyArray<Downloading>) {
        const mappings = [...mappingsOf(yield* integrations.list)]
        const to = new Map(mappings.map(([id, each]) => [id, mapperOf(each)]))
        const from = new Map(mappings.map(([id, each]) => [id, unmapperOf(each)]))
        const toCommon = (id: string, path: string) => normalisePath(to.get(id)?.(path) ?? path)
        const paths: ImportPaths = {
          toCommon,
          fromCommon: (id, path) => from.get(id)?.(path) ?? path,
          contents: all.flatMap(({ download: { contentPath }, id, integrationId }) =>
            contentPath === null ? [] : [{ id, key: pathKey(toCommon(integrationId, contentPath)) }]
          )
        }
        return paths
      })

      /** What became of the acts on downloads, by their keys. */
      const actsBefore = Effect.gen(function* () {
        const left = new Set((yield* store.open).flatMap(({ actId, leftAt }) => (leftAt === null ? [] : [actId])))
        const newest = yield* acts.newest
        return ({ download, integrationId, ownership }: Downloading): ImportContext["act"] => {
          const act = newest.get(importKeyOf({ integrationId, clientId: download.id }))
          if (act === undefined) return null
          if (openActStates.some((state) => state === act.state)) return left.has(act.id) ? "left" : "open"
          // What a person has decided is about that time that it was fetched.
          const grabbedAt = ownerOf({ ownership })?.grabbedAt ?? null
          return act.state === "cancelled" && (act.subject === null || act.subject.grabbedAt === grabbedAt)
            ? "cancelled"
            : null
        }
      })

      const judgeAll = Effect.fn("Imports.judgeAll")(function* (
        some: ReadonlyArray<Downloading>,
        actOf: (one: Downloading) => ImportContext["act"]
      ) {
        const paths = yield* pathsNow(yield* downloads.current)
        const common = {
          settings: yield* settings.get(ImportsSettings),
          able: yield* able,
          pathOf: (one, owner) => importPathOf(one, owner, paths),
          now: yield* Clock.currentTimeMillis
        } satisfies Partial<ImportContext>
        const judged: Array<Judged> = []
        for (const { one, verdict } of yield* cleaning.judge(some)) {
          const found = judgeImport(one, { ...common, verdict, act: actOf(one) })
          judged.push({ one, verdict: found.request === null ? found : ((yield* stoppedBy(one)) ?? found) })
          if (judged.length % 100 === 0) yield* Effect.yieldNow
        }
        return judged
      })

      /** What others are to do with one that would be handed over. */
      const stoppedBy = Effect.fnUntraced(function* (one: Downloading) {
        const { outcome } = yield* cleaning.others.would(one)
        if (outcome === "open") {
          return { outcome: "held", because: "it is being removed", request: null } satisfies ImportVerdict
        }
        const { blocking: blocks } = yield* settings.get(MalwareSettings)
        return blockedImport(yield* blocking.explain(one), blocks)
      })

      const find = (id: string) => Effect.map(downloads.current, (all) => all.find((one) => one.id === id))

      const look = Effect.fn("Imports.look")(
        function* (subject: ImportedDownload): Effect.fn.Return<Verdict, RulesUnreadable> {
          const { importing } = yield* settings.get(ImportsSettings)
          if (!importing) return spare("imports are only reported now")
          const one = yield* find(subject.downloadId)
          if (one === undefined) return spare("it has left its client")
          const [judged] = yield* judgeAll([one], () => null)
          const { because, outcome, request } = judged?.verdict ?? { because: "it was not judged", outcome: "unknown" }
          if (outcome !== "import") return endings.includes(outcome) ? spare(because) : wait(because)
          const isSame =
            ownerOf(one)?.integrationId === subject.applicationId &&
            request?.path === subject.path &&
            request.mode === subject.mode
          return isSame ? go : spare("its application or its path is another one now")
        },
        Effect.catchTag("RulesUnreadable", (error) => Effect.succeed(wait(error.detail)))
      )

      const refresh = Effect.fn("Imports.refresh")(function* ({ integrationId }: ImportedDownload) {
        yield* downloads.poll
        const client = (yield* downloads.clients).find((one) => one.integrationId === integrationId)
        return client === undefined ? "its client has not been read" : client.held
      })

      const acts = yield* actService.define(yield* makeImportDownload({ look, refresh }))

      /** Records what became of the acts that were planned. */
      const conclude = Effect.fn("Imports.conclude")(function* () {
        for (const { actId, downloadId, leftAt } of yield* store.open) {
          const found = yield* Effect.option(actService.get(actId))
          if (Option.isNone(found)) {
            yield* store.transact(store.end(actId))
            continue
          }
          const { because, dueAt, reason, state, subject, title } = found.value
          const about = yield* aboutAct(subject)
          if (state === "done") {
            yield* store.transact(
              Effect.andThen(
                store.end(actId),
                events.append(
                  ImportEvents.imported.make({
                    subject: downloadId,
                    message: `${about.application} has imported "${title}": ${because}`,
                    payload: { name: title, ...about }
                  })
                )
              )
            )
          } else if (state === "failed" && dueAt === never && leftAt === null) {
            const at = isoOfMillis(yield* Clock.currentTimeMillis)
            const why = reason ?? because
            yield* store.transact(
              Effect.andThen(
                store.leave(actId, at),
                events.append(
                  ImportEvents.needsPerson.make({
                    subject: downloadId,
                    message: `${about.application} does not import "${title}": ${why}`,
                    payload: { name: title, ...about, because: why }
                  })
                )
              )
            )
          } else if (!openActStates.some((open) => open === state)) {
            yield* store.transact(store.end(actId))
          } else if (leftAt !== null && dueAt !== never) {
            // A person has it tried again.
            yield* store.transact(store.leave(actId, null))
          }
        }
      })

      const aboutAct = Effect.fnUntraced(function* (subject: unknown) {
        const all = yield* integrations.list
        const { applicationId, integrationId, path } = (subject ?? {}) as Partial<ImportedDownload>
        const nameOf = (id: string | undefined) => all.find((one) => one.id === id)?.name ?? "its application"
        return { client: nameOf(integrationId), application: nameOf(applicationId), path: path ?? "" }
      })

      /** Whether the act was planned; `false` = one is open already. */
      const plan = ({ one, verdict: { because, request } }: Judged) => {
        const owner = ownerOf(one)
        if (owner === null || request === null) return Effect.succeed(false)
        const { download, id: downloadId, integrationId } = one
        return store
          .transact(
            Effect.gen(function* () {
              const act = yield* acts.intend(
                {
                  integrationId,
                  clientId: download.id,
                  downloadId,
                  name: download.name,
                  applicationId: owner.integrationId,
                  nameInHistories: nameInHistories(download),
                  ids: idsOf(download),
                  grabbedAt: owner.grabbedAt,
                  path: request.path,
                  mode: request.mode
                },
                { because }
              )
              yield* store.plan(act.id, downloadId)
              return true
            })
          )
          .pipe(
            Effect.catchTags({
              ActConflict: () => Effect.succeed(false),
              DeletionsDisabled: () => Effect.succeed(false)
            })
          )
      }

      const run = Effect.fn("Imports.run")(function* ({ dryRun: asked, integrationId, log, progress }: ImportOptions) {
        const { importing, maxPerRun } = yield* settings.get(ImportsSettings)
        const dryRun = asked === true || !importing || (yield* isBraked(settings))
        if (!dryRun) yield* conclude()
        yield* progress(0, null, "reading the download clients")
        yield* downloads.poll
        const all = (yield* downloads.current).filter(
          (one) => integrationId === undefined || one.integrationId === integrationId
        )
        yield* progress(0, all.length, "looking for downloads that were not imported")
        const judged = yield* judgeAll(all, yield* actsBefore)
        let planned = 0
        for (const one of dryRun ? [] : judged) {
          if (planned >= maxPerRun) break
          if (one.verdict.outcome === "import" && (yield* plan(one))) planned++
        }
        const carried = dryRun ? nothing : yield* acts.carryOutDue({ log, progress })
        if (!dryRun) yield* conclude()
        const counts = new Map<string, number>()
        for (const { verdict } of judged) counts.set(verdict.outcome, (counts.get(verdict.outcome) ?? 0) + 1)
        return {
          dryRun,
          downloads: all.length,
          counts: Object.fromEntries(counts),
          planned,
          imported: carried.done,
          spared: carried.spared,
          failed: carried.failed,
          waiting: carried.waiting,
          items: judged
            .filter(({ verdict }) => isOfInterest(verdict.outcome))
            .slice(0, mostListed)
            .map(shown)
        } satisfies ImportReport
      }, single.withPermits(1))

      return Imports.of({
        run,
        judge: Effect.gen(function* () {
          return (yield* judgeAll(yield* downloads.current, yield* actsBefore)).map(shown)
        }),
        explain: Effect.fn("Imports.explain")(function* (one) {
          const [judged] = yield* judgeAll([one], yield* actsBefore)
          return yield* judged === undefined
            ? Effect.die(new Error("It was not judged"))
            : Effect.succeed(shown(judged))
        })
      })
    })
  )
}

const shown = ({ one, verdict: { because, outcome, request } }: Judged): WaitingImport => ({
  downloadId: one.id,
  name: one.download.name,
  client: one.clientName,
  application: ownerOf(one)?.name ?? null,
  outcome,
  because,
  path: request?.path ?? null,
  mode: request?.mode ?? null
})

/** Whether people want to see a download with this outcome among those that wait. */
export const isOfInterest = (outcome: ImportOutcome): boolean =>
  outcome !== "nobody" && outcome !== "incomplete" && outcome !== "imported" && outcome !== "ignored"

/** Outcomes that end an act; with all others it waits. */
const endings: ReadonlyArray<ImportOutcome> = ["nobody", "imported", "ignored", "kept"]

const nothing = { done: 0, spared: 0, failed: 0, waiting: 0 }
