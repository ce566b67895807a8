/**
 * Rate limits: a sliding window per key, in memory. Only admitted attempts are counted, so that a client that waits is
 * admitted again. Keys are dropped with their window; the number of keys is bounded, and the least recently used one is
 * evicted.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { passedMillis } from "../problems/Instants.ts"
import { Problem } from "../problems/Problem.ts"
import { RecentMap } from "../problems/RecentMap.ts"

export class TooManyRequests extends Problem<TooManyRequests>()(
  "TooManyRequests",
  { code: "too-many-requests", status: 429, title: "Too many requests" },
  { detail: Schema.String, retryAfterSeconds: Schema.Int }
) {}

const minutes = 60_000

/** Attempts per window (in milliseconds) and key. */
export const rateLimits = {
  login: { attempts: 10, window: 15 * minutes },
  /** Attempts for one username by all devices that its account does not know. */
  "login-by-strangers": { attempts: 30, window: 15 * minutes },
  setup: { attempts: 5, window: 15 * minutes },
  "integration-test": { attempts: 30, window: 5 * minutes },
  /** Events about refused attempts, by all clients together; and about a reached limit, per key. */
  "refusals-logged": { attempts: 200, window: 15 * minutes },
  "limit-logged": { attempts: 1, window: 15 * minutes }
} as const

export type RateBucket = keyof typeof rateLimits

export const maximumRateKeys = 10_000

export class RateLimiter extends Context.Service<
  RateLimiter,
  {
    /**
     * Counts one attempt under every key, or refuses it if one of them has no attempts left; a refusal is not counted.
     */
    readonly check: (bucket: RateBucket, ...keys: ReadonlyArray<string>) => Effect.Effect<void, TooManyRequests>
    /** Resets all attempts, for example after a success. */
    readonly forget: (bucket: RateBucket, ...keys: ReadonlyArray<string>) => Effect.Effect<void>
    /** The number of keys in memory, in all buckets together. */
    readonly size: Effect.Effect<number>
  }
>()("tendarr/access/RateLimiter") {
  static readonly layer = Layer.sync(RateLimiter, () => {
    const windows = {
      login: attemptsOf("login"),
      "login-by-strangers": attemptsOf("login-by-strangers"),
      setup: attemptsOf("setup"),
      "integration-test": attemptsOf("integration-test"),
      "refusals-logged": attemptsOf("refusals-logged"),
      "limit-logged": attemptsOf("limit-logged")
    } satisfies Record<RateBucket, unknown>

    const check = Effect.fn("RateLimiter.check")(function* (bucket: RateBucket, ...keys: ReadonlyArray<string>) {
      const now = yield* passedMillis
      const { attempts, window } = rateLimits[bucket]
      const known = windows[bucket]
      for (const each of Object.values(windows)) each.drop(now)
      const recent = keys.map((key) => (known.get(key) ?? []).filter((at) => at > now - window))

      const waits = recent.flatMap((times) => (times.length < attempts ? [] : [(times[0] ?? now) + window - now]))
      if (waits.length > 0) {
        const retryAfterSeconds = Math.ceil(Math.max(...waits) / 1000)
        return yield* new TooManyRequests({ detail: `Try again in ${retryAfterSeconds} seconds`, retryAfterSeconds })
      }

      keys.forEach((key, index) => {
        known.set(key, [...(recent[index] ?? []), now], now)
      })
    })

    const forget = (bucket: RateBucket, ...keys: ReadonlyArray<string>) =>
      Effect.sync(() => {
        for (const key of keys) windows[bucket].delete(key)
      })

    const size = Effect.sync(() => Object.values(windows).reduce((sum, { size }) => sum + size, 0))

    return RateLimiter.of({ check, forget, size })
  })
}

/** Times of the admitted attempts, oldest first, by key. */
const attemptsOf = (bucket: RateBucket) =>
  new RecentMap<string, ReadonlyArray<number>>({ maximum: maximumRateKeys, idleMillis: rateLimits[bucket].window })
