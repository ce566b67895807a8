/**
 * `npm run test:long`: the tests that `npm test` leaves out, except the kills at random moments (`scripts/kills.mjs`). With
 * `--kills`, those as well, side by side with the others.
 */
import { join } from "node:path"
import { build } from "./lib/Build.mjs"
import { install } from "./lib/Install.mjs"
import { killTests, longTests } from "./lib/LongTests.mjs"
import { main } from "./lib/Main.mjs"
import { become, root, runtimes, script } from "./lib/Process.mjs"

const reporters = ["--reporter=default", `--reporter=${join(root, "scripts/lib/Summary.mjs")}`]

main(async () => {
  await install()
  await build()
  const tests = process.argv.includes("--kills") ? [...killTests, ...longTests] : longTests
  become(runtimes.node, [script("vitest/vitest.mjs"), "run", ...reporters, ...tests], {
    cwd: root,
    env: { TENDARR_BUILT: "1", TENDARR_KILLS: process.env.TENDARR_KILLS ?? "50" }
  })
})
