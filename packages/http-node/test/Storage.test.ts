import { fileURLToPath } from "node:url"
import { storageSuite } from "../../core/test/storage/processes/Suite.ts"

storageSuite("Node", {
  program: process.execPath,
  args: ["--conditions", "tendarr-source", fileURLToPath(new URL("../src/main.ts", import.meta.url))]
})
