/**
 * Misbehaviour on demand. A fault names an application and, where wanted, a method, a path and how often it shows; it is
 * switched on and off while the sandbox runs. Several may hold at once.
 */
import { Schema } from "effect"

const target = {
  /** A simulated application: `radarr`, `radarr-2` for the second; absent = all of them. */
  app: Schema.optionalKey(Schema.String),
  method: Schema.optionalKey(Schema.String),
  /**
   * Path without the url base, `*` standing for anything: `/api/v3/movie*`. Commands of applications that have a single
   * path follow it: `/api/v2/get_history`.
   */
  path: Schema.optionalKey(Schema.String),
  /** How many times it shows before it is gone; absent = until it is taken away. */
  count: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0)))
}

export const Fault = Schema.Union([
  /** No answer: the connection is cut, or 503 when `how` says so or the listener cannot cut. */
  Schema.Struct({
    kind: Schema.Literal("down"),
    how: Schema.optionalKey(Schema.Literals(["cut", "status"])),
    ...target
  }),
  /** The key is refused in the application's own way. */
  Schema.Struct({ kind: Schema.Literal("unauthorized"), ...target }),
  /**
   * Lists end too early. `fail`: pages after the first answer 500, and a list without pages is cut in the middle.
   * `short`: half of the rows are missing from them (from the whole list where there are no pages) and the total stays.
   */
  Schema.Struct({ kind: Schema.Literal("halfPages"), how: Schema.Literals(["fail", "short"]), ...target }),
  /** Answers after `delayMillis` on the Effect clock. */
  Schema.Struct({ kind: Schema.Literal("slow"), delayMillis: Schema.Int.check(Schema.isGreaterThan(0)), ...target }),
  /**
   * `strings`: numbers as strings; `object`: one object in place of a list; `html`: a web page with status 200; `record`:
   * in the middle record of every list, lists, flags and words for a state are something else.
   */
  Schema.Struct({
    kind: Schema.Literal("wrongTypes"),
    how: Schema.Literals(["strings", "object", "html", "record"]),
    ...target
  }),
  /**
   * Untrue answers to destructive requests. `kept`: says it is done and does nothing; `failed`: does it and says 500;
   * `hardlinked`: does it, and no byte is freed.
   */
  Schema.Struct({ kind: Schema.Literal("lies"), how: Schema.Literals(["kept", "failed", "hardlinked"]), ...target }),
  Schema.Struct({
    kind: Schema.Literal("rateLimited"),
    /** Default 30. */
    retryAfterSeconds: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
    ...target
  }),
  /** Every `every`-th request (default 3) answers 503. */
  Schema.Struct({
    kind: Schema.Literal("flaky"),
    every: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
    ...target
  }),
  /** The lists of the library, of history and of requests are empty, with status 200. */
  Schema.Struct({ kind: Schema.Literal("vanish"), ...target })
])
export type Fault = typeof Fault.Type

export type FaultOf<K extends Fault["kind"]> = Extract<Fault, { readonly kind: K }>

/** The faults that hold, and how often each has still to show. */
export class FaultBoard {
  #active: Array<{ readonly fault: Fault; left: number; seen: number }> = []

  /** The faults that hold now, each with what is left of its count. */
  list(): ReadonlyArray<Fault> {
    return this.#active.map(({ fault, left }) => (left === Infinity ? fault : { ...fault, count: left }))
  }

  /** Puts these in place of all that held. */
  replace(faults: ReadonlyArray<Fault>): void {
    this.#active = []
    for (const fault of faults) this.add(fault)
  }

  add(fault: Fault): void {
    this.#active.push({ fault, left: fault.count ?? Infinity, seen: 0 })
  }

  /** Takes away the faults of one kind, or all. */
  clear(kind?: Fault["kind"]): void {
    this.#active = kind === undefined ? [] : this.#active.filter(({ fault }) => fault.kind !== kind)
  }

  /** The faults that may show in this request. Asking for one means that it shows, and takes one off its count. */
  plan(app: string, method: string, path: string): FaultPlan {
    const matching = this.#active.filter(({ fault }) => matches(fault, app, method, path))
    return {
      take: (kind) => {
        for (const entry of matching) {
          const { fault } = entry
          if (!isKind(fault, kind) || entry.left <= 0) continue
          entry.seen++
          if (entry.seen % everyOf(fault) !== 0) continue
          entry.left--
          if (entry.left <= 0) this.#active = this.#active.filter((other) => other !== entry)
          return fault
        }
        return undefined
      }
    }
  }

  /** Whether an application would answer at all; asked by those that depend on it. */
  isDown(app: string): boolean {
    return this.#active.some(
      ({ fault }) => fault.kind === "down" && (fault.app ?? app) === app && fault.path === undefined
    )
  }
}

export interface FaultPlan {
  readonly take: <K extends Fault["kind"]>(kind: K) => FaultOf<K> | undefined
}

const isKind = <K extends Fault["kind"]>(fault: Fault, kind: K): fault is FaultOf<K> => fault.kind === kind

const matches = (fault: Fault, app: string, method: string, path: string): boolean =>
  (fault.app ?? app) === app &&
  (fault.method ?? method).toUpperCase() === method &&
  (fault.path === undefined || globMatches(fault.path, path))

/** A flaky fault shows at every so manieth request, all others at each. */
const everyOf = (fault: Fault): number => (fault.kind === "flaky" ? (fault.every ?? 3) : 1)

/** `*` stands for any run of characters; all else for itself. */
const globMatches = (glob: string, path: string): boolean => {
  const parts = glob.split("*")
  const first = parts[0] ?? ""
  if (parts.length === 1) return path === first
  if (!path.startsWith(first)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = path.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  const last = parts[parts.length - 1] ?? ""
  return path.length - last.length >= at && path.endsWith(last)
}
