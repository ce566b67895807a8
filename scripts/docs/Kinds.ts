/** The kinds of integration, as `GET /api/v1/integration-kinds` lists them. */
import { Effect } from "effect"
import { fieldsOf } from "../../packages/core/src/integrations/ConfigForm.ts"
import type { Kind } from "../../packages/core/src/integrations/Kind.ts"
import { Kinds } from "../../packages/core/src/integrations/Kinds.ts"
import { code, sections, table } from "./Markdown.ts"

export const kindsReference = (): string => {
  const kinds = Effect.runSync(
    Effect.provide(
      Kinds.use((all) => all.list),
      Kinds.layer
    )
  )
  return sections([
    table(
      [
        "kind",
        "kinds of items",
        "capabilities",
        "calls per sync",
        "calls for episodes and files",
        "calls to read one item again before it is removed"
      ],
      kinds.map((kind) => [
        `[${kind.title}](#${kind.title.toLowerCase().replaceAll(" ", "-")})`,
        kind.itemKinds.join(", "),
        kind.capabilities.join(", "),
        kind.syncCost.formula,
        kind.syncCost.contents ?? "none",
        kind.syncCost.reread ?? "none"
      ])
    ),
    ...kinds.map((kind) =>
      sections([
        `## ${kind.title}`,
        `Kind ${code(kind.id)}. ${kind.description}`,
        table(
          ["field", "", "", ""],
          fieldsOf(kind).map((field) => [
            code(field.key),
            field.choices === undefined ? field.type : field.choices.map(code).join(" or "),
            field.required ? "required" : field.default === undefined ? "" : `default ${code(String(field.default))}`,
            field.description === "" ? field.label : field.description
          ])
        ),
        ...originsOf(kind)
      ])
    )
  ])
}

/** The origins of the facts, if the kind declares them. */
const originsOf = ({ facts, title }: Kind): ReadonlyArray<string> =>
  facts === undefined
    ? []
    : [
        `The sources of the facts in ${title}, and its answers if it does not know them:`,
        table(
          ["facts", "read from", "if it does not know", "verified with"],
          facts.map((origin) => [
            origin.facts.map(code).join(", "),
            origin.places,
            origin.unknown,
            { recorded: "recorded answers", server: "a real server", document: "its document" }[origin.evidence]
          ])
        )
      ]
