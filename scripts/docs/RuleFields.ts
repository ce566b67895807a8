/** What conditions may name, as `GET /api/v1/rules/fields` tells it. */
import { fieldDescriptions } from "../../packages/core/src/rules/Fields.ts"
import { operatorDescriptions } from "../../packages/core/src/rules/Operators.ts"
import { code, codes, sections, table } from "./Markdown.ts"

export const ruleReference = (): string =>
  sections([
    "## Fields",
    table(
      ["field", "type", "", "about", "told by", "unknown when", "of a part", "also called"],
      fieldDescriptions.map((field) => [
        code(field.name),
        field.unit === null ? field.type : `${field.type}, ${field.unit}`,
        field.values.length === 0 ? field.description : `${field.description} Usual: ${codes(field.values)}.`,
        field.kinds === null ? "everything" : field.kinds.join(", "),
        field.source,
        field.unknown,
        field.ofPart,
        codes(field.aliases)
      ])
    ),
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
