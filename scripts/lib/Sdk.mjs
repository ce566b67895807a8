/** The generated client: generated from the API's OpenAPI document, and kept in the repository. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { root, run, runtimes } from "./Process.mjs"

export const generatedFolder = join(root, "packages", "sdk-client", "src", "generated")

/** The contents of every file in a folder, by path. */
const contents = (folder) =>
  new Map(
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(folder, file), readFileSync(file, "utf8")])
  )

export const generateInto = (folder) =>
  run(runtimes.node, [join(root, "scripts", "GenerateSdk.ts"), folder], { cwd: root, quiet: true })

/** What would be generated now. */
export const generated = async () => {
  const folder = mkdtempSync(join(tmpdir(), "tendarr-sdk-"))
  try {
    await generateInto(folder)
    return contents(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What is in the repository. */
export const kept = () => contents(generatedFolder)
