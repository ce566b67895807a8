/** Settings of metrics and of the log of requests. */
import { Schema } from "effect"
import { flag } from "../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"

export const TelemetrySettings = settingsGroup(
  "telemetry",
  Schema.Struct({
    prometheus: flag({
      default: false,
      description:
        "Whether `GET /api/v1/metrics` serves metrics in the Prometheus text format to keys with the scope `read`"
    }),
    requestLog: Schema.Literals(["off", "errors", "all"]).annotate({
      default: "off",
      description:
        "Which HTTP requests the server logs, one line each once it has been answered: none, those that were refused or failed (status 400 and above), or all"
    })
  }).annotate({ identifier: "TelemetrySettings", title: "Telemetry" })
)
export type TelemetrySettings = SettingsOf<typeof TelemetrySettings>
