/** `tendarr rules`: list, create, change, order and try out the owner's rules. */
import { itemEffects } from "@tendarr/core/rules/RuleEffect"
import type { NewRule, Rule, RuleField, RuleOperator } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { failed, misused } from "../Failure.ts"
import { clean, count } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, textFlag, toggle } from "../Root.ts"
import { concernLines, conditionFlags, conditionText, partOfRule, scopeText } from "../RuleText.ts"
import { nearest } from "../UsageErrors.ts"
import { actionFlags, actionText, partOfAction } from "./RuleActions.ts"
import { ruleNamed, ruleToDelete, templateNamed } from "./RuleNames.ts"
import { run, templates } from "./RuleRuns.ts"
import { importRules, share } from "./RuleSharing.ts"
import { preview, test } from "./RuleTrials.ts"

const rule = Argument.String("rule").pipe(Argument.withDescription("Id or name of the rule"))
const nameFlag = textFlag("name", "NAME", "Its name")
const effectFlag = textFlag("effect", "EFFECT", `What it does to what it matches: ${itemEffects.join(", ")} for items`)
const subjectFlag = textFlag("subject", "SUBJECT", "What the rule is about; item by default")

/** The effects for items are known here; only the server knows those of other subjects. */
const checkEffect = (subject: string, effect: Option.Option<string>) => {
  if (subject !== "item" || Option.isNone(effect) || itemEffects.some((name) => name === effect.value))
    return Effect.void
  const near = nearest(effect.value, itemEffects)
  return Effect.fail(
    misused(
      `There is no effect "${effect.value}"${near === null ? "" : `. Did you mean ${near}?`}`,
      `There are: ${itemEffects.join(", ")}`
    )
  )
}

const list = Command.make("list", { subject: textFlag("subject", "SUBJECT", "Those about this alone") }, (flags) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.rules.list(aboutSubject(flags)))
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer(found, () =>
        found.items.length + found.damaged.length === 0
          ? ["There is no rule yet; `tendarr rules add --help` shows how to write one"]
          : [
              ...ruleTable(found.items, style, width),
              ...found.items.flatMap((each) => {
                const lines = concernLines(each, style)
                return lines.length === 0 ? [] : ["", `${style.bold(clean(each.name))} (rule ${each.id})`, ...lines]
              }),
              ...found.damaged.map(({ detail }) => `${style.bad("!")} ${clean(detail)}`)
            ]
      )
    })
  )
).pipe(Command.withDescription("List the rules in their order"))

const show = Command.make("show", { rule }, ({ rule: named }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ruleNamed(ask, named)
      const style = yield* currentStyle
      yield* answer(found, () => ruleLines(found, style))
    })
  )
).pipe(Command.withDescription("Show a rule; the output of --json can be used with `rules add --file`"))

