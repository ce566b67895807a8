import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { clientSuite } from "../../core/test/client/Suite.ts"

clientSuite("Bun", join(dirname(createRequire(import.meta.url).resolve("bun/package.json")), "bin", "bun.exe"))
