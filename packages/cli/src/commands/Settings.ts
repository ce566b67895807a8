/** `tendarr settings`: show and change settings, and export and import the whole configuration. */
import type { Configuration, ImportReport, SettingsGroup } from "@tendarr/sdk-client"
import { Console, Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import { outputFlag, putDocument, readJsonObject } from "../Documents.ts"
import { misused } from "../Failure.ts"
import { clean, count } from "../output/Format.ts"
import { beyondRecallLines } from "../output/Removals.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, root, toggle } from "../Root.ts"
import {
  type GroupSchema,
  groupNamed,
  meaningOf,
  merged,
  patchOf,
  settingNamed,
  settingValue,
  shownValue,
  valueAt
} from "../SettingArguments.ts"

const schemasOf = (ask: Ask) =>
  Effect.map(
    ask((client) => client.settings.schemas()),
    ({ items }) => items
  )

const list = Command.make("list", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const groups = yield* ask((client) => client.settings.all())
      const schemas = yield* schemasOf(ask)
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer(groups, () =>
        groups.items.flatMap((group, index) => [
          ...(index === 0 ? [] : [""]),
          ...groupLines(group, schemas, style, width)
        ])
      )
    })
  )
).pipe(Command.withDescription("List all settings, marking those that differ from their defaults"))

const show = Command.make(
  "show",
  {
    name: Argument.String("name").pipe(Argument.withDescription("A group, or a setting such as removals.delaySeconds"))
  },
  ({ name }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const schemas = yield* schemasOf(ask)
        const style = yield* currentStyle
        const width = yield* terminalWidth
        if (!name.includes(".")) {
          const { group } = yield* groupNamed(schemas, name)
          const state = yield* ask((client) => client.settings.get({ path: { group } }))
          return yield* answer(state, () => groupLines(state, schemas, style, width))
        }
        const setting = yield* settingNamed(schemas, name)
        const state = yield* ask((client) => client.settings.get({ path: { group: setting.group } }))
        const value = valueAt(state.value, setting.path)
        yield* answer(value ?? null, () => [shownValue(value)])
      })
    )
).pipe(
  Command.withDescription("Show a group, or only the value of one setting"),
  Command.withExamples([
    { command: "tendarr settings show removals", description: "Includes the brake, deletionsEnabled" }
  ])
)

const set = Command.make(
  "set",
  {
    assignments: Argument.String("name=value").pipe(
      Argument.withDescription("For example removals.deletionsEnabled=false; null for none, where allowed"),
      Argument.variadic({ min: 1 })
    )
  },
  ({ assignments }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const schemas = yield* schemasOf(ask)
        const wanted = yield* Effect.forEach(assignments, (assignment) =>
          Effect.gen(function* () {
            const at = assignment.indexOf("=")
            if (at < 1) return yield* misused(`"${assignment}" must be a name, "=" and a value`)
            const setting = yield* settingNamed(schemas, assignment.slice(0, at))
            return { setting, value: settingValue(setting, assignment.slice(at + 1)) }
          })
        )
        const style = yield* currentStyle
        const groups = [...new Set(wanted.map(({ setting }) => setting.group))]
        const states: Array<SettingsGroup> = []
        const lines: Array<string> = []
        const beyond: Array<string> = []
        const actsBeyond: Array<string> = []
        for (const group of groups) {
          const ours = wanted.filter(({ setting }) => setting.group === group)
          const patch = ours.map(({ setting, value }) => patchOf(setting.path, value)).reduce(merged)
          const before = yield* ask((client) => client.settings.get({ path: { group } }))
          const after = yield* ask((client) =>
            client.settings.patch({
              path: { group },
              body: patch as Record<string, unknown>,
              // Replaces exactly the value that was shown as the old one.
              headers: { "if-match": before.etag }
            })
          )
          states.push(after)
          beyond.push(...after.beyondRecall)
          actsBeyond.push(...after.actsBeyondRecall)
          for (const { setting } of ours) {
            const [was, is] = [
              shownValue(valueAt(before.value, setting.path)),
              shownValue(valueAt(after.value, setting.path))
            ]
            const name = [group, ...setting.path].join(".")
            lines.push(was === is ? `${name}: ${is}, unchanged` : `${name}: ${was} → ${is}`)
          }
        }
        yield* answer(states.length === 1 ? states[0] : { items: states }, () => [
          ...lines.map(clean),
          ...beyondRecallLines("removal", beyond, style),
          ...beyondRecallLines("act", actsBeyond, style)
        ])
      })
    )
).pipe(
  Command.withDescription("Change settings; those of one group are changed together or not at all"),
  Command.withExamples([
    { command: "tendarr settings set removals.deletionsEnabled=false", description: "Apply the brake" },
    { command: "tendarr settings set removals.caps.maxItems=20 scoring.weights.size=8", description: "Several at once" }
  ])
)

const reset = Command.make(
  "reset",
  { group: Argument.String("group").pipe(Argument.withDescription("The group of settings")), yes: yesFlag },
  ({ group: name, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const schemas = yield* schemasOf(ask)
        const { group, title } = yield* groupNamed(schemas, name)
        yield* confirm(`Reset all settings of the group ${title} to their defaults?`, yes)
        const state = yield* ask((client) => client.settings.reset({ path: { group } }))
        yield* answer(state, () => [`The settings of the group ${group} were reset to their defaults`])
      })
    )
).pipe(Command.withDescription("Reset a group to its defaults"))