const add = Command.make(
  "add",
  {
    name: nameFlag,
    subject: subjectFlag,
    effect: effectFlag,
    off: toggle("off", "Save it disabled"),
    template: textFlag("template", "TEMPLATE", "Start from this template; `tendarr rules templates` lists them"),
    ...conditionFlags,
    ...actionFlags
  },
  ({ effect, name, off, subject, template, ...flags }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const start: Partial<NewRule> = {
          ...(Option.isSome(template) ? yield* templateNamed(ask, template.value) : {}),
          ...(yield* partOfRule(ask, flags))
        }
        const part: Partial<NewRule> = { ...start, ...(yield* partOfAction(flags, start.action)) }
        const given = {
          ...part,
          ...(Option.isSome(subject) ? { subject: subject.value } : {}),
          ...(Option.isSome(name) ? { name: name.value } : {}),
          ...(Option.isSome(effect) ? { effect: effect.value } : {}),
          ...(off ? { enabled: false } : {})
        }
        const missing = [
          ...(given.name === undefined ? ["--name"] : []),
          ...(given.effect === undefined ? ["--effect"] : []),
          ...(given.condition === undefined ? ["--when"] : [])
        ]
        yield* checkEffect(part.subject ?? Option.getOrElse(subject, () => "item"), effect)
        if (missing.length > 0)
          return yield* misused(`A rule also needs ${missing.join(", ")}, or a --file that contains them`)
        const body = given as NewRule
        const style = yield* currentStyle
        const created = yield* ask((client) => client.rules.create({ body }))
        yield* answer(created, () => [
          ...ruleLines(created, style),
          `\`tendarr rules preview ${created.id}\` shows what it matches now`
        ])
      })
    )
).pipe(
  Command.withDescription("Add a rule, from conditions on the command line or from a JSON file"),
  Command.withExamples([
    {
      command:
        'tendarr rules add --name "Old and unseen" --effect prefer-remove --when "year < 2000" --when "playCount = 0"',
      description: "Both must hold"
    },
    { command: "tendarr rules add --file rule.json", description: "With groups of AND, OR and NOT" },
    {
      command:
        'tendarr rules add --name "Unseen for a year" --act remove --grace-days 14 --when "neverWatched = true" --when "daysSinceAdded > 365"',
      description: "Queue what matches for removal in two weeks, without a full disk"
    },
    { command: "tendarr rules add --template watched-once", description: "From a template" },
    {
      command: "tendarr rules add --template watched-once --grace-days 30 --no-approval",
      description: "From a template, with another action"
    },
    {
      command: 'tendarr rules add --name Kept --effect always-keep --when "tags contains keep" --kind movie',
      description: "Only movies"
    }
  ])
)

const edit = Command.make(
  "edit",
  { rule, name: nameFlag, effect: effectFlag, ...conditionFlags, ...actionFlags },
  ({ effect, name, rule: named, ...flags }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const before = yield* ruleNamed(ask, named)
        yield* checkEffect(before.subject, effect)
        const { subject: _, ...part } = yield* partOfRule(ask, flags)
        const body = {
          ...part,
          ...(yield* partOfAction(flags, before.action)),
          ...(Option.isSome(name) ? { name: name.value } : {}),
          ...(Option.isSome(effect) ? { effect: effect.value } : {})
        }
        if (Object.keys(body).length === 0) return yield* misused("No change was given")
        const after = yield* ask((client) =>
          client.rules.update({ path: { id: before.id }, headers: { "if-match": `"${before.version}"` }, body })
        )
        const style = yield* currentStyle
        yield* answer(after, () => ruleLines(after, style))
      })
    )
).pipe(
  Command.withDescription("Change a rule: given values replace the current ones"),
  Command.withExamples([
    { command: 'tendarr rules edit 3 --when "year < 1990"', description: "A new condition" },
    {
      command: "tendarr rules edit 3 --grace-days 30",
      description: "More days of grace; the rest of its action stays as it is"
    }
  ])
)

const switching = (verb: "enable" | "disable") =>
  Command.make(verb, { rule }, ({ rule: named }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const { id } = yield* ruleNamed(ask, named)
        const after = yield* ask((client) =>
          client.rules.update({ path: { id }, body: { enabled: verb === "enable" } })
        )
        yield* answer(after, () => [`"${clean(after.name)}" is now ${after.enabled ? "enabled" : "disabled"}`])
      })
    )
  ).pipe(Command.withDescription(verb === "enable" ? "Enable a rule" : "Disable a rule without deleting it"))

const acknowledge = Command.make("acknowledge", { rule }, ({ rule: named }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const before = yield* ruleNamed(ask, named)
      const after = yield* ask((client) => client.rules.acknowledge({ path: { id: before.id } }))
      const style = yield* currentStyle
      yield* answer(after, () => [
        before.lostNames.length === 0
          ? `"${clean(after.name)}" has no lost names`
          : `"${clean(after.name)}" no longer keeps items by ${count(before.lostNames.length, "name")} that ${before.lostNames.length === 1 ? "was" : "were"} lost`,
        ...concernLines(after, style)
      ])
    })
  )
).pipe(
  Command.withDescription(
    "Confirm that you have reviewed the names that a rule lost: items are no longer kept by them"
  ),
  Command.withShortDescription("Acknowledge lost names of a rule")
)

