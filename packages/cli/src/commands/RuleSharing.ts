/** `tendarr rules share` and `tendarr rules import`: rules as YAML. */
import type { ImportReport } from "@tendarr/sdk-client"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { outputFlag, putDocument, readText } from "../Documents.ts"
import { clean, count } from "../output/Format.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, root, toggle } from "../Root.ts"
import { ruleNamed } from "./RuleNames.ts"

export const share = Command.make(
  "share",
  {
    rules: Argument.String("rule").pipe(
      Argument.withDescription("Ids or names of rules; all rules without any"),
      Argument.variadic()
    ),
    output: outputFlag
  },
  ({ output, rules: named }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const ids = yield* Effect.forEach(named, (name) => Effect.map(ruleNamed(ask, name), ({ id }) => id))
        const found = yield* ask((client) => client.rules.share({ body: ids.length === 0 ? {} : { ids } }))
        const { json } = yield* root
        if (json) return yield* answer(found, () => [])
        yield* putDocument(output, found.document.trimEnd())
      })
    )
).pipe(
  Command.withDescription(
    "Print rules as YAML, to be shared or kept; integrations are named, and no history is included"
  ),
  Command.withShortDescription("Print rules as YAML"),
  Command.withExamples([
    { command: 'tendarr rules share "Old and unseen" --output rule.yaml', description: "One rule, into a file" }
  ])
)

export const importRules = Command.make(
  "import",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("YAML, as `rules share` prints it; - reads standard input")
    ),
    dryRun: toggle("dry-run", "Only report what would change"),
    yes: yesFlag
  },
  ({ dryRun, file, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const document = yield* readText(file)
        const importing = (dry: boolean) => ask((client) => client.rules.import({ body: { document, dryRun: dry } }))
        const tried = yield* importing(true)
        if (dryRun || tried.changes.length === 0) return yield* answer(tried, () => importLines(tried))
        yield* confirm(`${importLines(tried).join("\n")}\nImport?`, yes)
        const done = yield* importing(false)
        yield* answer(done, () => importLines(done))
      })
    )
).pipe(
  Command.withDescription("Add the rules of a YAML document, or change those of the same names; all or nothing"),
  Command.withShortDescription("Import rules from YAML"),
  Command.withExamples([
    { command: "tendarr rules import rule.yaml --dry-run", description: "Only report what would change" }
  ])
)

const importLines = ({ changes, dryRun }: ImportReport): ReadonlyArray<string> =>
  changes.length === 0
    ? ["Nothing differs"]
    : [
        `${count(changes.length, "change")}${dryRun ? " would be made" : ""}:`,
        ...changes.map(({ change, fields, name }) =>
          change === "add"
            ? `  add "${clean(name)}"`
            : `  change "${clean(name)}": ${fields.map(({ field }) => field).join(", ")}`
        )
      ]