const schema = Command.make(
  "schema",
  {
    group: Argument.String("group").pipe(
      Argument.withDescription("The group; all groups if omitted"),
      Argument.optional
    )
  },
  ({ group }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const schemas = yield* schemasOf(ask)
        const chosen = Option.isNone(group) ? { items: schemas } : yield* groupNamed(schemas, group.value)
        yield* Console.log(JSON.stringify("items" in chosen ? chosen : chosen.schema, null, 2))
      })
    )
).pipe(Command.withDescription("Print the JSON Schema of a group: bounds, defaults and the meaning of each setting"))

const exportCommand = Command.make(
  "export",
  { output: outputFlag, secrets: toggle("secrets", "Include the secrets of the integrations in clear text") },
  ({ output, secrets }) =>
    withTendarr(({ ask }) =>
      Effect.flatMap(
        ask((client) => client.settings.export({ query: { secrets } })),
        (document) => putDocument(output, JSON.stringify(document, null, 2))
      )
    )
).pipe(
  Command.withDescription(
    "Export the whole configuration as one document: settings, integrations, rules, disks, protections, schedules"
  ),
  Command.withExamples([{ command: "tendarr settings export --output tendarr.json", description: "Without secrets" }])
)

const importCommand = Command.make(
  "import",
  {
    file: Argument.String("file").pipe(Argument.withDescription("The document; - reads standard input")),
    dryRun: toggle("dry-run", "Report what would change without writing anything"),
    keepKeys: toggle("keep-keys", "Send stored keys also to the new addresses of their integrations"),
    yes: yesFlag
  },
  ({ dryRun, file, keepKeys, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        // The document is validated by Tendarr, which reports errors with their paths.
        const body = (yield* readJsonObject(file)) as unknown as Configuration
        const put = (dry: boolean) =>
          ask((client) =>
            client.settings.import({ body, query: { dryRun: dry, ...(keepKeys ? { confirmSecretReuse: true } : {}) } })
          )
        const tried = yield* put(true)
        const { json } = yield* root
        if (dryRun) return yield* answer(tried, () => reportLines(tried))
        if (tried.changes.length > 0) {
          if (!json && !yes) yield* Console.error(reportLines(tried).join("\n"))
          yield* confirm(`Make ${count(tried.changes.length, "change")}?`, yes)
        }
        const done = yield* put(false)
        yield* answer(done, () => (yes ? reportLines(done) : [reportLines(done)[0] ?? ""]))
      })
    )
).pipe(
  Command.withDescription("Import a configuration: entries in the document are added or changed, all of them or none"),
  Command.withExamples([
    { command: "tendarr settings import tendarr.json --dry-run", description: "Only report what would change" }
  ])
)

export const settings = Command.make("settings").pipe(
  Command.withDescription(
    "Settings: view and change them, and transfer the whole configuration to another installation"
  ),
  Command.withShortDescription("View and change settings"),
  Command.withExamples([
    { command: "tendarr settings list", description: "All settings with their meanings" },
    { command: "tendarr settings set removals.deletionsEnabled=false", description: "Apply the brake" }
  ]),
  Command.withSubcommands([list, show, set, reset, schema, exportCommand, importCommand])
)

const groupLines = (
  state: SettingsGroup,
  schemas: ReadonlyArray<GroupSchema>,
  style: Style,
  width: number | null
): ReadonlyArray<string> => {
  const described = schemas.find(({ group }) => group === state.group)
  const rows = Object.entries(state.value).map(([key, value]) => ({
    key: `${state.group}.${key}`,
    value: shownValue(value),
    differs: shownValue(value) !== shownValue(valueAt(described?.defaults, [key])),
    meaning: described === undefined ? "" : meaningOf(described, key)
  }))
  return [
    style.bold(described?.title ?? state.group),
    ...table<(typeof rows)[number]>(
      [
        { header: "SETTING", cell: ({ key }) => key },
        {
          header: "VALUE",
          flexible: true,
          cell: ({ differs, value }) => (differs ? `${value} *` : value),
          paint: (text, { differs }) => (differs ? style.warn(text) : text)
        },
        { header: "MEANING", flexible: true, cell: ({ meaning }) => meaning, paint: (text) => style.dim(text) }
      ],
      rows,
      { style, width }
    )
  ]
}

const reportLines = ({ changes, dryRun, skipped }: ImportReport): ReadonlyArray<string> => [
  changes.length === 0 ? "No changes" : `${count(changes.length, "change")}${dryRun ? "; nothing is written yet" : ""}`,
  ...changes.flatMap(({ change, fields, name, section }) => [
    `  ${change === "add" ? "+" : "~"} ${section}: ${clean(name)}`,
    ...fields.map(
      ({ after, before, field }) => `      ${field}: ${clean(shownValue(before))} → ${clean(shownValue(after))}`
    )
  ]),
  ...skipped.map(({ because, path }) => `  skipped ${path.slice(1).join(".")}: ${clean(because)}`)
]
