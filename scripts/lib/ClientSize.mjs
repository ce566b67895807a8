/** The size of the client in a web page: bundled, minified and gzipped, without its dependencies and with them. */
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { root } from "./Process.mjs"

/** Limits in bytes; the package's README.md states them. */
export const bounds = { alone: 11_000, withDependencies: 21_000 }

const gzipped = async (external) => {
  // Only after the dependencies are installed, which the first script to run does.
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
