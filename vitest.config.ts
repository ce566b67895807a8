import { availableParallelism, tmpdir } from "node:os"
import { basename, join } from "node:path"
import { configDefaults, defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"
import { killTests, longest, longTests } from "./scripts/lib/LongTests.mjs"

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

/** Starts the longest files first, so that no worker is left with one of them at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const first = [...longest, ...killTests, ...longTests]
    const rankOf = ({ moduleId }: TestSpecification) => {
      const found = first.findIndex((file) => moduleId.endsWith(file))
      return found === -1 ? first.length : found
    }
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b))
  }
}

export default defineConfig({
  resolve,
  ssr: { resolve },
  test: {
    // Many tests wait for processes that they have started: on two processors one worker leaves one idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The processes that they start load the same sources, which take longer to compile than to run.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "tendarr-test-cache") },
    sequence: { sequencer: LongestFirst },
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
