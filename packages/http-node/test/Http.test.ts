import { fileURLToPath } from "node:url"
import { httpSuite } from "../../core/test/http/Suite.ts"

httpSuite("Node", {
  program: process.execPath,
  args: ["--conditions", "tendarr-source", fileURLToPath(new URL("../src/main.ts", import.meta.url))]
})
