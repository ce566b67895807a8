import { defineConfig } from "tsup"
import { library, program } from "../../scripts/tsup.ts"

export default defineConfig([
  // The driver is patched here, so the patched one travels inside.
  library({
    noExternal: ["@effect/sql-sqlite-bun"]
  }),
  program({ entry: ["src/main.ts"] })
])
