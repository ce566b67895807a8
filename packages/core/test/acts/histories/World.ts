/** An application with things that can be taken, the ways in which it fails or answers falsely, and the act that takes one. */
import { Clock, Effect, Schema } from "effect"
import type { ActKind, Standing } from "../../../src/acts/ActKind.ts"
import { go, spare, type Verdict, wait } from "../../../src/acts/Verdict.ts"
import { CurrentFinalCheck } from "../../../src/integrations/FinalCheck.ts"
import {
  UpstreamHeldBack,
  UpstreamMalformed,
  UpstreamRateLimited,
  UpstreamRefused,
  UpstreamUnreachable,
  type UpstreamError
} from "../../../src/integrations/UpstreamErrors.ts"

/** `sweep` is a second destructive request, after `take`. */
export type Call = "presence" | "lock" | "take" | "sweep" | "unlock" | "give"

/** How one request is handled. `late`: it is carried out, but only later, after a timeout. */
export const misbehaviours = [
  "lies",
  "done-and-lost",
  "lost",
  "late",
  "refused",
  "slow-down",
  "redirected",
  "broken",
  "unreadable",
  "gone-meanwhile"
] as const
export type Misbehaviour = (typeof misbehaviours)[number]

/** Moments in the execution of an act at which a step may occur: before the final check at a request, or after it. */
export type Moment = Call | `${Exclude<Call, "presence">}-sent`

export interface Thing {
  /** A thing that was added again is a new incarnation. */
  readonly incarnation: number
  locked: boolean
}

export const names = ["alpha", "beta", "gamma"] as const
export type Name = (typeof names)[number]

export interface Entry {
  readonly name: string
  readonly call: Call
  readonly answer: "present" | "absent" | "failed" | "sent"
}

export class World {
  readonly things = new Map<string, Thing>(names.map((name, incarnation) => [name, { incarnation, locked: false }]))
  readonly verdicts = new Map<string, Verdict>()
  readonly journal: Array<Entry> = []
  /** Incarnations that our requests took. */
  readonly takenByUs: Array<{ readonly name: string; readonly incarnation: number }> = []
  isDryRun = false
  isDown = false
  readonly #next = new Map<Call, Array<Misbehaviour>>()
  #late: Array<{ readonly at: number; readonly name: string; readonly incarnation: number }> = []
  #incarnations = names.length

  /** Runs at each moment; may interrupt. */
  onMoment: (moment: Moment, name: string) => Effect.Effect<void> = () => Effect.void
  /** Runs when the final check has allowed a request, and again when the request arrives. */
  onAllowed: (call: Call, name: string) => Effect.Effect<void> = () => Effect.void
  onArrival: (call: Call, name: string) => Effect.Effect<void> = () => Effect.void

  next(call: Call, how: Misbehaviour): void {
    // Whether preparations were reverted is not checked: a kind must not rely on its application for that.
    const behaviour = call === "unlock" && how === "lies" ? "refused" : how
    this.#next.set(call, [...(this.#next.get(call) ?? []), behaviour])
  }

  behave(): void {
    this.isDown = false
    this.isDryRun = false
    this.verdicts.clear()
    this.#next.clear()
  }

