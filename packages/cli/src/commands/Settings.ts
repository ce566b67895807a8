/** `tendarr settings`: what can be set, what is set, and the whole configuration out and in. */
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
  told,
  valueAt
} from "../SettingsWords.ts"

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
).pipe(Command.withDescription("All settings, with what differs from the defaults marked"))

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
        yield* answer(value ?? null, () => [told(value)])
      })
    )
).pipe(
  Command.withDescription("One group, or the value of one setting alone"),
  Command.withExamples([{ command: "tendarr settings show removals", description: "Also the brake, deletionsEnabled" }])
)

const set = Command.make(
  "set",
  {
    assignments: Argument.String("name=value").pipe(
      Argument.withDescription("Such as removals.deletionsEnabled=false; null where there may be none"),
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
        for (const group of groups) {
          const ours = wanted.filter(({ setting }) => setting.group === group)
          const patch = ours.map(({ setting, value }) => patchOf(setting.path, value)).reduce(merged)
          const before = yield* ask((client) => client.settings.get({ path: { group } }))
          const after = yield* ask((client) =>
            client.settings.patch({
              path: { group },
              body: patch as Record<string, unknown>,
              // What was shown as the old value is what is replaced.
              headers: { "if-match": before.etag }
            })
          )
          states.push(after)
          beyond.push(...after.beyondRecall)
          for (const { setting } of ours) {
            const [was, is] = [told(valueAt(before.value, setting.path)), told(valueAt(after.value, setting.path))]
            const name = [group, ...setting.path].join(".")
            lines.push(was === is ? `${name}: ${is}, as it was` : `${name}: ${was} → ${is}`)
          }
        }
        yield* answer(states.length === 1 ? states[0] : { items: states }, () => [
          ...lines.map(clean),
          ...beyondRecallLines(beyond, style)
        ])
      })
    )
).pipe(
  Command.withDescription("Change settings; those of one group together or not at all"),
  Command.withExamples([
    { command: "tendarr settings set removals.deletionsEnabled=false", description: "Put the brake on" },
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
        yield* confirm(`Put all settings of the group ${title} back to their defaults?`, yes)
        const state = yield* ask((client) => client.settings.reset({ path: { group } }))
        yield* answer(state, () => [`The settings of the group ${group} are back at their defaults`])
      })
    )
).pipe(Command.withDescription("Put a group back to its defaults"))

const schema = Command.make(
  "schema",
  { group: Argument.String("group").pipe(Argument.withDescription("The group; all without it"), Argument.optional) },
  ({ group }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const schemas = yield* schemasOf(ask)
        const chosen = Option.isNone(group) ? { items: schemas } : yield* groupNamed(schemas, group.value)
        yield* Console.log(JSON.stringify("items" in chosen ? chosen : chosen.schema, null, 2))
      })
    )
).pipe(Command.withDescription("The JSON Schema of a group: bounds, defaults and what each setting means"))

const exportCommand = Command.make(
  "export",
  { output: outputFlag, secrets: toggle("secrets", "With the secrets of the integrations, in the clear") },
  ({ output, secrets }) =>
    withTendarr(({ ask }) =>
      Effect.flatMap(
        ask((client) => client.settings.export({ query: { secrets } })),
        (document) => putDocument(output, JSON.stringify(document, null, 2))
      )
    )
).pipe(
  Command.withDescription(
    "The whole configuration as one document: settings, integrations, rules, disks, protections, schedules"
  ),
  Command.withExamples([{ command: "tendarr settings export --output tendarr.json", description: "Without secrets" }])
)

const importCommand = Command.make(
  "import",
  {
    file: Argument.String("file").pipe(Argument.withDescription("The document; - reads it from the input")),
    dryRun: toggle("dry-run", "Tell what would change, and write nothing"),
    keepKeys: toggle("keep-keys", "Send stored keys also to the new addresses of their integrations"),
    yes: yesFlag
  },
  ({ dryRun, file, keepKeys, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        // Whatever it is, Tendarr says what is wrong with it, and where.
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
  Command.withDescription("Take a configuration in: what it names is added or changed, all of it or nothing"),
  Command.withExamples([
    { command: "tendarr settings import tendarr.json --dry-run", description: "Only tell what would change" }
  ])
)

export const settings = Command.make("settings").pipe(
  Command.withDescription("Settings: look, change, and take the whole configuration to another installation"),
  Command.withShortDescription("Look at settings and change them"),
  Command.withExamples([
    { command: "tendarr settings list", description: "All of them, with what they mean" },
    { command: "tendarr settings set removals.deletionsEnabled=false", description: "Put the brake on" }
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
    value: told(value),
    differs: told(value) !== told(valueAt(described?.defaults, [key])),
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
  changes.length === 0
    ? "Nothing changes"
    : `${count(changes.length, "change")}${dryRun ? "; nothing is written yet" : ""}`,
  ...changes.flatMap(({ change, fields, name, section }) => [
    `  ${change === "add" ? "+" : "~"} ${section}: ${clean(name)}`,
    ...fields.map(({ after, before, field }) => `      ${field}: ${clean(told(before))} → ${clean(told(after))}`)
  ]),
  ...skipped.map(({ because, path }) => `  passed over ${path.slice(1).join(".")}: ${clean(because)}`)
]
