/** The fields, operators and effects of rules, by subject, as listed by `GET /api/v1/rules/fields`. */
import { fieldDescriptions } from "../../packages/core/src/rules/Vocabulary.ts"
import { downloadRules } from "../../packages/core/src/downloads/DownloadRules.ts"
import { itemRules } from "../../packages/core/src/rules/ItemRules.ts"
import { operatorDescriptions } from "../../packages/core/src/rules/Operators.ts"
import type { AnyRuleSubject } from "../../packages/core/src/rules/RuleSubject.ts"
import { code, codes, sections, table } from "./Markdown.ts"

const documented: ReadonlyArray<AnyRuleSubject> = [itemRules, downloadRules]

export const ruleReference = (): string =>
  sections([
    ...documented.flatMap((subject) => [
      `## Rules about ${subject.title}`,
      `Subject ${code(subject.name)}${subject.name === itemRules.name ? ", the default for rules that specify none" : ""}.`,
      fieldTable(subject),
      `Effects of rules about ${subject.title}:`,
      table(
        ["effect", "meaning"],
        subject.effects.map((effect) => [code(effect.name), effect.description])
      )
    ]),
    "## Operators",
    table(
      ["operator", "meaning", "takes", "for", "also called"],
      operatorDescriptions.map((operator) => [
        code(operator.name),
        operator.meaning,
        operator.operand,
        operator.types.join(", "),
        codes(operator.aliases)
      ])
    )
  ])

const fieldTable = (subject: AnyRuleSubject): string => {
  const parts = fieldDescriptions(subject).some((field) => field.ofPart !== null)
  return table(
    ["field", "type", "", "about", "source", "unknown if", ...(parts ? ["for a part, about"] : []), "also called"],
    fieldDescriptions(subject).map((field) => [
      code(field.name),
      field.unit === null ? field.type : `${field.type}, ${field.unit}`,
      field.values.length === 0 ? field.description : `${field.description} Usual: ${codes(field.values)}.`,
      field.kinds === null ? "everything" : field.kinds.join(", "),
      field.source,
      field.unknown,
      ...(parts ? [field.ofPart ?? ""] : []),
      codes(field.aliases)
    ])
  )
}
