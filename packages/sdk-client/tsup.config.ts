import { defineConfig } from "tsup"
import { library } from "../../scripts/tsup.ts"

export default defineConfig(library())
