/**
 * Writes the generated parts of the documentation: what stands between `<!-- generated: … -->` and `<!-- end -->` in the
 * pages of `docs/reference`. With `--check` it writes nothing, prints the pages that are not of the present code, and ends
 * with 1.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { format, resolveConfig } from "prettier"
import { callsReference, problemsReference } from "./docs/Api.ts"
import { commandLineReference } from "./docs/CommandLine.ts"
import { eventsReference } from "./docs/Events.ts"
import { kindsReference } from "./docs/Kinds.ts"
import { ruleReference } from "./docs/RuleFields.ts"
import { settingsReference } from "./docs/Settings.ts"

const root = resolve(import.meta.dirname, "..")

const parts: Readonly<Record<string, () => string | Promise<string>>> = {
  "command-line": commandLineReference,
  settings: settingsReference,
  "rule-fields": ruleReference,
  kinds: kindsReference,
  events: eventsReference,
  "http-api": callsReference,
  problems: problemsReference
}

/** The page with its generated part made anew, formatted as the rest of the repository is. */
const pageOf = async (name: string, file: string): Promise<{ readonly before: string; readonly now: string }> => {
  const before = readFileSync(file, "utf8")
  const start = `<!-- generated: ${name} -->`
  const end = "<!-- end -->"
  const [head, rest] = before.split(start)
  const tail = rest?.split(end)[1]
  if (head === undefined || tail === undefined) throw new Error(`${file} has no part "${start}" … "${end}"`)
  const part = await parts[name]?.()
  const now = `${head}${start}\n\n${part}\n\n${end}${tail}`
  return { before, now: await format(now, { ...(await resolveConfig(file)), filepath: file }) }
}

const check = process.argv.includes("--check")
const stale: Array<string> = []
for (const name of Object.keys(parts)) {
  const file = join(root, "docs", "reference", `${name}.md`)
  const { before, now } = await pageOf(name, file)
  if (before === now) continue
  stale.push(relative(root, file))
  if (!check) writeFileSync(file, now)
}

const told = stale.join(", ")
if (!check) process.stdout.write(stale.length === 0 ? "Nothing has changed\n" : `Wrote ${told}\n`)
else if (stale.length > 0) {
  process.stdout.write(`The documentation is not that of the code (${told}). Run: npm run docs\n`)
  process.exitCode = 1
}
