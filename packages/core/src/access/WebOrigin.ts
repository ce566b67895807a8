/** The origin of a web page as sent by browsers: scheme, host and port, and nothing else. */
import { Schema } from "effect"

export const WebOrigin = Schema.String.check(
  Schema.makeFilter((text: string) => {
    const url = URL.parse(text)
    return url !== null && /^https?:$/.test(url.protocol) && url.origin === text
      ? undefined
      : "must be an origin as browsers send it, such as https://panel.example or http://nas.lan:3000"
  }),
  // Last, because a custom check drops the description from the JSON Schema.
  Schema.isMaxLength(300)
).annotate({ description: "Scheme, host and port of a web page, in lower case" })
