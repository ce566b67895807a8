import { availableParallelism, tmpdir } from "node:os"
import { basename, join } from "node:path"
import { defineConfig } from "vitest/config"

const folders = [
  ...["core", "http-node", "http-bun", "cli", "sdk-client"].map((name) => `packages/${name}`),
  "examples"
]
/** Whose test files leave nothing behind in their process: they share one, and load what they have in common once. */
const sharing = ["core", "cli"]
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
        testTimeout: 30_000,
        hookTimeout: 30_000
      }
    }))
  }
})
