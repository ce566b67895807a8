/** Tries out rules, on the current library or on given facts. Writes nothing. */
import { itemKinds } from "@tendarr/core/integrations/Observations"
import type { Condition, NewRule, RequestFacts, RulePreview, RulesEvaluation } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import { readJsonObject } from "../Documents.ts"
import { misused } from "../Failure.ts"
import { itemsOf, type Tally } from "../output/Counts.ts"
import { bytes, clean } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { moreLines, pageFlags, pagesOf } from "../Paging.ts"
import { answer, textFlag } from "../Root.ts"
import { type ConditionFlags, conditionFlags, partOfRule } from "../RuleText.ts"
import { ruleNamed } from "./RuleNames.ts"
import { figureLines } from "./RuleRuns.ts"

const subjectFlag = textFlag("subject", "SUBJECT", "What a condition on the command line is about; item by default")

const named = Argument.String("rule").pipe(
  Argument.withDescription("Id or name of a stored rule; otherwise --when or --file"),
  Argument.optional
)

/** A stored rule, or one given by flags. */
const ruleToTry = Effect.fnUntraced(function* (ask: Ask, rule: Option.Option<string>, flags: ConditionFlags) {
  const spelt = Option.isSome(flags.file) || flags.when.length > 0
  if (Option.isSome(rule) === spelt) return yield* misused("Give either a stored rule, or --when or --file")
  const found: Partial<NewRule> = Option.isSome(rule)
    ? yield* ruleNamed(ask, rule.value)
    : yield* partOfRule(ask, flags)
  const { action, condition, effect, id, priority, scope, subject }: Partial<NewRule> & { readonly id?: string } = found
  if (condition === undefined) return yield* misused("There is no condition in the file")
  return {
    condition: condition satisfies Condition,
    ...(subject === undefined ? {} : { subject }),
    ...(effect === undefined ? {} : { effect }),
    ...(scope === undefined ? {} : { scope }),
    ...(action === undefined ? {} : { action, ...(id === undefined ? {} : { ruleId: id }) }),
    ...(priority === undefined ? {} : { priority })
  }
})

export const preview = Command.make(
  "preview",
  {
    rule: named,
    subject: subjectFlag,
    ...conditionFlags,
    truth: Flag.Literals("truth", ["true", "false", "unknown"]).pipe(
      Flag.withDescription("List those for which it is true (default), false, or unknown"),
      Flag.withDefault("true" as const)
    ),
    ...pageFlags
  },
  ({ all, cursor, limit, rule, subject: given, truth, ...flags }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const { subject = Option.getOrElse(given, () => "item"), ...part } = yield* ruleToTry(ask, rule, flags)
        const body = { ...part, subject, truth }
        let first: RulePreview | null = null
        const page = yield* pagesOf({ all, cursor, limit }, (paging) =>
          Effect.tap(
            ask((client) => client.rules.preview({ body: { ...body, ...paging } })),
            (read) =>
              Effect.sync(() => {
                first ??= read
              })
          )
        )
        const tallies: RulePreview | null = first
        if (tallies === null) return
        const whole = { ...(tallies as RulePreview), ...page }
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(whole, () => [
          ...previewLines(whole, truth, subject === "item", style),
          ...(whole.acting === undefined
            ? []
            : ["What a run would do:", ...figureLines({ ...whole.acting, items: [] }, style, width)]),
          ...whole.warnings.map((warning) => `${style.warn("!")} ${clean(warning)}`),
          `Those for which it is ${truth}:${whole.items.length === 0 ? " none" : ""}`,
          ...table<RulePreview["items"][number]>(
            [
              { header: "ID", align: "right", cell: ({ itemId }) => itemId },
              { header: "TITLE", flexible: true, cell: ({ title }) => title },
              { header: "KIND", cell: ({ kind }) => kind },
              { header: "SIZE", align: "right", cell: ({ sizeBytes }) => (sizeBytes === null ? "" : bytes(sizeBytes)) },
              { header: "WHY", flexible: true, cell: ({ reason }) => reason }
            ],
            whole.items,
            { style, width }
          ),
          ...moreLines(page)
        ])
      })
    )
).pipe(
  Command.withDescription("Show what a rule matches now: true, false, or unknown if a fact could not be determined"),
  Command.withExamples([
    { command: 'tendarr rules preview --when "year < 1990" --when "playCount = 0"', description: "Before it is saved" },
    {
      command: "tendarr rules preview 3 --truth unknown",
      description: "The items for which a stored rule cannot be decided"
    }
  ])
)

