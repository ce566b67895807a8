/** Asks the applications whose connection an import would add or change to identify themselves. */
import { Effect, Equal } from "effect"
import { secretMask } from "../../integrations/Integration.ts"
import type { Integrations } from "../../integrations/Integrations.ts"
import type { Probe } from "../../integrations/Kind.ts"
import type { PortableIntegration } from "../Configuration.ts"
import type { Present } from "../ConfigurationTransfer.ts"

/** The response of each application, by the name of its integration; applications that are not asked are missing. */
export type Asked = ReadonlyMap<string, Probe | null>

export const askApplications = Effect.fnUntraced(function* (
  integrations: Integrations["Service"],
  given: ReadonlyArray<PortableIntegration>,
  before: Present,
  confirmSecretReuse: boolean
): Effect.fn.Return<Asked> {
  const known = yield* integrations.list
  const answers = yield* Effect.forEach(
    given.filter((wanted) => wanted.enabled && isNew(wanted, before)),
    ({ config, kind, name, url }) => {
      const id = known.find((one) => one.name === name)?.id
      const draft = { kind, url, config, confirmSecretReuse, ...(id === undefined ? {} : { integrationId: id }) }
      return Effect.map(integrations.ask(draft), (probe) => [name, probe] as const)
    },
    { concurrency: 4 }
  )
  return new Map(answers)
})

const isNew = ({ config, enabled, name, url }: PortableIntegration, before: Present): boolean => {
  const present = before.integrations.find((each) => each.name === name)
  return (
    present === undefined ||
    present.url !== url ||
    present.enabled !== enabled ||
    Object.entries(config).some(([key, value]) => value !== secretMask && !Equal.equals(present.config[key], value))
  )
}
