import { httpSuite } from "../../core/test/http/Suite.ts"
import { fromSource } from "./FromSource.ts"

httpSuite("Bun", fromSource)
