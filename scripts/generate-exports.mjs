/** `npm run exports`: writes the `exports` of every package.json, from the `exports.json` next to it. */
import { writeExports } from "./lib/Exports.mjs"
import { main } from "./lib/Main.mjs"
import { print } from "./lib/Process.mjs"

main(async () => {
  const written = writeExports()
  print(written.length === 0 ? "Nothing has changed" : `Wrote ${written.join(", ")}`)
})
