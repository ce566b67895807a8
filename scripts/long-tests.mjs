/** `npm run test:long`: the tests that `npm test` leaves out, except the kills at random moments (`scripts/kills.mjs`). */
import { join } from "node:path"
import { build } from "./lib/Build.mjs"
import { install } from "./lib/Install.mjs"
import { longTests } from "./lib/LongTests.mjs"
import { main } from "./lib/Main.mjs"
import { become, root, runtimes, script } from "./lib/Process.mjs"

const reporters = ["--reporter=default", `--reporter=${join(root, "scripts/lib/Summary.mjs")}`]

main(async () => {
  await install()
  await build()
  become(runtimes.node, [script("vitest/vitest.mjs"), "run", ...reporters, ...longTests], { cwd: root })
})