  add(name: string): void {
    if (!this.things.has(name)) this.things.set(name, { incarnation: this.#incarnations++, locked: false })
  }

  remove(name: string): void {
    this.things.delete(name)
  }

  /** Carries out what is pending. */
  timePassed(now: number): void {
    for (const { at, incarnation, name } of this.#late) {
      if (at <= now && this.things.get(name)?.incarnation === incarnation) this.#take(name)
    }
    this.#late = this.#late.filter(({ at }) => at > now)
  }

  verdictOn(name: string): Verdict {
    return this.isDryRun ? wait("dry run") : (this.verdicts.get(name) ?? go)
  }

  presence(name: string): Effect.Effect<Standing<{ readonly locked: boolean }>, UpstreamError> {
    return Effect.gen({ self: this }, function* () {
      yield* this.onMoment("presence", name)
      const how = this.#misbehaviour("presence")
      if (how === "gone-meanwhile") this.remove(name)
      else if (how !== undefined || this.isDown) {
        this.#note(name, "presence", "failed")
        return yield* errorOf("presence", how ?? "lost")
      }
      const thing = this.things.get(name)
      this.#note(name, "presence", thing === undefined ? "absent" : "present")
      return thing === undefined ? { _tag: "Absent" } : { _tag: "Present", kept: { locked: thing.locked } }
    })
  }

  /** One request that changes something, sent like the client sends it, right after the final check. */
  request(call: Exclude<Call, "presence">, name: string): Effect.Effect<void, UpstreamError> {
    return Effect.gen({ self: this }, function* () {
      yield* this.onMoment(call, name)
      const look = yield* CurrentFinalCheck
      const why = look === null ? null : yield* look.whyNot(call === "take" || call === "sweep")
      if (why !== null) return yield* new UpstreamHeldBack({ ...about, call, detail: why })
      yield* this.onAllowed(call, name)
      yield* this.onMoment(`${call}-sent`, name)
      if (this.isDown) return yield* errorOf(call, "lost")
      yield* this.onArrival(call, name)
      this.#note(name, call, "sent")
      const how = this.#misbehaviour(call)
      const thing = this.things.get(name)
      if (how === "gone-meanwhile") this.remove(name)
      if (how === "late" && call === "take" && thing !== undefined) {
        const at = (yield* Clock.currentTimeMillis) + 45_000
        this.#late.push({ at, name, incarnation: thing.incarnation })
      }
      if (how === undefined || how === "done-and-lost") this.#change(call, name)
      if (how !== undefined && how !== "lies" && how !== "gone-meanwhile") return yield* errorOf(call, how)
    })
  }

  #change(call: Call, name: string): void {
    const thing = this.things.get(name)
    if (call === "give") this.add(name)
    else if (call === "take") this.#take(name)
    else if (thing !== undefined && (call === "lock" || call === "unlock")) thing.locked = call === "lock"
  }

  #take(name: string): void {
    const thing = this.things.get(name)
    if (thing === undefined) return
    this.takenByUs.push({ name, incarnation: thing.incarnation })
    this.things.delete(name)
  }

  #misbehaviour(call: Call): Misbehaviour | undefined {
    return this.#next.get(call)?.shift()
  }

  #note(name: string, call: Call, answer: Entry["answer"]): void {
    this.journal.push({ name, call, answer })
  }
}

const about = { integration: "Shelf" }

const errorOf = (call: Call, how: Misbehaviour): UpstreamError => {
  switch (how) {
    case "refused":
      return new UpstreamRefused({ ...about, call, status: 403, detail: "not yours" })
    case "redirected":
      return new UpstreamRefused({ ...about, call, status: 307, detail: "elsewhere" })
    case "broken":
      return new UpstreamRefused({ ...about, call, status: 500, detail: "broken" })
    case "slow-down":
      return new UpstreamRateLimited({ ...about, call, detail: "later", retryAfterMillis: 1000 })
    case "unreadable":
      return new UpstreamMalformed({ ...about, call, detail: "a web page" })
    default:
      return new UpstreamUnreachable({ ...about, call, detail: "timed out" })
  }
}

const Subject = Schema.Struct({ name: Schema.String })
const Kept = Schema.Struct({ locked: Schema.Boolean })
export type Subject = typeof Subject.Type

/** Locks a thing, takes it, and sweeps up after it. */
export const takeThing = (world: World): ActKind<Subject, typeof Kept.Type> => ({
  name: "take-thing",
  subject: Subject,
  kept: Kept,
  keyOf: ({ name }) => name,
  titleOf: ({ name }) => name,
  destroys: true,
  presence: ({ name }) => world.presence(name),
  look: ({ name }) => Effect.sync(() => world.verdictOn(name)),
  send: ({ name }) =>
    Effect.gen(function* () {
      yield* world.request("lock", name)
      yield* world.request("take", name)
      yield* world.request("sweep", name)
    }),
  putBack: ({ name }) => Effect.provideService(world.request("unlock", name), CurrentFinalCheck, null),
  undo: ({ name }) => Effect.provideService(world.request("give", name), CurrentFinalCheck, null)
})

export const protectedThing = spare("somebody wants to keep it")
