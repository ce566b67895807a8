/** `tendarr rules run` and `tendarr rules templates`. */
import type { ActingPreview, RuleTemplate } from "@tendarr/sdk-client"
import { Console, Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { bytes, clean, count } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { answer, root, toggle } from "../Root.ts"
import { conditionText } from "../RuleText.ts"
import { expectCompleted, followRun, printErrors } from "../RunFollowing.ts"
import { actionText } from "./RuleActions.ts"
import { ruleNamed } from "./RuleNames.ts"

export const run = Command.make(
  "run",
  {
    rule: Argument.String("rule").pipe(Argument.withDescription("Id or name of a rule that acts")),
    dryRun: toggle("dry-run", "Compute everything without writing anything"),
    force: toggle("force", "Act even if that is more of the library than the settings accept without a person"),
    sync: Flag.Boolean("sync").pipe(
      Flag.withOptionalValue("true"),
      Flag.withDescription("Read the integrations first; --no-sync does not; the default is taken from the settings"),
      Flag.optional
    )
  },
  ({ dryRun, force, rule: named, sync }) =>
    withTendarr((connection) =>
      Effect.gen(function* () {
        const { id } = yield* ruleNamed(connection.ask, named)
        const body = {
          ...(dryRun ? { dryRun } : {}),
          ...(force ? { force } : {}),
          ...(Option.isSome(sync) ? { sync: sync.value } : {})
        }
        const started = yield* connection.ask((client) => client.rules.run({ path: { id }, body }))
        const ended = yield* followRun(connection, started)
        const { json } = yield* root
        if (json) yield* Console.log(JSON.stringify(ended, null, 2))
        else if (ended.result !== null) {
          const { RuleRunReport } = yield* Effect.promise(() => import("@tendarr/core/capacity/ActingReport"))
          const report = yield* Effect.orDie(Schema.decodeUnknownEffect(RuleRunReport)(ended.result))
          const style = yield* currentStyle
          const width = yield* terminalWidth
          const { changed, failed, spared, waiting } = report.changes
          yield* Console.log(
            [
              ...(report.enabled ? [] : [style.warn(`The rule is disabled: it was only evaluated`)]),
              ...figureLines(report, style, width),
              ...(report.action.type === "change" && !report.dryRun
                ? [`${changed} changed, ${spared} not changed after all, ${failed} failed, ${waiting} waiting`]
                : []),
              ...(report.dryRun ? ["Nothing was written"] : [])
            ].join("\n")
          )
        }
        yield* printErrors(connection, ended)
        yield* expectCompleted(ended)
      })
    )
).pipe(
  Command.withDescription("Run a rule that acts, and show what it did with which items"),
  Command.withShortDescription("Run a rule that acts"),
  Command.withExamples([
    { command: 'tendarr rules run "Old and unseen" --dry-run', description: "Show what it would do" },
    { command: "tendarr rules run 3 --force", description: "Also if it queues a large part of the library" }
  ])
)

type Figures = Readonly<
  Pick<ActingPreview, "evaluated" | "matched" | "queued" | "proposed" | "planned" | "asWanted">
> & {
  readonly alreadyQueued: ActingPreview["alreadyQueued"]
  readonly kept: ActingPreview["kept"]
  readonly unknown: ActingPreview["unknown"]
  readonly left: ActingPreview["left"]
  readonly held: ActingPreview["held"]
  readonly keptBecause: ReadonlyArray<Reason>
  readonly unknownBecause: ReadonlyArray<Reason>
  readonly leftBecause: ReadonlyArray<Reason>
  readonly items: ReadonlyArray<Entry>
}
type Reason = ActingPreview["keptBecause"][number]
type Entry = ActingPreview["items"][number]

/** What an acting rule does, or would do. */
export const figureLines = (found: Figures, style: Style, width: number | null): ReadonlyArray<string> => {
  const size = ({ bytes: all, items }: ActingPreview["queued"]) => `${count(items, "item")}, ${bytes(all)}`
  const line = (words: string, tally: ActingPreview["queued"], reasons: ReadonlyArray<Reason> = []) =>
    tally.items === 0
      ? []
      : [`${words}: ${size(tally)}`, ...reasons.slice(0, 5).map((one) => `  ${one.items}: ${clean(one.because)}`)]
  return [
    `Matches ${size(found.matched)}, of ${count(found.evaluated.items, "item")}`,
    ...line("Newly queued", found.queued),
    ...(found.proposed === 0 ? [] : [`  ${found.proposed} of them are proposals`]),
    ...line("Newly planned changes", found.planned),
    ...line("As wanted already", found.asWanted),
    ...line("Queued already", found.alreadyQueued),
    ...line("Withdrawn", found.left, found.leftBecause),
    ...line("Kept", found.kept, found.keptBecause),
    ...line("Unknown", found.unknown, found.unknownBecause),
    ...(found.held === null ? [] : [style.bad(`Held: ${clean(found.held.detail)}`)]),
    ...(found.items.length === 0
      ? []
      : table<Entry>(
          [
            { header: "ID", align: "right", cell: ({ itemId }) => itemId },
            { header: "TITLE", flexible: true, cell: ({ title }) => title },
            { header: "SIZE", align: "right", cell: ({ sizeBytes }) => bytes(sizeBytes) },
            { header: "OUTCOME", cell: ({ outcome }) => outcome },
            { header: "WHY", flexible: true, cell: ({ because }) => because ?? "" }
          ],
          found.items.slice(0, listed),
          { style, width }
        )),
    ...(found.items.length > listed ? [`${found.items.length - listed} more are in the output of --json`] : [])
  ]
}

/** Entries that are listed; --json has more. */
const listed = 20

export const templates = Command.make(
  "templates",
  { all: toggle("all", "Also templates that match nothing") },
  ({ all }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const found = yield* ask((client) => client.rules.templates({ query: all ? {} : { matching: true } }))
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(found, () =>
          found.items.length === 0
            ? ["No template matches anything; --all lists them"]
            : [
                ...table<RuleTemplate>(
                  [
                    { header: "TEMPLATE", cell: ({ id }) => id },
                    { header: "ITEMS", align: "right", cell: ({ matched }) => String(matched.items) },
                    { header: "SIZE", align: "right", cell: ({ matched }) => bytes(matched.bytes) },
                    { header: "MEANING", flexible: true, cell: ({ description }) => description },
                    { header: "WHEN", flexible: true, cell: ({ rule }) => conditionText(rule.condition) },
                    { header: "DOES", flexible: true, cell: ({ rule }) => actionText(rule) }
                  ],
                  found.items,
                  { style, width }
                ),
                "`tendarr rules add --template TEMPLATE` adds one"
              ]
        )
      })
    )
).pipe(Command.withDescription("List templates of rules, with what each of them matches now"))
