import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { storageSuite } from "../../core/test/storage/processes/Suite.ts"

/** The Bun of the workspace; its package has the binary under this name on every platform. */
const bun = join(dirname(createRequire(import.meta.url).resolve("bun/package.json")), "bin", "bun.exe")

storageSuite("Bun", {
  program: bun,
  args: ["--conditions", "tendarr-source", fileURLToPath(new URL("../src/main.ts", import.meta.url))]
})
