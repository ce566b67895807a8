import { availableParallelism, tmpdir } from "node:os"
import { basename, join } from "node:path"
import { configDefaults, defineConfig } from "vitest/config"
import { killTests, longTests } from "./scripts/lib/LongTests.mjs"

const folders = [
  ...["core", "http-node", "http-bun", "cli", "sdk-client"].map((name) => `packages/${name}`),
  "examples"
]
/** Whose test files leave nothing behind in their process: they share one, and load what they have in common once. */
const sharing = ["core", "cli"]
/** Set by `npm test`. */
const isShort = process.env.TENDARR_TESTS === "short"
/** The files of a folder that take long, relative to it. */
const longIn = (folder: string) =>
  [...longTests, ...killTests].flatMap((file) =>
    isShort && file.startsWith(`${folder}/`) ? [file.slice(folder.length + 1)] : []
  )
const resolve = { conditions: ["tendarr-source"] }

export default defineConfig({
  resolve,
  ssr: { resolve },
  test: {
    // Many tests wait for processes that they have started: on two processors one worker leaves one idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The processes that they start load the same sources, which take longer to compile than to run.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "tendarr-test-cache") },
    projects: folders.map((root) => ({
      extends: true as const,
      test: {
        name: basename(root),
        root,
        isolate: !sharing.includes(basename(root)),
        include: ["test/**/*.test.ts"],
        exclude: [...configDefaults.exclude, ...longIn(root)],
        testTimeout: 30_000,
        hookTimeout: 30_000
      }
    }))
  }
})