const remove = Command.make("remove", { rule, yes: yesFlag }, ({ rule: named, yes }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ruleToDelete(ask, named)
      yield* confirm(`Delete the rule "${clean(found.name)}"?`, yes)
      yield* ask((client) => client.rules.remove({ path: { id: found.id } }))
      yield* answer(found, () => [`Deleted the rule "${clean(found.name)}"`])
    })
  )
).pipe(Command.withDescription("Delete a rule"))

const move = Command.make(
  "move",
  {
    rule,
    to: Flag.Int("to").pipe(Flag.withMetavar("N"), Flag.withDescription("To this position, 1 = first"), Flag.optional),
    first: toggle("first", "To the first position"),
    last: toggle("last", "To the last position"),
    before: textFlag("before", "RULE", "Directly before this rule"),
    after: textFlag("after", "RULE", "Directly after this rule")
  },
  ({ after, before, first, last, rule: named, to }) =>
    Effect.gen(function* () {
      const ways = [first, last, Option.isSome(to), Option.isSome(before), Option.isSome(after)].filter(Boolean).length
      if (ways !== 1) return yield* misused("Give one of --first, --last, --to, --before and --after")
      yield* withTendarr(({ ask }) =>
        Effect.gen(function* () {
          const { id, subject } = yield* ruleNamed(ask, named)
          const others = (yield* ask((client) => client.rules.list({ query: { subject } }))).items
            .map((each) => each.id)
            .filter((each) => each !== id)
          const placeOf = (text: string) => Effect.map(ruleNamed(ask, text), (other) => others.indexOf(other.id))
          const at = first
            ? 0
            : last
              ? others.length
              : Option.isSome(before)
                ? yield* placeOf(before.value)
                : Option.isSome(after)
                  ? (yield* placeOf(after.value)) + 1
                  : Option.getOrElse(to, () => 1) - 1
          if (at < 0 || at > others.length)
            return yield* failed(`Positions are 1 to ${others.length + 1}`, "no-such-place")
          const ordered = yield* ask((client) =>
            client.rules.reorder({ body: { subject, ids: others.toSpliced(at, 0, id) } })
          )
          const style = yield* currentStyle
          const width = yield* terminalWidth
          yield* answer(ordered, () => ruleTable(ordered.items, style, width))
        })
      )
    })
).pipe(Command.withDescription("Move a rule to another position"))

const fields = Command.make(
  "fields",
  {
    field: Argument.String("field").pipe(Argument.withDescription("One field, with its operators"), Argument.optional),
    subject: textFlag("subject", "SUBJECT", "What the rules are about; item by default")
  },
  ({ field: named, subject }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const found = yield* ask((client) => client.rules.fields(aboutSubject({ subject })))
        const style = yield* currentStyle
        const width = yield* terminalWidth
        if (Option.isNone(named)) return yield* answer(found, () => fieldTable(found.fields, style, width))
        const one = yield* fieldNamed(found.fields, named.value)
        const operators = found.operators.filter(({ name }) => one.operators.includes(name))
        yield* answer({ field: one, operators }, () => fieldLines(one, operators, style, width))
      })
    )
).pipe(
  Command.withDescription("List the fields that conditions may use, their types, and their operators"),
  Command.withExamples([{ command: "tendarr rules fields lastPlayedAt", description: "One field with its operators" }])
)

const aboutSubject = ({ subject }: { readonly subject: Option.Option<string> }) =>
  Option.isSome(subject) ? { query: { subject: subject.value } } : {}

export const rules = Command.make("rules").pipe(
  Command.withDescription("Rules: conditions over facts, and their effects on the items that match"),
  Command.withShortDescription("Decide what is kept and what is removed"),
  Command.withExamples([
    { command: 'tendarr rules preview --when "lastPlayedAt overAgo 365"', description: "What a condition matches now" },
    { command: "tendarr rules fields", description: "The fields of conditions" }
  ]),
  Command.withSubcommands([
    list,
    show,
    add,
    edit,
    switching("enable"),
    switching("disable"),
    acknowledge,
    remove,
    move,
    fields,
    preview,
    test,
    run,
    templates,
    share,
    importRules
  ])
)

