/**
 * `npm test`: types, lint, format, build, then every test. What is given after `--` goes to the test runner, and its
 * summary is the last thing printed.
 */
import { join } from "node:path"
import { build } from "./lib/Build.mjs"
import { checks } from "./lib/Checks.mjs"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { become, root, runtimes, say, script } from "./lib/Process.mjs"

const reporters = ["--reporter=default", `--reporter=${join(root, "scripts/lib/Summary.mjs")}`]

main(async () => {
  await install()
  for (const [name, check] of Object.entries(checks)) {
    say(`Checking ${name} …`)
    await check()
  }
  await build()
  become(runtimes.node, [script("vitest/vitest.mjs"), "run", ...reporters, ...process.argv.slice(2)], { cwd: root })
})
