/** `npm run exports`: writes what every package.json exports, from the list in `exports.json` beside it. */
import { writeExports } from "./lib/Exports.mjs"
import { main } from "./lib/Main.mjs"
import { say } from "./lib/Process.mjs"

main(async () => {
  const written = writeExports()
  say(written.length === 0 ? "Nothing has changed" : `Wrote ${written.join(", ")}`)
})
