/** `npm run bench`: installs and builds what is needed, then measures with the pinned Node. */
import { join } from "node:path"
import { build } from "../scripts/lib/Build.mjs"
import { install } from "../scripts/lib/Install.mjs"
import { main } from "../scripts/lib/Main.mjs"
import { become, root, runtimes } from "../scripts/lib/Process.mjs"

main(async () => {
  await install()
  await build()
  become(runtimes.node, [join(root, "benchmarks", "src", "Main.ts"), ...process.argv.slice(2)])
})
