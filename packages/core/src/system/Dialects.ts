/** The dialects of this installation: which are on, where they are served, and their keys. A server reports what it serves. */
import { Context, Effect, Layer, Ref, Schema } from "effect"
import type { DialectKeyPreset } from "../access/AccessErrors.ts"
import { type DialectKey, DialectKeys } from "../access/DialectKeys.ts"
import { Problem } from "../problems/Problem.ts"
import { dialectIdentities, DialectName, dialectNames, DialectsSettings } from "../settings/DialectsSettings.ts"
import { Settings } from "../settings/Settings.ts"

/** How a server serves a dialect at present. */
export interface ServedDialect {
  /** Address below the name of the dialect, on the port of Tendarr; `null` = it is not served there. */
  readonly url: string | null
  /** Address on the port of its own. */
  readonly ownUrl: string | null
  /** Why it is not served as the settings say. */
  readonly problem: string | null
  /** A flag of the server switched it on, whatever the settings say. */
  readonly byFlag: boolean
}

export const DialectState = Schema.Struct({
  name: DialectName,
  title: Schema.String.annotate({ description: "The product whose API it is." }),
  enabled: Schema.Boolean.annotate({ description: "Switched on by the settings, or by a flag of the server." }),
  byFlag: Schema.Boolean,
  port: Schema.NullOr(Schema.Int).annotate({ description: "The port of its own, from the settings." }),
  usualPort: Schema.Int.annotate({ description: "The port that the product itself uses." }),
  url: Schema.NullOr(Schema.String),
  ownUrl: Schema.NullOr(Schema.String).annotate({ description: "Address on the port of its own." }),
  problem: Schema.NullOr(Schema.String).annotate({ description: "Why it is not served as configured." })
}).annotate({ identifier: "Dialect" })
export type DialectState = typeof DialectState.Type

export class DialectNotFound extends Problem<DialectNotFound>()(
  "DialectNotFound",
  { code: "dialect-not-found", status: 404, title: "There is no such dialect" },
  { dialect: Schema.String }
) {}

export class Dialects extends Context.Service<
  Dialects,
  {
    readonly list: Effect.Effect<ReadonlyArray<DialectState>>
    /** Creates the key if there is none yet. */
    readonly key: (name: string) => Effect.Effect<DialectKey, DialectNotFound>
    readonly renewKey: (name: string) => Effect.Effect<DialectKey, DialectNotFound | DialectKeyPreset>
    /** For a server: how it serves a dialect from now on; `null` = not at all. */
    readonly report: (name: DialectName, served: ServedDialect | null) => Effect.Effect<void>
  }
>()("tendarr/system/Dialects") {
  static readonly layer = Layer.effect(
    Dialects,
    Effect.gen(function* () {
      const settings = yield* Settings
      const keys = yield* DialectKeys
      const served = yield* Ref.make<Readonly<Partial<Record<DialectName, ServedDialect>>>>({})
      return Dialects.of({
        list: Effect.gen(function* () {
          const configured = yield* settings.get(DialectsSettings)
          const now = yield* Ref.get(served)
          return dialectNames.map((name) => {
            const { byFlag = false, ownUrl = null, problem = null, url = null } = now[name] ?? {}
            const { title, usualPort } = dialectIdentities[name]
            const { enabled, port } = configured[name]
            return { name, title, enabled: enabled || byFlag, byFlag, port, usualPort, url, ownUrl, problem }
          })
        }),
        key: (name) => Effect.flatMap(named(name), keys.key),
        renewKey: (name) => Effect.flatMap(named(name), keys.renew),
        report: (name, now) =>
          Ref.update(served, ({ [name]: _, ...others }) => (now === null ? others : { ...others, [name]: now }))
      })
    })
  )
}

const named = (name: string): Effect.Effect<DialectName, DialectNotFound> => {
  const found = dialectNames.find((known) => known === name)
  return found === undefined ? Effect.fail(new DialectNotFound({ dialect: name })) : Effect.succeed(found)
}
