/** Sessions, proxies, and which pages elsewhere may call. */
import { Schema } from "effect"
import { wholeNumber } from "../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"
import { Network } from "./Network.ts"
import { WebOrigin } from "./WebOrigin.ts"

export const AccessSettings = settingsGroup(
  "access",
  Schema.Struct({
    sessionHours: wholeNumber(1, 8760, {
      default: 720,
      description: "Hours after its last use at which a session expires"
    }),
    trustedProxies: Schema.Array(Network).check(Schema.isMaxLength(100)).annotate({
      default: [],
      description: "Addresses and CIDR blocks of the proxies whose forwarded headers are trusted"
    }),
    secureCookies: Schema.Literals(["auto", "always", "never"]).annotate({
      default: "auto",
      description: "Whether the session cookie is marked for HTTPS only; auto = if the client connected over HTTPS"
    }),
    allowedOrigins: Schema.Array(WebOrigin).check(Schema.isMaxLength(100)).annotate({
      default: [],
      description:
        "Origins of other sites' pages that may call the API from a browser with an API key; never with a session cookie"
    }),
    strictTransportDays: wholeNumber(0, 730, {
      default: 0,
      description:
        "Days for which a browser that connected over HTTPS must use only HTTPS for this host name, on all ports (HSTS); 0 = the header is not sent"
    })
  }).annotate({ identifier: "AccessSettings", title: "Access" })
)
export type AccessSettings = SettingsOf<typeof AccessSettings>
