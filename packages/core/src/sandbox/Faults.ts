/**
 * Simulated faults on demand. A fault names an application and optionally a method, a path and how often it occurs;
 * faults are switched on and off while the sandbox runs. Several can be active at once.
 */
import { Schema } from "effect"

const target = {
  /** A simulated application: `radarr`, `radarr-2` for the second; absent = all of them. */
  app: Schema.optionalKey(Schema.String),
  method: Schema.optionalKey(Schema.String),
  /**
   * Path without the URL base, `*` matches anything: `/api/v3/movie*`. For applications with a single path, the command
   * is appended: `/api/v2/get_history`.
   */
  path: Schema.optionalKey(Schema.String),
  /** How many times it occurs before it is removed; absent = until it is cleared. */
  count: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0)))
}

export const Fault = Schema.Union([
  /** No response: the connection is cut, or 503 if `how` says so or the listener cannot cut connections. */
  Schema.Struct({
    kind: Schema.Literal("down"),
    how: Schema.optionalKey(Schema.Literals(["cut", "status"])),
    ...target
  }),
  /** The key is refused in the application's own way. */
  Schema.Struct({ kind: Schema.Literal("unauthorized"), ...target }),
  /**
   * Lists end too early. `fail`: pages after the first one respond with 500, and a list without pages is cut in the
   * middle. `short`: half of the rows are missing (of the whole list if there are no pages), but the total is
   * unchanged.
   */
  Schema.Struct({ kind: Schema.Literal("halfPages"), how: Schema.Literals(["fail", "short"]), ...target }),
  /** Responds after `delayMillis` on the Effect clock. */
  Schema.Struct({ kind: Schema.Literal("slow"), delayMillis: Schema.Int.check(Schema.isGreaterThan(0)), ...target }),
  /**
   * `strings`: numbers as strings; `object`: a single object instead of a list; `html`: a web page with status 200;
   * `record`: in the middle record of every list, lists, flags and state names have other types.
   */
  Schema.Struct({
    kind: Schema.Literal("wrongTypes"),
    how: Schema.Literals(["strings", "object", "html", "record"]),
    ...target
  }),
  /**
   * False responses to destructive requests. `kept`: reports success and does nothing; `failed`: does it and responds
   * with 500; `hardlinked`: does it, but no byte is freed.
   */
  Schema.Struct({ kind: Schema.Literal("lies"), how: Schema.Literals(["kept", "failed", "hardlinked"]), ...target }),
  Schema.Struct({
    kind: Schema.Literal("rateLimited"),
    /** Default 30. */
    retryAfterSeconds: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
    ...target
  }),
  /** Every `every`-th request (default 3) is answered with 503. */
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

/** The active faults, and how often each has yet to occur. */
export class FaultBoard {
  #active: Array<{ readonly fault: Fault; left: number; seen: number }> = []

  /** The active faults, each with its remaining count. */
  list(): ReadonlyArray<Fault> {
    return this.#active.map(({ fault, left }) => (left === Infinity ? fault : { ...fault, count: left }))
  }

  /** Replaces all active faults. */
  replace(faults: ReadonlyArray<Fault>): void {
    this.#active = []
    for (const fault of faults) this.add(fault)
  }

  add(fault: Fault): void {
    this.#active.push({ fault, left: fault.count ?? Infinity, seen: 0 })
  }

  /** Removes the faults of one kind, or all. */
  clear(kind?: Fault["kind"]): void {
    this.#active = kind === undefined ? [] : this.#active.filter(({ fault }) => fault.kind !== kind)
  }

  /** The faults of this request. Calling it counts as one occurrence of each. */
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

  /** Whether an application does not answer at all; used by applications that depend on it. */
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

/** A flaky fault occurs at every n-th request, all others at each request. */
const everyOf = (fault: Fault): number => (fault.kind === "flaky" ? (fault.every ?? 3) : 1)

/** `*` matches any run of characters; everything else matches itself. */
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
