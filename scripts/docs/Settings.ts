/** The settings, by group, as returned by `GET /api/v1/settings/schemas`. */
import { builtInSettings } from "../../packages/core/src/system/BuiltInSettings.ts"
import { code, codes, sections, table } from "./Markdown.ts"

/** The parts of a JSON Schema that are used here. */
interface Described {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: ReadonlyArray<string>
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly maxLength?: number
  readonly items?: Described
  readonly additionalProperties?: boolean | Described
  readonly properties?: Readonly<Record<string, Described>>
  readonly anyOf?: ReadonlyArray<Described>
  readonly allOf?: ReadonlyArray<Described>
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Described>>
}

export const settingsReference = (): string =>
  sections(
    Object.values(builtInSettings).map(({ jsonSchema, name, title }) => {
      const schema: Described = jsonSchema()
      return `## ${title}\n\nGroup ${code(name)}.\n\n${table(["setting", "value", "default", ""], rowsOf(schema, schema.$defs ?? {}, ""))}`
    })
  )

type Definitions = Readonly<Record<string, Described>>

const rowsOf = (schema: Described, definitions: Definitions, prefix: string): ReadonlyArray<ReadonlyArray<string>> =>
  Object.entries(schema.properties ?? {}).flatMap(([name, given]) => {
    const field = whole(given, definitions)
    const key = `${prefix}${name}`
    // A nested group lists its defaults per field; a union lists them once.
    if (field.properties !== undefined) return rowsOf(field, definitions, `${key}.`)
    return [[code(key), valueOf(field), code(JSON.stringify(field.default)), field.description ?? ""]]
  })

/** A schema merged with its references and additions. */
const whole = (schema: Described, definitions: Definitions): Described => {
  const { $ref, allOf, ...own } = schema
  const referred = $ref === undefined ? {} : (definitions[$ref.split("/").at(-1) ?? ""] ?? {})
  return (allOf ?? []).reduce<Described>((sum, part) => ({ ...sum, ...whole(part, definitions) }), {
    ...referred,
    ...own
  })
}

const valueOf = (field: Described): string => {
  if (field.enum !== undefined) return codes(field.enum)
  if (field.anyOf !== undefined) return field.anyOf.map(valueOf).join(" or ")
  switch (field.type) {
    case "boolean":
      return "yes or no"
    case "integer":
      return `whole number${range(field)}`
    case "number":
      return `number${range(field)}`
    case "array":
      return `list of texts`
    case "null":
      return code("null")
    case "object":
      return field.properties === undefined
        ? `by name: ${typeof field.additionalProperties === "object" ? valueOf(field.additionalProperties) : "anything"}`
        : code(
            `{ ${Object.entries(field.properties)
              .map(([name, { enum: only }]) => (only?.length === 1 ? `${name}: "${only[0]}"` : name))
              .join(", ")} }`
          )
    default:
      return "text"
  }
}

const range = ({ exclusiveMinimum, maximum, minimum }: Described): string => {
  const least = minimum ?? exclusiveMinimum
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  if (least === undefined) return most === undefined ? "" : ` up to ${most}`
  if (most === undefined) return ` from ${least}`
  return minimum === undefined ? ` above ${least}, up to ${most}` : ` from ${least} to ${most}`
}
