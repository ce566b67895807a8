/**
 * Steps that a person takes with removals, any number at once: all are read, checked and written together, and each of
 * them succeeds or fails by itself. If a removal belongs to a collection, a step applies to every member in the same
 * state, to all of them or none; a cancellation or snooze applies to every member that is not executing, whatever its
 * state.
 */
import { Effect, Result } from "effect"
import type { RemovalNotFound, RemovalState, RemovalSummary } from "../Removal.ts"
import {
  openStates,
  RemovalBeyondRecall,
  RemovalNotFound as NotFound,
  RemovalStateConflict,
  transitions
} from "../Removal.ts"
import type { RemovalStepEvent } from "../RemovalEvents.ts"
import { sentStep } from "../RemovalSteps.ts"
import type { RemovalStore } from "../RemovalStore.ts"
import type { StoredRemoval } from "../RemovalStore/Rows.ts"
import type { Changes, Move } from "../RemovalStore/Writing.ts"
import { amongMany } from "../../storage/Dialect.ts"
import { rowId } from "../../storage/RowId.ts"

export interface Done {
  /** Ids of removals that the step would have stopped, but whose deletion has already been sent. */
  readonly beyondRecall: ReadonlyArray<string>
}

/**
 * What becomes of each of some removals, in the transaction of the caller. `along` contains those that went along with
 * another one of their collection; the step adds to it.
 */
export type Step<E> = (
  ids: ReadonlyArray<string>,
  along: Set<string>
) => Effect.Effect<ReadonlyMap<string, Result.Result<Done, E>>, RemovalStateConflict>

interface Taking {
  readonly to: RemovalState
  readonly event: RemovalStepEvent
  readonly messageOf: (removal: StoredRemoval) => string
  readonly changesOf: (removal: StoredRemoval) => Changes
}

type Store = RemovalStore["Service"]

type Taken<E> = Result.Result<Done & { readonly moved: ReadonlyArray<StoredRemoval> }, E>

export const makeSteps = (store: Store) => {
  /** `isRefused` says why a removal, or a member of its unit, does not allow the step. */
  const step =
    (
      { changesOf, event, messageOf, to }: Taking,
      isRefused: (removal: StoredRemoval) => RemovalStateConflict | null
    ): Step<RemovalNotFound | RemovalStateConflict> =>
    (ids, along) =>
      Effect.gen(function* () {
        const moves: Array<Move> = []
        const outcomes = yield* each(store, ids, along, to, (unit): Taken<RemovalStateConflict> => {
          for (const member of unit) {
            const refused = isRefused(member)
            if (refused !== null) return Result.fail(refused)
          }
          for (const from of unit) moves.push({ from, to, event, message: messageOf(from), changes: changesOf(from) })
          return Result.succeed({ moved: unit, beyondRecall: [] })
        })
        yield* store.moveAll(moves)
        return outcomes
      })

  /** Cancels or snoozes, even while it is executing, unless its deletion has been sent. */
  const recall =
    ({ changesOf, event, messageOf, to }: Taking): Step<RemovalNotFound | RemovalStateConflict | RemovalBeyondRecall> =>
    (ids, along) =>
      Effect.gen(function* () {
        const moves: Array<Move> = []
        const late = new Map<string, StoredRemoval>()
        const outcomes = yield* each(
          store,
          ids,
          along,
          to,
          (unit, removal): Taken<RemovalStateConflict | RemovalBeyondRecall> => {
            if (isSent(removal)) {
              late.set(removal.id, removal)
              return Result.fail(tooLate(removal))
            }
            if (!transitions[removal.state].includes(to)) {
              return Result.fail(conflict(removal, `a removal that is ${removal.state} does not become ${to}`))
            }
            const moved = unit.filter((member) => !isSent(member))
            const beyond = unit.filter(isSent)
            for (const member of beyond) late.set(member.id, member)
            for (const from of moved)
              moves.push({ from, to, event, message: messageOf(from), changes: changesOf(from) })
            return Result.succeed({ moved, beyondRecall: beyond.map(({ id }) => id) })
          }
        )
        yield* store.moveAll(moves)
        // Stored if it comes too late, in case the deletion fails.
        for (const removal of late.values()) {
          yield* store.keepDecision(
            removal,
            to === "cancelled" ? "cancel" : (changesOf(removal).snoozedUntil ?? "cancel")
          )
        }
        return outcomes
      })

  return { step, recall }
}

