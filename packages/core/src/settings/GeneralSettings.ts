/** Settings of the installation as a whole. */
import { DateTime, Option, Schema } from "effect"
import { settingsGroup, type SettingsOf } from "./SettingsGroup.ts"

const TimeZone = Schema.String.check(
  Schema.makeFilter(
    // Engines accept offsets such as `+01:00` as zones; those have no daylight saving time.
    (name: string) => /^[A-Za-z]/.test(name) && Option.isSome(DateTime.zoneMakeNamed(name)),
    { message: "must be the name of an IANA time zone, for instance Europe/Berlin" }
  )
)

export const GeneralSettings = settingsGroup(
  "general",
  Schema.Struct({
    instanceName: Schema.String.check(
      Schema.isTrimmed({ message: "must not begin or end with white space" }),
      Schema.isMinLength(1),
      Schema.isMaxLength(64)
    ).annotate({ default: "Tendarr", description: "Name of this installation, shown in pages and notifications" }),
    timeZone: TimeZone.pipe(
      Schema.annotateKey({ default: "UTC", description: "IANA time zone of schedules that do not name one" })
    )
  }).annotate({ identifier: "GeneralSettings", title: "General" })
)
export type GeneralSettings = SettingsOf<typeof GeneralSettings>
