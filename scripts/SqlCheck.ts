/** Checks that SQL that only SQLite understands is in `storage/`. Prints the violations, and exits with 1. */
import { readdirSync, readFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { problemsOfSql } from "./lib/SqlCheck.ts"

const source = resolve(import.meta.dirname, "../packages/core/src")

const files = new Map(
  readdirSync(source, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [relative(source, file).replaceAll("\\", "/"), readFileSync(file, "utf8")])
)

const problems = problemsOfSql(files)
if (problems.length > 0) {
  process.stdout.write(`${problems.join("\n")}\n`)
  process.exitCode = 1
}
