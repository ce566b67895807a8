/** Checks of the sources, in addition to the tests. Each check rejects with its findings. */
import { join } from "node:path"
import { bounds, clientSize } from "./ClientSize.mjs"
import { problemsOfProject } from "./ProjectFiles.mjs"
import { CommandFailed, print, root, run, runtimes, script } from "./Process.mjs"
import { generated, kept } from "./Sdk.mjs"

const quietly = async (...args) => {
  try {
    await run(runtimes.node, args, { cwd: root, quiet: true })
  } catch (error) {
    throw error instanceof CommandFailed ? new Error(error.output.trimEnd(), { cause: error }) : error
  }
}

export const checks = {
  types: async () => {
    // The generated client does not distinguish an absent property from an undefined one, so it is a separate project. So
    // are the dialects, whose many endpoints would otherwise be checked together with all tests.
    for (const project of [
      "tsconfig.json",
      "packages/core/tsconfig.dialects.json",
      "packages/sdk-client/tsconfig.json"
    ]) {
      await quietly(script("typescript-7/bin/tsc"), "-p", join(root, project), "--checkers", "1")
    }
  },
  lint: () => quietly(script("oxlint/bin/oxlint"), "--deny-warnings"),
  /** With a cache: a file is checked again only if its text, the rules or the formatter have changed. */
  format: () =>
    quietly(
      script("prettier/bin/prettier.cjs"),
      "--check",
      ".",
      "--log-level=warn",
      "--cache",
      "--cache-strategy=content"
    ),
  /** Imports of core go one way, as listed in its import-order.json. */
  imports: () => quietly(join(root, "scripts", "ImportOrder.ts")),
  /** SQL that only SQLite understands is in storage. */
  sql: () => quietly(join(root, "scripts", "SqlCheck.ts")),
  /** Kinds of integrations are named only in their own files. */
  kinds: () => quietly(join(root, "scripts", "KindNames.ts")),
  /** Workflows run existing scripts, with minimal rights and a time limit; versions are pinned, for any registry; exports are listed. */
  project: async () => {
    const problems = await problemsOfProject()
    if (problems.length > 0) throw new Error(problems.join("\n"))
  },
  /** The generated parts of the documentation match the current code. */
  docs: () => quietly("--conditions", "tendarr-source", join(root, "scripts", "GenerateDocs.ts"), "--check"),
  /** The generated client matches the current API. */
  client: async () => {
    const [now, before] = [await generated(), kept()]
    const stale = [...new Set([...now.keys(), ...before.keys()])].filter((name) => now.get(name) !== before.get(name))
    if (stale.length > 0) {
      throw new Error(`The generated client is not that of the API (${stale.join(", ")}). Run: npm run codegen`)
    }
  },
  /** The client stays small. */
  size: async () => {
    const size = await clientSize()
    for (const [what, bytes] of Object.entries(size)) {
      if (bytes > bounds[what])
        throw new Error(`The client weighs ${bytes} bytes (${what}), of ${bounds[what]} allowed`)
    }
    print(`The client weighs ${size.alone} bytes gzipped, ${size.withDependencies} with its dependencies`)
  }
}
