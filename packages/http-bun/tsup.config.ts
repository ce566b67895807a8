import { defineConfig } from "tsup"
import { library, program } from "../../scripts/tsup.ts"

export default defineConfig([
  // The driver is patched in this repository, so the patched version is bundled.
  library({
    noExternal: ["@effect/sql-sqlite-bun"]
  }),
  program({ entry: ["src/main.ts"] })
])
