/** The kinds of integration, as `GET /api/v1/integration-kinds` lists them. */
import { Effect } from "effect"
import { Kinds } from "../../packages/core/src/integrations/Kinds.ts"
import { code, sections, table } from "./Markdown.ts"

export const kindsReference = (): string => {
  const kinds = Effect.runSync(
    Effect.provide(
      Kinds.use((all) => all.descriptions),
      Kinds.layer
    )
  )
  return sections([
    table(
      ["kind", "tells of", "can", "calls of one sync"],
      kinds.map((kind) => [
        `[${kind.title}](#${kind.title.toLowerCase().replaceAll(" ", "-")})`,
        kind.itemKinds.join(", "),
        kind.capabilities.join(", "),
        kind.syncCost
      ])
    ),
    ...kinds.map((kind) =>
      sections([
        `## ${kind.title}`,
        `Kind ${code(kind.id)}. ${kind.description}`,
        table(
          ["field", "", "", ""],
          kind.fields.map((field) => [
            code(field.key),
            field.choices === undefined ? field.type : field.choices.map(code).join(" or "),
            field.required ? "required" : field.default === undefined ? "" : `default ${code(String(field.default))}`,
            field.description === "" ? field.label : field.description
          ])
        )
      ])
    )
  ])
}
