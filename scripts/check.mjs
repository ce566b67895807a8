/** Runs the named checks, or all: `node scripts/check.mjs types lint format imports sql kinds project client size`. */
import { checks } from "./lib/Checks.mjs"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { sideBySide } from "./lib/SideBySide.mjs"

main(async () => {
  const names = process.argv.slice(2)
  const unknown = names.filter((name) => !Object.hasOwn(checks, name))
  if (unknown.length > 0)
    throw new Error(`There is no check "${unknown[0]}"; there are ${Object.keys(checks).join(", ")}`)
  await install()
  await sideBySide((names.length === 0 ? Object.keys(checks) : names).map((name) => [name, checks[name]]))
})
