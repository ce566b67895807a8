/**
 * Builds the package in the current directory: JavaScript by tsup, declarations by the fast compiler. tsup's own
 * declarations bundle every entry together: over core's modules that ran out of memory after a minute; this takes three
 * seconds.
 */
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { main } from "./lib/Main.mjs"
import { run, runtimes, script } from "./lib/Process.mjs"

main(async () => {
  rmSync("dist", { recursive: true, force: true })
  await run(runtimes.node, [script("tsup/dist/cli-default.js")])
  await run(runtimes.node, [script("typescript-7/bin/tsc"), "-p", "tsconfig.build.json", "--checkers", "1"])

  // The compiler rewrites the extensions of imports in JavaScript, and leaves them in declarations as they are.
  for (const file of globSync("dist/**/*.d.ts")) {
    const text = readFileSync(file, "utf8")
    const rewritten = text.replaceAll(/((?:from|import\()\s*"\.{1,2}\/[^"]*)\.ts"/g, '$1.js"')
    if (rewritten !== text) writeFileSync(file, rewritten)
  }
})
