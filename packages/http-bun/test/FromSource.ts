import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The server on the Bun of the workspace, whose package has the binary under this name on every platform; from its sources. */
export const fromSource = {
  program: join(dirname(createRequire(import.meta.url).resolve("bun/package.json")), "bin", "bun.exe"),
  args: ["--conditions", "tendarr-source", fileURLToPath(new URL("../src/main.ts", import.meta.url))]
}
