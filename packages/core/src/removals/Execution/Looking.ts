/**
 * The checks before a removal is carried out: first when its intent is claimed, and again directly before each request,
 * when its permit to send is held. Each check and its writes are one transaction, so that an earlier decision of a
 * person is respected, and a later one is reported as too late.
 */
import { Effect } from "effect"
import { isBraked } from "../../acts/Brake.ts"
import type { ActChecks } from "../../acts/CarryOut.ts"
import { makeActChecks, withdrawn } from "../../acts/ActChecks.ts"
import { factsOfActing } from "../../capacity/Acting.ts"
import type { Environment } from "../../capacity/Decision.ts"
import { type Engine, factsOfDecisions } from "../../capacity/Engine.ts"
import type { Presence } from "../../integrations/Kind.ts"
import type { LibraryItem } from "../../library/Item.ts"
import type { Snapshots } from "../../library/Snapshots.ts"
import type { RulesUnreadable } from "../../rules/Rules.ts"
import type { Settings } from "../../settings/Settings.ts"
import { actionTextOf } from "../ActionText.ts"
import { requestsStanding } from "../EmptyEntries.ts"
import type { RefusedItems } from "../RefusedItems.ts"
import { type DiskReading, recheck, unitWith } from "../Recheck.ts"
import { openStates } from "../Removal.ts"
import { claimedAgainStep, claimedStep, lateStep, sentStep } from "../RemovalSteps.ts"
import type { RemovalStore } from "../RemovalStore.ts"
import { RemovalEvents } from "../RemovalEvents.ts"
import type { StoredRemoval } from "../RemovalStore/Rows.ts"
import { asKnown, type FreshFacts } from "./FreshFacts.ts"
import type { Settling } from "./Settling.ts"
import { CapacitySettings } from "../../capacity/CapacitySettings.ts"

/** The results of the transaction that claims the intent. */
export interface Claim {
  readonly item: LibraryItem | undefined
  readonly diskGroupId: string | null
  /** Requests of the item that stay, as the end of a sentence. */
  readonly requests: string
}

