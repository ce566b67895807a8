/** `npm run exports`: writes the `exports` of every package.json, from the `exports.json` next to it. */
import { writeExports } from "./lib/Exports.mjs"
import { main } from "./lib/Main.mjs"
import { say } from "./lib/Process.mjs"

main(async () => {
  const written = writeExports()
  say(written.length === 0 ? "Nothing has changed" : `Wrote ${written.join(", ")}`)
})
