/**
 * `npm run record-session`: types a first set-up into the built command in a terminal, over a simulated stack, and writes
 * the output to docs/first-run.svg. With --check it only reports whether that file would change.
 */
import { join } from "node:path"
import { build } from "./lib/Build.mjs"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { root, run, runtimes } from "./lib/Process.mjs"

main(async () => {
  await install()
  await build()
  await run(runtimes.node, [join(root, "scripts", "session", "Record.ts"), ...process.argv.slice(2)], { cwd: root })
})