export const conflict = (removal: StoredRemoval, detail: string): RemovalStateConflict =>
  new RemovalStateConflict({ removalId: removal.id, state: removal.state, detail })

const each = Effect.fnUntraced(function* <E>(
  store: Store,
  ids: ReadonlyArray<string>,
  along: Set<string>,
  to: RemovalState,
  take: (unit: ReadonlyArray<StoredRemoval>, removal: StoredRemoval) => Taken<E>
) {
  const { named, unitOf } = yield* readUnits(store, ids)
  const outcomes = new Map<string, Result.Result<Done, E | NotFound>>()
  for (const id of ids) {
    const removal = named.get(id)
    if (removal === undefined) {
      outcomes.set(id, Result.fail(new NotFound({ removalId: id })))
      continue
    }
    if (along.has(id)) {
      outcomes.set(id, Result.succeed({ beyondRecall: [] }))
      continue
    }
    const unit = unitOf(removal, alike(removal.state, to)).filter((member) => !along.has(member.id))
    const taken = take(unit, removal)
    if (Result.isSuccess(taken)) for (const member of taken.success.moved) along.add(member.id)
    outcomes.set(id, taken)
  }
  return outcomes
})

/** Some removals, and the others of their collections. */
const readUnits = Effect.fnUntraced(function* (store: Store, ids: ReadonlyArray<string>) {
  const read = yield* store.where((q) => amongMany(q, q.literal("id"), ids.map(rowId)))
  const collections = new Set(read.flatMap(({ collection }) => (collection === null ? [] : [collection])))
  const fellows = new Map<string, Array<StoredRemoval>>()
  if (collections.size > 0) {
    const members = yield* store.where((q) => q.and([q.in("state", openStates), q.in("collection", [...collections])]))
    for (const member of members) {
      const key = unitKey(member)
      const some = fellows.get(key)
      if (some === undefined) fellows.set(key, [member])
      else some.push(member)
    }
  }
  return {
    named: new Map(read.map((removal) => [removal.id, removal])),
    unitOf: (removal: StoredRemoval, states: ReadonlyArray<RemovalState>): ReadonlyArray<StoredRemoval> => {
      if (removal.collection === null || removal.integrationId === null) return [removal]
      const some = (fellows.get(unitKey(removal)) ?? []).filter(({ state }) => states.includes(state))
      return some.some(({ id }) => id === removal.id) ? some : [removal, ...some]
    }
  }
})

/** A removal and the members of its collection in some states. */
export const membersOf = (
  store: Store,
  removal: StoredRemoval,
  states: ReadonlyArray<RemovalState>
): Effect.Effect<ReadonlyArray<StoredRemoval>> =>
  Effect.map(readUnits(store, [removal.id]), ({ unitOf }) => unitOf(removal, states))

const unitKey = ({ collection, integrationId, origin }: RemovalSummary): string =>
  JSON.stringify([integrationId, origin, collection])

/** States of removals that take a step together. */
const alike = (state: RemovalState, to: RemovalState): ReadonlyArray<RemovalState> =>
  to === "cancelled" || to === "snoozed" ? openStates.filter((open) => transitions[open].includes(to)) : [state]

const tooLate = ({ id, title }: StoredRemoval) =>
  new RemovalBeyondRecall({
    removalId: id,
    detail: `the deletion of "${title}" has been sent to its application; if that does not remove it, it is not sent again`
  })

/** Its deletion has been sent, and only the application knows the outcome. */
const isSent = ({ state, step }: StoredRemoval): boolean => state === "executing" && step === sentStep
