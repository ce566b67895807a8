/**
 * Orphaned files: what lies in the folders of download clients and that no download, no application and no library
 * knows. It is listed, moved into quarantine after it has been orphaned and unchanged for long enough, and deleted from
 * there days later, unless somebody restores it.
 */
import { Clock, Context, Effect, Layer, Path, Semaphore } from "effect"
import type { ActBeyondRecall, ActConflict, ActNotFound, UndoFailed } from "../../acts/ActRecord.ts"
import { Acts } from "../../acts/Acts.ts"
import type { ActRunContext } from "../../acts/ActRuns.ts"
import { isBraked } from "../../acts/Brake.ts"
import { go, spare, wait } from "../../acts/Verdict.ts"
import { Actor } from "../../events/Actor.ts"
import { EventLog } from "../../events/EventLog.ts"
import { isAbove } from "../../integrations/Paths.ts"
import { dayMillis, isoOfMillis } from "../../problems/Instants.ts"
import type { InvalidRequest } from "../../problems/Problem.ts"
import { RetentionSettings } from "../../settings/RetentionSettings.ts"
import { Settings } from "../../settings/Settings.ts"
import type { Page } from "../../storage/Pages.ts"
import { type Candidate, candidatesIn, isIgnored, isNamed, lookAt, quarantineName, whyKnown } from "./Candidates.ts"
import { makeClaims } from "./Claims.ts"
import { FileEvents } from "./FileEvents.ts"
import { FilesSettings } from "./FilesSettings.ts"
import { makeOrphanActs, type OrphanSubject } from "./OrphanActs.ts"
import type { Orphan, OrphanQuery } from "./Orphan.ts"
import { OrphanConflict, type OrphanNotFound } from "./OrphanErrors.ts"
import { listedOrphans, type OrphansReport } from "./OrphansReport.ts"
import { makeOrphanSettling, payloadOf } from "./OrphanSettling.ts"
import { makeOrphanStore } from "./OrphanStore.ts"

type Item = OrphansReport["items"][number]

export class Orphans extends Context.Service<
  Orphans,
  {
    /** One run. Only for runs of destructive jobs, unless it is a dry run, which writes nothing. */
    readonly run: (options: ActRunContext & { readonly dryRun?: boolean | undefined }) => Effect.Effect<OrphansReport>
    /** Newest first. */
    readonly page: (query: OrphanQuery) => Effect.Effect<Page<Orphan>, InvalidRequest>
    readonly get: (id: string) => Effect.Effect<Orphan, OrphanNotFound>
    /** Moves it back from quarantine; it is never moved there again. */
    readonly restore: (
      id: string
    ) => Effect.Effect<Orphan, OrphanNotFound | OrphanConflict | ActNotFound | ActConflict | UndoFailed>
    /** Lets it stay where it is, for good. */
    readonly keep: (
      id: string
    ) => Effect.Effect<Orphan, OrphanNotFound | OrphanConflict | ActNotFound | ActConflict | ActBeyondRecall>
    /** Forgets what was deleted long ago. */
    readonly prune: Effect.Effect<void>
  }