export const makeLooking = (services: {
  readonly engine: Engine["Service"]
  readonly refusals: RefusedItems["Service"]
  readonly settings: Settings["Service"]
  readonly snapshots: Snapshots["Service"]
  readonly store: RemovalStore["Service"]
  readonly transact: Settling["transact"]
}) => {
  const { engine, refusals, settings, snapshots, store, transact } = services

  /** Whether another member of its collection has been removed since it was planned. */
  const hasBegun = (removal: StoredRemoval) =>
    removal.collection === null
      ? Effect.succeed(false)
      : Effect.map(
          store.where(
            (q) => q`collection = ${removal.collection} AND integration_id = ${Number(removal.integrationId)}
              AND state = 'removed' AND action <> 'unmonitor' AND ended_at >= ${removal.createdAt}`
          ),
          (gone) => gone.length > 0
        )

  /**
   * The items of the other removals that a person has requested with it, as one unit. Those that were ended since are
   * among them, unless they are removed: a member that stays keeps the others.
   */
  const requestedWith = (removal: StoredRemoval) =>
    removal.collection === null || removal.origin !== "person"
      ? Effect.succeed(new Set<string>())
      : Effect.map(
          store.where(
            (q) => q`collection = ${removal.collection} AND integration_id = ${Number(removal.integrationId)}
              AND origin = 'person' AND id <> ${Number(removal.id)}
              AND (${q.in("state", openStates)} OR (state IN ('spared', 'cancelled') AND ended_at >= ${removal.createdAt}))`
          ),
          (others) => new Set(others.map(({ itemId }) => itemId))
        )

  const untrueOf = (removal: StoredRemoval) =>
    Effect.map(
      store.where(
        (q) => q`integration_id = ${Number(removal.integrationId)} AND untrue = 1
          AND state IN ('scheduled', 'executing', 'failed') AND id <> ${Number(removal.id)}`
      ),
      ([other]) => other?.title ?? null
    )

  /** With the heavy facts of the decision, and of the acting rule if it was queued by one. */
  const loadedFor = (current: Environment, removal: StoredRemoval, unit: ReadonlyArray<LibraryItem>) =>
    removal.origin === "rule"
      ? engine.loaded(current, unit, [...factsOfDecisions(current), ...factsOfActing(current.rules.acting)])
      : engine.loaded(current, unit)

  const look = Effect.fnUntraced(function* (removal: StoredRemoval, reading: DiskReading, facts: FreshFacts) {
    const braked = yield* isBraked(settings)
    const { defaultMode } = yield* settings.get(CapacitySettings)
    const current = facts.over(yield* engine.environment)
    const item = current.snapshot.byId.get(removal.itemId)
    const fellows = yield* requestedWith(removal)
    const unit = item === undefined ? [] : unitWith(current, item, fellows)
    const environment = unit.length === 0 ? current : yield* loadedFor(current, removal, unit)
    const verdict = recheck(environment, removal, {
      braked,
      defaultMode,
      reading,
      unitBegun: yield* hasBegun(removal),
      requestedWith: fellows,
      refusing: removal.origin === "person" ? () => undefined : yield* refusals.refusing,
      untrueOf: yield* untrueOf(removal),
      plannedOn: facts.plannedOn
    })
    return { environment, verdict }
  })

  /** Rules that cannot be read might keep anything. */
  const patiently = (error: RulesUnreadable) => Effect.succeed({ _tag: "Wait" as const, reason: error.detail })

  /** A first check with the known facts, before any application is asked. */
  const first = (removal: StoredRemoval, reading: DiskReading) =>
    look(removal, reading, asKnown).pipe(
      Effect.map(({ verdict }) => verdict),
      Effect.catchTag("RulesUnreadable", patiently)
    )

  /** Checks everything and writes the intent. */
  const claim = (
    removal: StoredRemoval,
    presence: Presence & { _tag: "Present" },
    reading: DiskReading,
    facts: FreshFacts
  ) =>
    transact(
      Effect.gen(function* () {
        const { environment, verdict } = yield* look(removal, reading, facts)
        if (verdict._tag !== "Go") return verdict
        const claimed = yield* store.move(removal, "executing", RemovalEvents.executing, actionTextOf(removal).doing, {
          attempts: removal.attempts + 1,
          step: removal.step === lateStep ? claimedAgainStep : claimedStep,
          // The state before a first attempt prepared anything.
          restore: removal.restore ?? presence.restore,
          nextAttemptAt: null,
          reason: null
        })
        const item = environment.snapshot.byId.get(removal.itemId)
        const requests = item === undefined ? "" : requestsStanding(item, environment.sources, removal.resetRequest)
        const claim: Claim = { item, diskGroupId: item?.diskGroupId ?? null, requests }
        return { _tag: "Claimed" as const, row: claimed, claim }
      })
    ).pipe(Effect.catchTag("RulesUnreadable", patiently))

  /** The final check for the requests of one claimed removal, and its results so far. */
  const checks = (claimed: StoredRemoval, reading: DiskReading, facts: FreshFacts): ActChecks<StoredRemoval> => {
    const checked = makeActChecks(claimed, {
      current: (seen) =>
        Effect.map(Effect.option(store.find(seen.id)), (stored) => {
          const row = stored._tag === "Some" ? stored.value : undefined
          if (row === undefined || row.state !== "executing" || row.version !== seen.version) {
            return { withdrawnBecause: row?.reason ?? withdrawn }
          }
          // It came too late for the previous request, but applies to this one.
          return row.recalled === null ? row : { withdrawnBecause: withdrawn }
        }),
      look: (row) =>
        look(row, reading, facts).pipe(
          Effect.map(({ verdict }) => verdict),
          Effect.catchTag("RulesUnreadable", patiently)
        ),
      markSent: (row) => (row.step === sentStep ? Effect.succeed(row) : store.note(row, { step: sentStep })),
      transact
    })
    // Loaded beforehand, so that the transaction need not.
    return { ...checked, look: { whyNot: (destroys) => Effect.andThen(snapshots.get, checked.look.whyNot(destroys)) } }
  }

  return { first, claim, checks }
}
