/**
 * Builds the package in the current directory: JavaScript with tsup, declarations with the fast compiler. tsup would
 * bundle the declarations of all entries together: for the modules of core, this ran out of memory after a minute; the
 * compiler takes three seconds.
 */
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { main } from "./lib/Main.mjs"
import { run, runtimes, script } from "./lib/Process.mjs"

main(async () => {
  rmSync("dist", { recursive: true, force: true })
  await run(runtimes.node, [script("tsup/dist/cli-default.js")])
  await run(runtimes.node, [script("typescript-7/bin/tsc"), "-p", "tsconfig.build.json", "--checkers", "1"])

  // The compiler rewrites import extensions in JavaScript, but not in declarations.
  for (const file of globSync("dist/**/*.d.ts")) {
    const text = readFileSync(file, "utf8")
    const rewritten = text.replaceAll(/((?:from|import\()\s*"\.{1,2}\/[^"]*)\.ts"/g, '$1.js"')
    if (rewritten !== text) writeFileSync(file, rewritten)
  }
})
