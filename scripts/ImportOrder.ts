/** Checks that imports of core go one way (`packages/core/import-order.json`). Prints the violations, and exits with 1. */
import { readdirSync, readFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { problemsOfImports, type Rooms } from "./lib/ImportOrder.ts"

const core = resolve(import.meta.dirname, "../packages/core")
const source = join(core, "src")

const rooms: Rooms = JSON.parse(readFileSync(join(core, "import-order.json"), "utf8"))
const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(core, "package.json"), "utf8"))

const files = new Map(
  readdirSync(source, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [relative(source, file).replaceAll("\\", "/"), readFileSync(file, "utf8")])
)

const packages = Object.keys({ ...dependencies, ...peerDependencies })
const problems = problemsOfImports(rooms, { files, packages })
if (problems.length > 0) {
  process.stdout.write(`${problems.join("\n")}\n`)
  process.exitCode = 1
}
