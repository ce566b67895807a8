/**
 * `npm test`: types, lint, format and other checks in parallel with the build, then the tests, except those that take
 * long. Arguments after `--` are passed to the test runner, whose summary is printed last; with arguments it runs
 * whatever they select.
 */
import { join } from "node:path"
import { build } from "./lib/Build.mjs"
import { checks } from "./lib/Checks.mjs"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { become, root, runtimes, script } from "./lib/Process.mjs"
import { sideBySide } from "./lib/SideBySide.mjs"

const reporters = ["--reporter=default", `--reporter=${join(root, "scripts/lib/Summary.mjs")}`]

const wanted = process.argv.slice(2)

main(async () => {
  await install()
  await sideBySide([["build", build], ...Object.entries(checks)])
  become(runtimes.node, [script("vitest/vitest.mjs"), "run", ...reporters, ...wanted], {
    cwd: root,
    // Read by vitest.config.ts.
    env: { TENDARR_BUILT: "1", ...(wanted.length > 0 ? {} : { TENDARR_TESTS: "short" }) }
  })
})
