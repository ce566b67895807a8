import { fileURLToPath } from "node:url"

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The server on Node, from its sources. */
export const fromSource = {
  program: process.execPath,
  args: ["--conditions", "tendarr-source", at("../src/main.ts")]
}

/** The built server if it was built directly before the tests, since it starts faster; otherwise from its sources. */
export const server =
  process.env["TENDARR_BUILT"] === "1"
    ? { program: process.execPath, args: [at("../bin/tendarr-server.js")] }
    : fromSource
