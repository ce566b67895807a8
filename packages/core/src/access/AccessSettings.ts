/** Sessions, proxies, and which pages elsewhere may call. */
import { Schema } from "effect"
import { wholeNumber } from "../settings/Fields.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"
import { Network } from "./Network.ts"
import { WebOrigin } from "./WebOrigin.ts"

export const AccessSettings = settingsGroup(
  "access",
  Schema.Struct({
    sessionHours: wholeNumber(1, 8760, {
      default: 720,
      description: "Hours after its last use at which a session ends"
    }),
    trustedProxies: Schema.Array(Network)
      .check(Schema.isMaxLength(100))
      .annotate({ default: [], description: "Addresses and CIDR blocks of the proxies whose forwarded headers count" }),
    secureCookies: Schema.Literals(["auto", "always", "never"]).annotate({
      default: "auto",
      description: "Whether the session cookie is for https alone; auto = when the client came by https"
    }),
    allowedOrigins: Schema.Array(WebOrigin).check(Schema.isMaxLength(100)).annotate({
      default: [],
      description:
        "Origins of pages elsewhere that may call with an API key from a browser; never with a session cookie"
    }),
    strictTransportDays: wholeNumber(0, 730, {
      default: 0,
      description:
        "Days for which a browser that came by https shall use nothing else for this host name, other ports included; 0 = it is not told"
    })
  }).annotate({ identifier: "AccessSettings", title: "Access" })
)
export type AccessSettings = SettingsOf<typeof AccessSettings>
