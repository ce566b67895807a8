/**
 * The dialects: HTTP APIs of other products, spoken over the same services. The rooms `access` (keys), `system` (their
 * state), `server` (switching) and `dialects` (the APIs themselves) use this list; a new dialect needs a line here and one in
 * `dialects/Dialects.ts`.
 */
import { Schema } from "effect"
import { settingsGroup, type SettingsOf } from "./SettingsGroup.ts"

export const dialectNames = ["cleanuparr", "prunerr"] as const
export const DialectName = Schema.Literals(dialectNames)
export type DialectName = typeof DialectName.Type

export interface DialectIdentity {
  readonly title: string
  /** The port on which the product itself listens by default. */
  readonly usualPort: number
  /** The variable by which the product's own documentation sets its key; `null` = it has none. */
  readonly keyVariable: string | null
}

export const dialectIdentities: Readonly<Record<DialectName, DialectIdentity>> = {
  cleanuparr: { title: "Cleanuparr", usualPort: 11_011, keyVariable: null },
  prunerr: { title: "Prunerr", usualPort: 3000, keyVariable: "PRUNERR_API_KEY" }
}

export const DialectSwitch = Schema.Struct({
  enabled: Schema.Boolean,
  /** `null` = only on the port of Tendarr, below the name of the dialect. */
  port: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 })))
})
export type DialectSwitch = typeof DialectSwitch.Type

const dialect = ({ title, usualPort }: DialectIdentity) =>
  DialectSwitch.pipe(
    Schema.annotateKey({
      default: { enabled: false, port: null },
      description: `Whether the API of ${title} is served, and on which port of its own; null = none. ${title} itself uses ${usualPort}`
    })
  )

export const DialectsSettings = settingsGroup(
  "dialects",
  Schema.Struct({
    cleanuparr: dialect(dialectIdentities.cleanuparr),
    prunerr: dialect(dialectIdentities.prunerr)
  } satisfies Record<DialectName, unknown>).annotate({ identifier: "DialectsSettings", title: "Dialects" })
)
export type DialectsSettings = SettingsOf<typeof DialectsSettings>
