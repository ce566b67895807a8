import { fileURLToPath } from "node:url"

/** The server on Node, from its sources. */
export const fromSource = {
  program: process.execPath,
  args: ["--conditions", "tendarr-source", fileURLToPath(new URL("../src/main.ts", import.meta.url))]
}
