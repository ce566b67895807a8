/** The built-in dialects. Each is loaded when it is switched on for the first time. */
import type { Dialect } from "../server/DialectServing.ts"

export const dialects: ReadonlyArray<Dialect> = [
  {
    name: "cleanuparr",
    mount: {
      name: "cleanuparr",
      prefix: "/cleanuparr",
      load: () => import("./cleanuparr/Cleanuparr.ts").then(({ cleanuparr }) => cleanuparr)
    }
  },
  {
    name: "prunerr",
    mount: {
      name: "prunerr",
      prefix: "/prunerr",
      load: () => import("./prunerr/Prunerr.ts").then(({ prunerr }) => prunerr)
    }
  }
]
