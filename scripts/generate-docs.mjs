/** `npm run docs`: updates the generated parts of the documentation. */
import { join } from "node:path"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { root, run, runtimes } from "./lib/Process.mjs"

main(async () => {
  await install()
  await run(runtimes.node, ["--conditions", "tendarr-source", join(root, "scripts", "GenerateDocs.ts")], { cwd: root })
})
