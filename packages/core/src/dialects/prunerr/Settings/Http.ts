import { Effect, Equal, Predicate } from "effect"
import { SqlClient } from "effect/sql"
import { HttpApiBuilder } from "effect/http-api"
import { DialectKeys } from "../../../access/DialectKeys.ts"
import { RateLimiter } from "../../../access/RateLimiter.ts"
import { CurrentPrincipal } from "../../../access/Scope.ts"
import { Integrations } from "../../../integrations/Integrations.ts"
import { Kinds } from "../../../integrations/Kinds.ts"
import { invalidField } from "../../../problems/Problem.ts"
import { mergePatch } from "../../../settings/MergePatch.ts"
import { transacting } from "../../../storage/Transactions.ts"
import { refusing } from "../../frame/Values.ts"
import { ok, withMessage } from "../Bodies.ts"
import { ConnectionFailed, ServiceNotConfigured } from "../Problems.ts"
import { PrunerrApi } from "../PrunerrApi.ts"
import { kindOf, type ProductService, serviceOf } from "../ServiceNames.ts"
import { makeSettingsLenses } from "../SettingsLenses.ts"
import type { TestRequest } from "./Api.ts"

export const SettingsHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "settings",
  Effect.fn(function* (handlers) {
    const keys = yield* DialectKeys
    const transact = transacting(yield* SqlClient.SqlClient)
    const lenses = yield* makeSettingsLenses
    const integrations = yield* Integrations
    const kinds = yield* Kinds
    const limiter = yield* RateLimiter

    const all = Effect.gen(function* () {
      let found: { readonly [key: string]: unknown } = {}
      for (const { get, key } of lenses) found = mergePatch(found, nested(key, yield* get))
      return found
    })

    /** All of them or none. What is as it is already may be sent back; nothing is dropped. */
    const change = (given: unknown) =>
      transact(
        Effect.gen(function* () {
          const changed: Array<{ readonly key: string; readonly value: unknown }> = []
          for (const { get, key, set } of lenses) {
            const value = valueAt(given, key)
            if (value === undefined || Equal.equals(value, yield* get)) continue
            const path = ["payload", ...key.split(".")]
            if (set === undefined) return yield* invalidField(path, "cannot be changed here; change it in Tendarr")
            yield* set(value)
            changed.push({ key, value })
          }
          const [unknown] = unknownKeys(
            given,
            lenses.map(({ key }) => key)
          )
          if (unknown !== undefined) return yield* invalidField(["payload", ...unknown.split(".")], "is not a setting")
          return changed
        })
      )

    const tested = Effect.fnUntraced(function* (service: ProductService, given: typeof TestRequest.Type) {
      yield* limiter.check("integration-test", (yield* CurrentPrincipal).actor)
      const stored = (yield* integrations.list).find(({ kind }) => serviceOf(kind) === service)
      const { apiKey, token } = given
      const url = given.url ?? undefined
      if (stored === undefined && url === undefined) {
        return yield* new ServiceNotConfigured({ detail: `${service}: no such application is connected` })
      }
      const kind = stored?.kind ?? kindOf(service)
      const described = (yield* kinds.descriptions).find(({ id }) => id === kind)
      const secret = described?.fields.find(({ type }) => type === "secret")
      const value = [apiKey, token].find((one) => one != null && one !== "")
      const config = secret === undefined || value === undefined ? {} : { [secret.key]: value }
      const result = yield* integrations.test({
        ...(stored === undefined ? { kind } : { integrationId: stored.id }),
        ...(url === undefined ? {} : { url }),
        ...(Object.keys(config).length === 0 ? {} : { config })
      })
      if (!result.ok) {
        return yield* new ConnectionFailed({ detail: `${service}: ${result.error?.detail ?? "it did not answer"}` })
      }
      return { connected: true as const, ...result, responseTimeMs: result.latencyMillis }
    })

    return handlers.handleAll({
      test: ({ params, payload }) =>
        refusing(
          Effect.map(tested(params.service, payload ?? {}), ({ appName, connected, responseTimeMs, version }) =>
            withMessage({ connected, appName, version, responseTimeMs }, `${params.service} is connected`)
          )
        ),
      all: () => Effect.map(all, ok),
      update: ({ payload }) =>
        refusing(
          Effect.map(change(payload), (changed) => withMessage(changed, `${changed.length} setting(s) updated`))
        ),
      apiKey: () => Effect.map(keys.key("prunerr"), ({ key }) => ok({ apiKey: key })),
      regenerate: () =>
        refusing(
          Effect.map(keys.renew("prunerr"), ({ key }) =>
            withMessage({ apiKey: key }, "API key regenerated; the former one is refused")
          )
        )
    })
  })
)

const nested = (key: string, value: unknown): { readonly [key: string]: unknown } => {
  const [first = "", ...rest] = key.split(".")
  return { [first]: rest.length === 0 ? value : nested(rest.join("."), value) }
}

const valueAt = (value: unknown, key: string): unknown =>
  key
    .split(".")
    .reduce<unknown>((inner, part) => (Predicate.isReadonlyObject(inner) ? Reflect.get(inner, part) : undefined), value)

/** A group that is no object is unknown too: nothing that is sent is ignored. */
const unknownKeys = (value: unknown, known: ReadonlyArray<string>, before = ""): ReadonlyArray<string> =>
  Predicate.isReadonlyObject(value)
    ? Object.entries(value).flatMap(([part, inner]) => {
        const key = `${before}${part}`
        if (known.includes(key)) return []
        const isGroup = known.some((one) => one.startsWith(`${key}.`)) && Predicate.isReadonlyObject(inner)
        return isGroup ? unknownKeys(inner, known, `${key}.`) : [key]
      })
    : []
