import { httpSuite } from "../../core/test/http/Suite.ts"
import { server } from "./FromSource.ts"

httpSuite("Bun", server)
