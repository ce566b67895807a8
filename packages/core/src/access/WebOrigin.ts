/** The origin of a web page as browsers send it: scheme, host and port, and nothing after. */
import { Schema } from "effect"

export const WebOrigin = Schema.String.check(
  Schema.makeFilter((text: string) => {
    const url = URL.parse(text)
    return url !== null && /^https?:$/.test(url.protocol) && url.origin === text
      ? undefined
      : "must be an origin as browsers send it, such as https://panel.example or http://nas.lan:3000"
  }),
  // Last, since a check of our own making leaves no description in the JSON Schema.
  Schema.isMaxLength(300)
).annotate({ description: "Scheme, host and port of a web page, in lower case" })
