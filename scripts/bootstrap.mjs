/** Installs and builds everything that `npm start` and `npm test` need, without starting anything. */
import { build } from "./lib/Build.mjs"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"

main(async () => {
  await install()
  await build()
})