>()("tendarr/downloads/Orphans") {
  static readonly layer = Layer.effect(
    Orphans,
    Effect.gen(function* () {
      const acts = yield* Acts
      const readClaims = yield* makeClaims
      const events = yield* EventLog
      const path = yield* Path.Path
      const settings = yield* Settings
      const store = yield* makeOrphanStore
      const { deletion, files, quarantine } = yield* makeOrphanActs

      /** What is known now, and what people let stay. */
      const claimsNow = Effect.gen(function* () {
        const now = yield* readClaims
        if (now._tag === "Unknown") return now
        const stays = (yield* store.inStates(["kept", "restored", "quarantined"])).map(
          ({ path: at, quarantine: moved, state }) => (state === "quarantined" ? (moved ?? at) : at)
        )
        return { ...now, claims: { ...now.claims, stays: new Set(stays) } }
      })

      const single = yield* Semaphore.make(1)

      const find = (id: string) => Effect.option(store.find(id))

      /** Whether a path is not there, in a folder that is. */
      const isGone = Effect.fnUntraced(function* (at: string) {
        const look = Effect.all([files.fs.exists(at), files.fs.exists(path.dirname(at))])
        return yield* Effect.match(look, {
          onFailure: () => false,
          onSuccess: ([isThere, isPlaced]) => !isThere && isPlaced
        })
      })

      const quarantineActs = yield* acts.define(
        quarantine({
          look: Effect.fnUntraced(function* ({ newestMillis, orphanId }: OrphanSubject) {
            if (!(yield* settings.get(FilesSettings)).orphans) return spare("the setting was switched off")
            const orphan = yield* find(orphanId)
            if (orphan._tag === "None") return spare("it is no longer orphaned")
            const { newestAt, reason, state } = orphan.value
            if (Date.parse(newestAt) > newestMillis) return spare("something in it has changed since it was found")
            return state === "planned" ? go : spare(reason ?? `it is ${state}`)
          }),
          refresh: Effect.fnUntraced(function* ({ orphanId, path: at }: OrphanSubject) {
            const claims = yield* claimsNow
            if (claims._tag === "Unknown") return claims.because
            const { ignoredNames } = yield* settings.get(FilesSettings)
            const isIgnoredNow =
              isIgnored(ignoredNames)(path.basename(at)) ||
              (yield* lookAt(files, at, isNamed(ignoredNames)))._tag === "Kept"
            if (isIgnoredNow || (yield* whyKnown(files, at, claims.claims)) !== null) {
              yield* store.transact(store.change(orphanId, { state: "found", reason: "it is no longer orphaned" }))
            }
            const [nearest] = claims.claims.folders
              .flatMap((one) => (one.real !== null && isAbove(one.real, at) ? [{ ...one, real: one.real }] : []))
              .toSorted((one, other) => other.real.length - one.real.length)
            if (nearest === undefined) return "its folder is no longer one of a download client"
            return nearest.because === null ? null : `of ${nearest.path}: ${nearest.because}`
          })
        })
      )

      const deletionActs = yield* acts.define(
        deletion({
          look: Effect.fnUntraced(function* ({ orphanId }: OrphanSubject) {
            if (!(yield* settings.get(FilesSettings)).orphans) return wait("the setting was switched off")
            const orphan = yield* find(orphanId)
            if (orphan._tag === "None" || orphan.value.actId === null) return spare("it is not known any more")
            const { actId, state } = orphan.value
            const act = yield* Effect.option(acts.find(actId))
            if (act._tag === "None" || act.value.state !== "done") return spare("it was restored")
            return state === "quarantined" ? go : spare(`it is ${state}`)
          }),
          refresh: Effect.fnUntraced(function* ({ path: at }: OrphanSubject) {
            const claims = yield* claimsNow
            if (claims._tag === "Unknown") return claims.because
            if ((yield* whyKnown(files, at, claims.claims)) === null || !(yield* isGone(at))) return null
            return `something knows ${at} again, where nothing is now: restore it, or move it away`
          })
        })
      )

      const { conclude, stay } = makeOrphanSettling({
        store,
        append: events.append,
        moves: quarantineActs,
        deletions: deletionActs,
        isGone,
        quarantineDays: Effect.map(settings.get(FilesSettings), (set) => set.quarantineDays)
      })

      const itemOf = ({ contents, path: at }: Candidate, outcome: Item["outcome"], because: string): Item => ({
        path: at,
        files: contents.files,
        bytes: contents.bytes,
        freesBytes: contents.freesBytes,
        newestAt: isoOfMillis(contents.newestMillis),
        outcome,
        because
      })

      /** Plans the move of one that was found before. Returns whether it was planned. */
      const plan = (orphan: Orphan, { contents, folder, path: at }: Candidate) =>
        store
          .transact(
            Effect.gen(function* () {
              const act = yield* quarantineActs.intend(
                {
                  orphanId: orphan.id,
                  path: at,
                  quarantine: path.join(folder, quarantineName, `${orphan.id} ${path.basename(at)}`),
                  identity: contents.identity,
                  newestMillis: contents.newestMillis
                },
                { because: "no download, no application and no library knows it" }
              )
              yield* store.change(orphan.id, { state: "planned", actId: act.id, reason: null })
              return true
            })
          )
          .pipe(
            Effect.catchTags({
              ActConflict: () => Effect.succeed(false),
              DeletionsDisabled: () => Effect.succeed(false)
            })
          )

      const scan = Effect.fn("Orphans.scan")(function* (dryRun: boolean) {
        const set = yield* settings.get(FilesSettings)
        const claims = yield* claimsNow
        const none = { items: new Array<Item>(), folders: [] }
        if (claims._tag === "Unknown") return { ...none, skippedBecause: claims.because }
        const candidates = yield* candidatesIn(files, claims.claims, set.ignoredNames)
        const millis = yield* Clock.currentTimeMillis
        const at = isoOfMillis(millis)
        const before = millis - set.orphanHours * 3_600_000
        const open = yield* store.inStates(["found", "planned"])
        // Its device may have another number after a restart of the machine.
        const decided = new Set(
          (yield* store.inStates(["kept", "restored"])).flatMap(({ identity, path: at }) => [identity, at])
        )
        const seen = new Set<string>()
        const items: Array<Item> = []
        let left = set.maxOrphansPerRun
        for (const candidate of candidates) {
          const { contents, folder, path: where } = candidate
          if (decided.has(contents.identity) || decided.has(where)) {
            items.push(itemOf(candidate, "kept", "it was decided that it stays"))
            continue
          }
          const known = open.find((one) => one.path === where && one.identity === contents.identity)
          if (known !== undefined) seen.add(known.id)
          const measured = {
            files: contents.files,
            bytes: contents.bytes,
            freesBytes: contents.freesBytes,
            newestAt: isoOfMillis(contents.newestMillis),
            seenAt: at
          }
          const isYoung = contents.newestMillis > before || known === undefined || Date.parse(known.foundAt) > before
          const [outcome, because]: [Item["outcome"], string] =
            known?.state === "planned"
              ? ["planned", "it is being moved into quarantine"]
              : isYoung
                ? ["waiting", `it has not been orphaned for ${set.orphanHours} hours`]
                : !set.orphans
                  ? ["listed", "orphaned files are only listed"]
                  : left === 0
                    ? ["waiting", "one run moves no more"]
                    : ["planned", "nothing knows it"]
          if (!dryRun) {
            // Why a planned one is not moved yet, its act knows.
            const reason = known?.state === "planned" ? {} : { reason: because }
            yield* store.transact(
              known !== undefined
                ? store.change(known.id, { ...measured, ...reason })
                : Effect.gen(function* () {
                    yield* store.forget(open.filter((one) => one.path === where).map(({ id }) => id))
                    const id = yield* store.insert({
                      path: where,
                      folder,
                      identity: contents.identity,
                      foundAt: at,
                      state: "found",
                      ...measured,
                      ...reason
                    })
                    yield* events.append(
                      FileEvents.found.make({
                        subject: id,
                        message: `Nothing knows ${where}`,
                        payload: payloadOf({ path: where, files: contents.files, bytes: contents.bytes })
                      })
                    )
                  })
            )
          }
          if (known === undefined || known.state === "planned" || outcome !== "planned") {
            items.push(itemOf(candidate, outcome, because))
          } else if (!dryRun && !(yield* plan(known, candidate))) {
            items.push(itemOf(candidate, "waiting", "it cannot be planned now"))
          } else {
            left--
            items.push(itemOf(candidate, outcome, because))
          }
        }
        if (!dryRun) {
          // What is blocked now may be orphaned still; what is known now is not.
          const blocked = claims.claims.folders.filter(({ because }) => because !== null)
          const gone: Array<string> = []
          for (const orphan of open) {
            if (seen.has(orphan.id) || orphan.state === "planned") continue
            if (blocked.some(({ path: at, real }) => isAbove(real ?? at, orphan.path))) continue
            gone.push(orphan.id)
          }
          yield* store.transact(store.forget(gone))
        }
        return {
          items,
          folders: claims.claims.folders.map((one) => ({ path: one.path, skippedBecause: one.because })),
          skippedBecause: null
        }
      })

      const run: Orphans["Service"]["run"] = Effect.fn("Orphans.run")(function* (options) {
        const set = yield* settings.get(FilesSettings)
        const dryRun = options.dryRun === true
        const mayAct = !dryRun && set.orphans && !(yield* isBraked(settings))
        if (!dryRun) yield* conclude
        yield* options.progress(0, null, "looking for orphaned files")
        const { folders, items, skippedBecause } = yield* scan(dryRun)
        if (skippedBecause !== null)
          yield* options.log("warning", `No orphaned files are looked for: ${skippedBecause}`)
        const nothing = { done: 0, failed: 0 }
        const moved = mayAct ? yield* quarantineActs.carryOutDue(options) : nothing
        if (!dryRun) yield* conclude
        const deleted = mayAct ? yield* deletionActs.carryOutDue(options) : nothing
        if (!dryRun) yield* conclude
        return {
          dryRun,
          skippedBecause,
          folders,
          orphans: items.length,
          items: listedOrphans(items),
          quarantined: moved.done,
          deleted: deleted.done,
          failed: moved.failed + deleted.failed
        }
      }, single.withPermits(1))

      return Orphans.of({
        run,
        page: store.page,
        get: store.find,
        restore: Effect.fn("Orphans.restore")(function* (id) {
          yield* conclude
          const orphan = yield* store.find(id)
          if (orphan.state !== "quarantined" || orphan.actId === null) {
            const detail = "only what is in quarantine can be restored"
            return yield* new OrphanConflict({ orphanId: id, state: orphan.state, detail })
          }
          yield* Effect.catchTag(acts.undo(orphan.actId), "VersionConflict", Effect.die)
          yield* conclude
          yield* Effect.ignore(orphan.deletionId === null ? Effect.void : acts.cancel(orphan.deletionId))
          return yield* store.find(id)
        }),
        keep: Effect.fn("Orphans.keep")(function* (id) {
          yield* conclude
          const orphan = yield* store.find(id)
          if (orphan.state !== "found" && orphan.state !== "planned") {
            const detail = "only what has not been moved can be left where it is"
            return yield* new OrphanConflict({ orphanId: id, state: orphan.state, detail })
          }
          if (orphan.state === "planned" && orphan.actId !== null) {
            yield* Effect.catchTag(acts.cancel(orphan.actId), "VersionConflict", Effect.die)
          }
          yield* stay(orphan, `decided by ${yield* Actor}`)
          return yield* store.find(id)
        }),
        prune: Effect.gen(function* () {
          const { actDays } = yield* settings.get(RetentionSettings)
          yield* store.prune(isoOfMillis((yield* Clock.currentTimeMillis) - actDays * dayMillis))
        })
      })
    })
  )
}
