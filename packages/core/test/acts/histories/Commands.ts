/** Commands of a history: decisions of people, time that passes, misbehaviour of the application, and crashes. */
import * as fc from "fast-check"
import { type Call, type Misbehaviour, misbehaviours, type Moment, type Name, names } from "./World.ts"

/** Numbers select from the acts that exist when the command runs, modulo their count. */
export type Command =
  | { readonly _tag: "run" }
  /** A run, and a step at a moment of it. */
  | { readonly _tag: "runMeanwhile"; readonly at: Moment; readonly step: Step }
  /** The process ends during a run, at its nth transaction or request, and starts again. */
  | { readonly _tag: "crash"; readonly ticks: number }
  /** The process ends while an act is undone. */
  | { readonly _tag: "undoCrash"; readonly act: number; readonly ticks: number }
  | { readonly _tag: "restart" }
  | { readonly _tag: "time"; readonly hours: number }
  | Step

export type Step =
  | { readonly _tag: "intend"; readonly name: Name; readonly inHours: number }
  | { readonly _tag: "cancel" | "retry"; readonly act: number }
  | { readonly _tag: "undo"; readonly act: number; readonly how: Misbehaviour | null }
  | { readonly _tag: "brake"; readonly deletionsEnabled: boolean }
  | { readonly _tag: "dryRun"; readonly on: boolean }
  | { readonly _tag: "verdict"; readonly name: Name; readonly verdict: "go" | "spare" | "wait" }
  | { readonly _tag: "vanish" | "refill"; readonly name: Name }
  | { readonly _tag: "down" | "up" }
  | { readonly _tag: "fail"; readonly call: Call; readonly how: Misbehaviour }
  | { readonly _tag: "secondRun" }

export interface History {
  readonly maxAttempts: number
  readonly commands: ReadonlyArray<Command>
}

const calls = ["presence", "lock", "take", "sweep", "unlock", "give"] as const
const moments = [
  ...calls,
  ...(["lock", "take", "sweep", "unlock", "give"] as const).map((call): Moment => `${call}-sent`)
] as const

const act = fc.nat(12)
const name = fc.constantFrom(...names)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ _tag: fc.constant("intend"), name, inHours: fc.constantFrom(0, 0, 0, 2) }) },
  { weight: 5, arbitrary: fc.record({ _tag: fc.constant("cancel"), act }) },
  { weight: 4, arbitrary: fc.record({ _tag: fc.constant("retry"), act }) },
  {
    weight: 3,
    arbitrary: fc.record({ _tag: fc.constant("undo"), act, how: fc.constantFrom(null, null, ...misbehaviours) })
  },
  { weight: 4, arbitrary: fc.record({ _tag: fc.constant("brake"), deletionsEnabled: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("dryRun"), on: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ _tag: fc.constant("verdict"), name, verdict: fc.constantFrom("go", "spare", "wait") })
  },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constantFrom("vanish", "refill", "refill"), name }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("down") }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("up") }) },
  {
    weight: 8,
    arbitrary: fc.record({
      _tag: fc.constant("fail"),
      call: fc.constantFrom(...calls, "take", "take", "lock"),
      how: fc.constantFrom(...misbehaviours)
    })
  },
  { weight: 3, arbitrary: fc.record({ _tag: fc.constant("secondRun") }) }
)

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ _tag: fc.constant("run") }) },
  {
    weight: 8,
    arbitrary: fc.record({
      _tag: fc.constant("runMeanwhile"),
      at: fc.constantFrom(...moments, "take", "take-sent"),
      step
    })
  },
  { weight: 6, arbitrary: fc.record({ _tag: fc.constant("crash"), ticks: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ _tag: fc.constant("undoCrash"), act, ticks: fc.integer({ min: 1, max: 8 }) })
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("restart") }) },
  { weight: 6, arbitrary: fc.record({ _tag: fc.constant("time"), hours: fc.constantFrom(0.01, 0.02, 1, 30) }) },
  { weight: 24, arbitrary: step }
)

export const anyHistory: fc.Arbitrary<History> = fc.record({
  maxAttempts: fc.constantFrom(1, 2, 3),
  commands: fc.array(command, { minLength: 4, maxLength: 28 })
})
