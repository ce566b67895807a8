/**
 * Kills the server a hundred times at random moments, half of the times on Node and half on Bun. The last line of output
 * is the summary.
 */
import { join } from "node:path"
import { install } from "./lib/Install.mjs"
import { killTests } from "./lib/LongTests.mjs"
import { main } from "./lib/Main.mjs"
import { become, root, runtimes, script } from "./lib/Process.mjs"

const reporters = ["--reporter=default", `--reporter=${join(root, "scripts/lib/Summary.mjs")}`]

main(async () => {
  await install()
  become(runtimes.node, [script("vitest/vitest.mjs"), "run", ...reporters, ...killTests], {
    cwd: root,
    env: { TENDARR_KILLS: process.env.TENDARR_KILLS ?? "50" }
  })
})
