/**
 * Finds names of kinds of integrations in code that may only use capabilities. Prints the findings, and exits with 1.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { Effect } from "effect"
import { Kinds } from "../packages/core/src/integrations/Kinds.ts"

const source = resolve(import.meta.dirname, "../packages/core/src")
const allowed = ["integrations/kinds", "sandbox"].map((folder) => join(source, folder))

const ids = Effect.runSync(
  Effect.provide(
    Kinds.use((kinds) => Effect.map(kinds.list, (all) => all.map((kind) => kind.id))),
    Kinds.layer
  )
)
const literal = new RegExp(`["'](${ids.join("|")})["']`)

const found = readdirSync(source, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => !allowed.some((folder) => file.startsWith(folder)))
  .flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line, index) => (literal.test(line) ? [`${relative(source, file)}:${index + 1}: ${line.trim()}`] : []))
  )

if (found.length > 0) {
  process.stdout.write(`A kind is named outside its own file:\n${found.join("\n")}\n`)
  process.exitCode = 1
}
