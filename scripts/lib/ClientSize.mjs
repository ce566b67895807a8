/** What the client weighs in a page: bundled, minified and gzipped, without its dependencies and with them. */
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { root } from "./Process.mjs"

/** Bytes that the client may not exceed; README.md of the package states them. */
export const bounds = { alone: 9_500, withDependencies: 19_500 }

const gzipped = async (external) => {
  // Not before the dependencies are installed, which the first script does that runs.
  const { buildSync } = await import("esbuild")
  const { outputFiles } = buildSync({
    entryPoints: [join(root, "packages/sdk-client/src/TendarrClient.ts")],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2023",
    external
  })
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}

export const clientSize = async () => ({
  alone: await gzipped(["ky", "eventsource-parser"]),
  withDependencies: await gzipped([])
})
