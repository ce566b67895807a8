/** Imports integrations by name: new ones are connected, existing ones changed; omitted secrets are kept. */
import { Effect } from "effect"
import { secretMask } from "../../integrations/Integration.ts"
import type { PortableIntegration } from "../Configuration.ts"
import type { Present } from "../ConfigurationTransfer.ts"
import type { Asked } from "./AskApplications.ts"
import { differences, type Gathering, refuseTwins } from "./Gathering.ts"
import type { Owners } from "./Import.ts"
import { toOptions } from "./Portable.ts"

/** Returns the ids by name, including those of new integrations. */
export const importIntegrations = Effect.fnUntraced(function* (
  { integrations }: Owners,
  gathered: Gathering,
  given: ReadonlyArray<PortableIntegration>,
  before: Present,
  asked: Asked,
  confirmSecretReuse: boolean
) {
  const { apply, wrong } = gathered
  const shown = yield* integrations.list
  const ids = new Map(shown.map(({ id, name }) => [name, id]))
  const idOf = (name: string): string | undefined => ids.get(name)
  const twins = refuseTwins(
    gathered,
    "integrations",
    "name",
    given.map(({ name }) => name)
  )
  const rest = [...given.entries()].filter(([index]) => !twins.has(index))

  // New integrations first, so that each can be the media server of another.
  for (const [index, { config, enabled, kind, name, options, url }] of rest) {
    if (ids.has(name)) continue
    const created = yield* apply(
      ["integrations", index],
      { section: "integrations", name, change: "add", fields: [] },
      integrations.create(
        { kind, name, url, config, enabled, options: toOptions(options, () => undefined) },
        asked.get(name) ?? null
      )
    )
    if (created !== null) ids.set(name, created.id)
  }

  for (const [index, wanted] of rest) {
    const { config, enabled, name, options, url } = wanted
    const { mediaServer } = options
    if (mediaServer !== null && !ids.has(mediaServer)) {
      // If the media server itself was refused, that has already been reported.
      if (!given.some((each) => each.name === mediaServer)) {
        wrong(["integrations", index, "options", "mediaServer"], `there is no integration "${mediaServer}"`)
      }
      continue
    }
    const id = idOf(name)
    if (id === undefined) continue
    const present = before.integrations.find((each) => each.name === name)
    if (present === undefined) {
      if (mediaServer === null) continue
      yield* apply(
        ["integrations", index],
        { section: "integrations", name, change: "change", fields: [] },
        integrations.update(id, { options: toOptions(options, idOf) })
      )
      continue
    }
    if (present.kind !== wanted.kind) {
      wrong(["integrations", index, "kind"], `"${name}" has the kind ${present.kind} here, which cannot be changed`)
      continue
    }
    const visible = shown.find((each) => each.id === id)?.config ?? {}
    const isSecret = (key: string) => visible[key] === undefined || visible[key] === secretMask
    const kept = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== secretMask))
    const fields = [
      ...differences({ url: present.url, enabled: present.enabled }, { url, enabled }),
      ...differences(present.options, options, { named: true }).map((each) => ({
        ...each,
        field: `options.${each.field}`
      })),
      ...differences(present.config, kept, { named: true }).map((each) => ({
        field: `config.${each.field}`,
        before: isSecret(each.field) ? secretMask : each.before,
        after: isSecret(each.field) ? secretMask : each.after
      }))
    ]
    if (fields.length === 0) continue
    yield* apply(
      ["integrations", index],
      { section: "integrations", name, change: "change", fields },
      integrations.update(
        id,
        // An option that is not in the document is kept.
        { url, enabled, config, options: toOptions({ ...present.options, ...options }, idOf), confirmSecretReuse },
        undefined,
        asked.get(name) ?? null
      )
    )
  }
  return idOf
})