const previewLines = (
  { matched, notRemovedAlone, total, unknown }: RulePreview,
  truth: "true" | "false" | "unknown",
  areItems: boolean,
  style: Style
): ReadonlyArray<string> => [
  `True for ${style.bold(tallyOf(matched, areItems))}, unknown for ${
    unknown.items === 0 ? "none" : style.warn(tallyOf(unknown, areItems))
  }, false for the rest of ${tallyOf(total, areItems)}`,
  ...(notRemovedAlone === 0
    ? []
    : [
        `${truth === "true" ? "True" : truth === "false" ? "False" : "Unknown"} also for ${notRemovedAlone} that ${notRemovedAlone === 1 ? "is" : "are"} not removed by ${notRemovedAlone === 1 ? "itself" : "themselves"} (a show whose seasons are, or a season of a whole show)`
      ]),
  ...(unknown.items > 0
    ? [
        areItems
          ? "For items where it is unknown, a rule that keeps applies, and one that removes does not"
          : "Where it is unknown, a rule that keeps lets nothing be done, and any other rule does not apply"
      ]
    : [])
]

/** Things of other subjects than items may have no size. */
const tallyOf = (tally: Tally, areItems: boolean): string =>
  areItems ? itemsOf(tally) : `${tally.items}${tally.bytes === 0 ? "" : ` of ${bytes(tally.bytes)}`}`

export const test = Command.make(
  "test",
  {
    rule: named,
    subject: subjectFlag,
    ...conditionFlags,
    facts: textFlag("facts", "FILE", "Facts as a JSON object; - reads standard input"),
    fact: Flag.String("fact").pipe(
      Flag.withMetavar("NAME=VALUE"),
      Flag.withDescription("A fact: JSON or text; NAME=? is unknown, NAME=null is known to be none; may be repeated"),
      Flag.atLeast(0)
    ),
    itemKind: Flag.Literals("item-kind", itemKinds).pipe(Flag.withDescription("Kind of the item"), Flag.optional),
    at: textFlag("at", "TIME", "The time to evaluate at; now by default")
  },
  ({ at, fact, facts: file, itemKind, rule, subject: given, ...flags }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const { condition, effect, subject = Option.getOrUndefined(given) } = yield* ruleToTry(ask, rule, flags)
        const facts = {
          ...(Option.isSome(file) ? yield* readJsonObject(file.value) : {}),
          ...Object.fromEntries(yield* Effect.forEach(fact, factOf))
        } as RequestFacts
        const found = yield* ask((client) =>
          client.rules.evaluate({
            body: {
              condition,
              facts,
              ...(subject === undefined ? {} : { subject }),
              ...(effect === undefined ? {} : { effect }),
              ...(Option.isNone(itemKind) ? {} : { kind: itemKind.value }),
              ...(Option.isNone(at) ? {} : { at: at.value })
            }
          })
        )
        const style = yield* currentStyle
        yield* answer(found, () => [
          `The condition is ${inColor(style, found.truth, found.truth)}${found.application === null ? "" : `: the rule ${applications[found.application]}`}`,
          ...(found.unknown.length === 0 ? [] : [`Unknown: ${found.unknown.join(", ")}`]),
          ...traceLines(found.trace, style, 1)
        ])
      })
    )
).pipe(
  Command.withDescription("Evaluate a rule on given facts, with the truth value of every part"),
  Command.withExamples([
    { command: 'tendarr rules test --when "rating < 6" --fact rating=5.1', description: "With one fact" },
    { command: "tendarr rules test 3 --fact lastPlayedAt=? --fact year=1987", description: "With one unknown fact" }
  ])
)

const factOf = (pair: string) => {
  const at = pair.indexOf("=")
  if (at < 1) return Effect.fail(misused(`--fact takes name=value, not "${pair}"`))
  const text = pair.slice(at + 1)
  return Effect.succeed([pair.slice(0, at), text === "?" ? { unknown: "not known" } : valueOf(text)] as const)
}

const valueOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const applications = {
  applies: "applies",
  undecided: "unknown, so that it keeps the item for now",
  "does-not-apply": "does not apply"
} as const

type TruthValue = RulesEvaluation["truth"]

const inColor = (style: Style, truth: TruthValue, text: string): string =>
  (truth === "true" ? style.good : truth === "false" ? style.dim : style.warn)(text)

const outcomes: { readonly [T in TruthValue]: string } = { true: "Met", false: "Not met", unknown: "Unknown" }

type Trace = RulesEvaluation["trace"]

const traceLines = (trace: Trace, style: Style, depth: number): ReadonlyArray<string> => {
  const indent = "  ".repeat(depth)
  if (trace.kind === "condition") return [indent + inColor(style, trace.truth, clean(trace.sentence))]
  return [
    indent + inColor(style, trace.truth, `${outcomes[trace.truth]}: ${trace.logic}`),
    ...trace.children.flatMap((child) => traceLines(child, style, depth + 1))
  ]
}
