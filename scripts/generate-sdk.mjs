/** `npm run codegen`: updates the generated client. */
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { print } from "./lib/Process.mjs"
import { generatedFolder, generateInto } from "./lib/Sdk.mjs"

main(async () => {
  await install()
  await generateInto(generatedFolder)
  print(`Wrote ${generatedFolder}`)
})
