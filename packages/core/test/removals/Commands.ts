/** Commands of a history: actions of people, time that passes, and misbehaviour of applications. */
import * as fc from "fast-check"
import type { RemovalMode } from "../../src/capacity/RemovalMode.ts"
import { removalModes } from "../../src/capacity/RemovalMode.ts"
import { type RemovalAction, removalActions } from "../../src/integrations/Kind.ts"
import type { ResetMisbehaviour } from "../support/FakeResets.ts"
import type { FakePart, Misbehaviours } from "../support/FakeItem.ts"

/** Numbers select from the removals, items or protections that exist when the command runs, modulo their count. */
export type Command =
  | { readonly _tag: "sync" }
  | { readonly _tag: "plan" }
  | { readonly _tag: "run" }
  /** A usual day: a sync, a plan, the grace delay, a run. */
  | { readonly _tag: "round" }
  /** A plan, and a step during its computation. */
  | { readonly _tag: "planMeanwhile"; readonly step: Step }
  /** A run, and a step while its first removal is checked or sent. */
  | { readonly _tag: "runMeanwhile"; readonly during: "presence" | "prepare" | "remove"; readonly step: Step }
  /** The process ends during a run, in a call that hangs, and starts again. */
  | { readonly _tag: "crash"; readonly at: Crash }
  | { readonly _tag: "restart" }
  | { readonly _tag: "time"; readonly hours: number }
  | Step

export type Step =
  | { readonly _tag: "approve" | "unsnooze" | "cancel" | "retry"; readonly removal: number }
  | { readonly _tag: "release" | "restore"; readonly removal: number }
  | { readonly _tag: "reject" | "reschedule"; readonly removal: number; readonly hours: number }
  | {
      readonly _tag: "bulk"
      readonly action: "approve" | "reject" | "cancel"
      readonly removals: ReadonlyArray<number>
    }
  | {
      readonly _tag: "request"
      readonly item: number
      /** Absent: the usual action. */
      readonly action: RemovalAction | undefined
      readonly graceDays: 0 | 1 | undefined
      readonly resetRequest: boolean
    }
  | { readonly _tag: "protect" | "keepRule" | "vanish" | "hardlink" | "watch"; readonly item: number }
  | { readonly _tag: "protectCollection"; readonly collection: string }
  | { readonly _tag: "unprotect" | "dropRule"; readonly number: number }
  | { readonly _tag: "mode"; readonly disk: number; readonly mode: RemovalMode }
  | { readonly _tag: "resume"; readonly disk: number }
  | { readonly _tag: "allow"; readonly disk: number; readonly allowed: boolean }
  | { readonly _tag: "brake"; readonly deletionsEnabled: boolean }
  | { readonly _tag: "down"; readonly part: FakePart }
  | { readonly _tag: "up" }
  | { readonly _tag: "refill"; readonly disk: number }
  | { readonly _tag: "failRemove"; readonly how: Misbehaviours["remove"] }
  | { readonly _tag: "failPresence"; readonly how: "refuse" | "timeout" | "other-title"; readonly after: number }
  | { readonly _tag: "failReset"; readonly how: ResetMisbehaviour }
  | { readonly _tag: "failRestore"; readonly how: Misbehaviours["restore"] }

/**
 * `asked`: before the intent is written; `prepared`: before the deletion is sent; `sent`: in the call, not done; `done`: in the
 * call, done; `verified`: after it.
 */
export type Crash = "asked" | "prepared" | "sent" | "done" | "verified"

const small = fc.nat(30)
const disk = fc.nat(1)
const hours = fc.constantFrom(1, 12, 30, 100)

