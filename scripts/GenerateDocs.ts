/**
 * Writes the generated parts of the documentation: the text between `<!-- generated: … -->` and `<!-- end -->` in the
 * pages of `docs/reference`, in the readme of core, and in ARCHITECTURE.md. With `--check` it writes nothing, prints the
 * pages that do not match the current code, and exits with 1.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { format, resolveConfig } from "prettier"
import { callsReference, problemsReference } from "./docs/Api.ts"
import { commandLineReference } from "./docs/CommandLine.ts"
import { eventsReference } from "./docs/Events.ts"
import { kindsReference } from "./docs/Kinds.ts"
import { modulesReference } from "./docs/Modules.ts"
import { roomsReference } from "./docs/Rooms.ts"
import { ruleReference } from "./docs/RuleFields.ts"
import { settingsReference } from "./docs/Settings.ts"

const root = resolve(import.meta.dirname, "..")

interface Part {
  readonly name: string
  /** Relative to the root of the repository. */
  readonly file: string
  readonly text: () => string | Promise<string>
}

const inReference = (name: string, text: Part["text"]): Part => ({ name, file: `docs/reference/${name}.md`, text })

const parts: ReadonlyArray<Part> = [
  inReference("command-line", commandLineReference),
  inReference("settings", settingsReference),
  inReference("rule-fields", ruleReference),
  inReference("kinds", kindsReference),
  inReference("events", eventsReference),
  inReference("http-api", callsReference),
  inReference("problems", problemsReference),
  { name: "modules", file: "packages/core/README.md", text: modulesReference },
  { name: "rooms", file: "ARCHITECTURE.md", text: roomsReference }
]

/** The page with its generated part updated, formatted like the rest of the repository. */
const pageOf = async ({ file: path, name, text }: Part): Promise<{ readonly before: string; readonly now: string }> => {
  const file = join(root, path)
  const before = readFileSync(file, "utf8")
  const start = `<!-- generated: ${name} -->`
  const end = "<!-- end -->"
  const [head, rest] = before.split(start)
  const tail = rest?.split(end)[1]
  if (head === undefined || tail === undefined) throw new Error(`${file} has no part "${start}" … "${end}"`)
  const now = `${head}${start}\n\n${await text()}\n\n${end}${tail}`
  return { before, now: await format(now, { ...(await resolveConfig(file)), filepath: file }) }
}

const check = process.argv.includes("--check")
const stale: Array<string> = []
for (const part of parts) {
  const { before, now } = await pageOf(part)
  if (before === now) continue
  stale.push(part.file)
  if (!check) writeFileSync(join(root, part.file), now)
}

const names = stale.join(", ")
if (!check) process.stdout.write(stale.length === 0 ? "Nothing has changed\n" : `Wrote ${names}\n`)
else if (stale.length > 0) {
  process.stdout.write(`The documentation is not that of the code (${names}). Run: npm run docs\n`)
  process.exitCode = 1
}
