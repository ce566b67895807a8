/** Connects the applications that the other product was connected to, with the secrets that its file contains. */
import { Effect } from "effect"
import { fieldsOf, isSecretOf } from "../../integrations/ConfigForm.ts"
import { NewIntegration } from "../../integrations/Integration.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import { Kinds } from "../../integrations/Kinds.ts"
import { decodeRequest } from "../../problems/Decode.ts"
import type { FoundConnection } from "../Found.ts"
import { refusalsOf } from "../Records.ts"
import type { Carried } from "./Carried.ts"

export interface CarriedConnection {
  readonly carried: Carried
  /** Its name here, by which rules may name it; `null` = it is not connected. */
  readonly nameHere: string | null
}

/** A client whose calls are below a path of its own is configured with it. */
const pathField = "rpcPath"

export const makeCarryConnection = Effect.gen(function* () {
  const integrations = yield* Integrations
  const kinds = yield* Kinds

  /** `title` is that of the product. */
  return Effect.fnUntraced(function* (
    found: FoundConnection,
    secrets: Readonly<Record<string, string>>,
    title: string
  ) {
    const { enabled, key, name, notes, original } = found
    const entry = { section: "connections", title: name, notes, original, itemId: null, matchedBy: null } as const
    const left = (
      outcome: "not-carried" | "present",
      because: string,
      nameHere: string | null = null
    ): CarriedConnection => ({ carried: { key, created: null, entry: { ...entry, outcome, because } }, nameHere })
    const kind = yield* kinds.find(found.kind)
    if (kind === undefined) {
      // Nothing of it occurs here, under whatever name.
      return left("not-carried", `there is no kind of integration "${found.kind}"`, name)
    }
    const fields = fieldsOf(kind)
    const path = fields.find((field) => field.key === pathField)
    const given = Object.fromEntries(
      Object.entries({ ...found.config, ...secrets }).filter(([name]) => fields.some((field) => field.key === name))
    )
    const config = { ...given, ...(path === undefined ? {} : pathOf(found.path, String(path.default ?? ""))) }
    const missing = fields.filter((field) => field.required && !Object.hasOwn(config, field.key))
    if (missing.length > 0) {
      const names = missing.map((field) => field.label).join(", ")
      return left("not-carried", `the file does not contain it: ${names}; add the integration here`)
    }
    const url = path === undefined ? withPath(found.url, found.path) : found.url
    const taken = new Set((yield* integrations.list).map((one) => one.name.toLowerCase()))
    const free = [name, `${name} (${title})`].find((one) => !taken.has(one.toLowerCase()))
    if (free === undefined) return left("not-carried", "there is an integration of that name already")
    return yield* decodeDraft({ kind: kind.id, name: free, url, config, enabled }).pipe(
      Effect.flatMap((draft) => integrations.create(draft)),
      Effect.map((created): CarriedConnection => ({
        nameHere: free,
        carried: {
          key,
          created: `integration:${created.id}`,
          entry: {
            ...entry,
            notes: free === name ? notes : [`it is called "${free}" here: the name is taken`, ...notes],
            outcome: "create",
            because: null,
            connection: {
              kind: kind.id,
              name: free,
              url,
              enabled,
              secrets: Object.keys(config).filter((field) => isSecretOf(kind, field))
            }
          }
        }
      })),
      Effect.catchTags({
        AlreadyConnected: (error) =>
          Effect.succeed(left("present", `it is connected here as "${error.name}"`, error.name)),
        InvalidRequest: (error) => Effect.succeed(left("not-carried", refusalsOf(error).join("; "))),
        IntegrationNameTaken: () => Effect.succeed(left("not-carried", "there is an integration of that name already"))
      })
    )
  })
})

const decodeDraft = decodeRequest(NewIntegration)

const withPath = (url: string, path: string | null): string => {
  const plain = path?.replace(/^\/+|\/+$/g, "") ?? ""
  return plain === "" ? url : `${url.replace(/\/+$/, "")}/${plain}`
}

/** The other product names the folder of the calls; where the usual path ends with a name of its own, it is added. */
const pathOf = (path: string | null, usual: string): Readonly<Record<string, string>> => {
  const plain = path?.replace(/^\/+|\/+$/g, "") ?? ""
  if (plain === "") return {}
  const [folder, file] = /^(.*)\/([^/]+)$/.exec(usual)?.slice(1) ?? []
  return { [pathField]: folder === undefined || plain.endsWith(`/${file}`) ? plain : `${plain}/${file}` }
}
