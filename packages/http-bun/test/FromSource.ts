import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** The Bun of the workspace, whose package has the binary under this name on every platform. */
const program = join(dirname(createRequire(import.meta.url).resolve("bun/package.json")), "bin", "bun.exe")

/** The server on Bun, from its sources. */
export const fromSource = { program, args: ["--conditions", "tendarr-source", at("../src/main.ts")] }

/** The built server if it was built directly before the tests, since it starts faster; otherwise from its sources. */
export const server =
  process.env["TENDARR_BUILT"] === "1" ? { program, args: [at("../bin/tendarr-server-bun.js")] } : fromSource