const on = <T extends string>(...tags: ReadonlyArray<T>) =>
  fc.record({ _tag: fc.constantFrom(...tags), removal: small })

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: on("approve") },
  { weight: 6, arbitrary: fc.oneof(on("cancel", "unsnooze", "retry"), on("release", "restore")) },
  { weight: 4, arbitrary: fc.record({ _tag: fc.constantFrom("reject", "reschedule"), removal: small, hours }) },
  {
    weight: 1,
    arbitrary: fc.record({
      _tag: fc.constant("bulk"),
      action: fc.constantFrom("approve", "reject", "cancel"),
      removals: fc.array(small, { minLength: 1, maxLength: 4 })
    })
  },
  {
    weight: 5,
    arbitrary: fc.record({
      _tag: fc.constant("request"),
      item: small,
      action: fc.constantFrom(undefined, ...removalActions),
      graceDays: fc.constantFrom(undefined, undefined, 0 as const, 1 as const),
      resetRequest: fc.boolean()
    })
  },
  {
    weight: 6,
    arbitrary: fc.record({
      _tag: fc.constantFrom("protect", "protect", "keepRule", "vanish", "hardlink", "watch"),
      item: small
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({ _tag: fc.constant("protectCollection"), collection: fc.constantFrom("Saga", "Trilogy") })
  },
  { weight: 3, arbitrary: fc.record({ _tag: fc.constantFrom("unprotect", "dropRule"), number: small }) },
  {
    weight: 3,
    arbitrary: fc.record({ _tag: fc.constant("mode"), disk, mode: fc.constantFrom(...removalModes, "auto" as const) })
  },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("resume"), disk }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("allow"), disk, allowed: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("brake"), deletionsEnabled: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ _tag: fc.constant("down"), part: fc.constantFrom("manager", "disks", "server", "requests") })
  },
  { weight: 4, arbitrary: fc.constant({ _tag: "up" }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("refill"), disk }) },
  {
    weight: 3,
    arbitrary: fc.record({
      _tag: fc.constant("failRemove"),
      how: fc.constantFrom("refuse", "refuse-done", "timeout", "timeout-done", "lie")
    })
  },
  {
    weight: 2,
    arbitrary: fc.record({
      _tag: fc.constant("failPresence"),
      how: fc.constantFrom("refuse", "timeout", "other-title"),
      after: fc.nat(2)
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      _tag: fc.constant("failReset"),
      how: fc.constantFrom("deny", "refuse", "timeout-done", "lie")
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      _tag: fc.constant("failRestore"),
      how: fc.constantFrom("refuse", "timeout", "timeout-done")
    })
  }
)

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Command>({ _tag: "sync" }) },
  { weight: 9, arbitrary: fc.constant<Command>({ _tag: "plan" }) },
  { weight: 9, arbitrary: fc.constant<Command>({ _tag: "run" }) },
  { weight: 12, arbitrary: fc.constant<Command>({ _tag: "round" }) },
  { weight: 4, arbitrary: fc.record({ _tag: fc.constant("planMeanwhile"), step }) },
  {
    weight: 4,
    arbitrary: fc.record({
      _tag: fc.constant("runMeanwhile"),
      during: fc.constantFrom("presence", "prepare", "remove"),
      step
    })
  },
  {
    weight: 4,
    arbitrary: fc.record({
      _tag: fc.constant("crash"),
      at: fc.constantFrom("asked", "prepared", "sent", "done", "verified")
    })
  },
  { weight: 1, arbitrary: fc.constant<Command>({ _tag: "restart" }) },
  { weight: 5, arbitrary: fc.record({ _tag: fc.constant("time"), hours: fc.constantFrom(0.02, 1, 25, 80, 800) }) },
  { weight: 40, arbitrary: step }
)

export interface History {
  readonly removeCollections: boolean
  readonly wholeShows: boolean
  /** The first seasons consist of episodes, which are items. */
  readonly episodes: boolean
  readonly mode: RemovalMode
  readonly batchSize: number
  readonly maxItems: number
  readonly commands: ReadonlyArray<Command>
}

export const anyHistory: fc.Arbitrary<History> = fc.record({
  removeCollections: fc.boolean(),
  wholeShows: fc.boolean(),
  episodes: fc.boolean(),
  mode: fc.constantFrom("auto", "auto", "approval", "sunset", "dry-run"),
  batchSize: fc.integer({ min: 1, max: 3 }),
  maxItems: fc.integer({ min: 1, max: 5 }),
  commands: fc.array(anyCommand, { minLength: 1, maxLength: 45, size: "max" })
})
