import { defineConfig } from "tsup"
import { library, program } from "../../scripts/tsup.ts"

export default defineConfig([library({ noExternal: ["@effect/sql-sqlite-node"] }), program({ entry: ["src/main.ts"] })])
