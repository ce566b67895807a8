/** Builds the packages if their sources have changed since the last build. */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { CommandFailed, print, root, run, runtimes, script } from "./Process.mjs"

const stampFile = join(root, "node_modules", ".tendarr-build")

/** The entry points of the servers. */
export const programs = {
  node: join(root, "packages", "http-node", "dist", "main.js"),
  bun: join(root, "packages", "http-bun", "dist", "main.js")
}

const filesOf = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** Every file that a build reads. */
const sources = () => {
  const packages = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name))
  return [
    ...["package.json", "pnpm-lock.yaml", "turbo.json", "tsconfig.base.json", "tsconfig.build.json"].map((name) =>
      join(root, name)
    ),
    ...filesOf(join(root, "scripts")),
    ...packages.flatMap((folder) => [
      ...filesOf(join(folder, "src")),
      ...["package.json", "exports.json", "tsup.config.ts", "tsconfig.build.json"].map((name) => join(folder, name))
    ])
  ].toSorted()
}

const hashOf = (files) => {
  const hash = createHash("sha256")
  for (const file of files) hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0")
  return hash.digest("hex")
}

/** Builds if necessary. */
export const build = async () => {
  const stamp = hashOf(sources())
  const isBuilt =
    existsSync(stampFile) &&
    readFileSync(stampFile, "utf8") === stamp &&
    Object.values(programs).every((file) => existsSync(file))
  if (isBuilt) return
  print("Building …")
  const started = Date.now()
  try {
    await run(runtimes.node, [script("turbo/bin/turbo"), "run", "build", "--output-logs=errors-only"], {
      cwd: root,
      quiet: true
    })
  } catch (error) {
    if (error instanceof CommandFailed) throw new Error(`The build failed.\n${error.output}`, { cause: error })
    throw error
  }
  writeFileSync(stampFile, stamp)
  print(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}
