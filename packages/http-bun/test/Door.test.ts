import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { doorSuite } from "../../core/test/door/Suite.ts"

doorSuite("Bun", join(dirname(createRequire(import.meta.url).resolve("bun/package.json")), "bin", "bun.exe"))