const ruleTable = (rules: ReadonlyArray<Rule>, style: Style, width: number | null) =>
  table<Rule>(
    [
      { header: "ID", align: "right", cell: ({ id }) => id },
      ...(rules.every(({ subject }) => subject === rules[0]?.subject)
        ? []
        : [{ header: "ABOUT", cell: ({ subject }: Rule) => subject }]),
      {
        header: "NAME",
        flexible: true,
        cell: ({ lostNames, name, warnings }) => (lostNames.length + warnings.length > 0 ? `! ${name}` : name)
      },
      {
        header: "EFFECT",
        cell: ({ effect, enabled }) => (enabled ? effect : `${effect} (off)`),
        paint: (text, { effect, enabled }) => (enabled ? paintEffect(style, effect) : style.dim)(text)
      },
      ...(rules.some(({ action }) => action !== undefined)
        ? [{ header: "DOES", flexible: true as const, cell: (rule: Rule) => actionText(rule) }]
        : []),
      { header: "WHEN", flexible: true, cell: ({ condition }) => conditionText(condition) },
      { header: "ONLY", flexible: true, cell: scopeText }
    ],
    rules,
    { style, width }
  )

const ruleLines = (found: Rule, style: Style): ReadonlyArray<string> => [
  `${style.bold(clean(found.name))} (rule ${found.id}${found.subject === "item" ? "" : ` about ${found.subject}`}, place ${found.position}): ${paintEffect(style, found.effect)(found.effect)}${
    found.enabled ? "" : ", disabled"
  }`,
  `When ${clean(conditionText(found.condition))}`,
  ...(found.action === undefined ? [] : [`Does: ${clean(actionText(found))}`]),
  ...(scopeText(found) === "" ? [] : [`Only ${clean(scopeText(found))}`]),
  ...concernLines(found, style)
]

const paintEffect = (style: Style, effect: Rule["effect"]): ((text: string) => string) =>
  effect.endsWith("-keep") ? style.good : style.bad

const fieldTable = (fields: ReadonlyArray<RuleField>, style: Style, width: number | null) =>
  table<RuleField>(
    [
      { header: "FIELD", cell: ({ name }) => name },
      { header: "TYPE", cell: ({ type, unit }) => (unit === null ? type : `${type}, ${unit}`) },
      { header: "MEANING", flexible: true, cell: ({ description }) => description },
      { header: "ALSO", flexible: true, cell: ({ aliases }) => aliases.join(", ") }
    ],
    fields,
    { style, width }
  )

const fieldNamed = (fields: ReadonlyArray<RuleField>, named: string) => {
  const words = (field: RuleField) => [field.name, ...field.aliases]
  const found = fields.find((field) => words(field).some((word) => word.toLowerCase() === named.toLowerCase()))
  if (found !== undefined) return Effect.succeed(found)
  const near = nearest(named, fields.flatMap(words))
  return Effect.fail(misused(`There is no field "${named}"${near === null ? "" : `. Did you mean ${near}?`}`))
}

const fieldLines = (
  { aliases, description, kinds, name, type, unit, values }: RuleField,
  operators: ReadonlyArray<RuleOperator>,
  style: Style,
  width: number | null
): ReadonlyArray<string> => [
  `${style.bold(name)}: ${description} (${type}${unit === null ? "" : `, ${unit}`})`,
  ...(aliases.length === 0 ? [] : [`Also written ${aliases.join(", ")}`]),
  ...(kinds === null ? [] : [`Only for ${kinds.join(", ")}`]),
  ...(values.length === 0 ? [] : [`Values: ${values.join(", ")}`]),
  ...table<RuleOperator>(
    [
      { header: "OPERATOR", cell: (operator) => operator.name },
      { header: "ALSO", flexible: true, cell: (operator) => operator.aliases.join(" ") },
      { header: "TAKES", cell: ({ operand }) => operand },
      { header: "MEANING", flexible: true, cell: ({ meaning }) => meaning }
    ],
    operators,
    { style, width }
  )
]
