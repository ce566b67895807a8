/** Between what is stored, with the numbers of this database, and what travels, with names. */
import { defaultIntegrationOptions, type Integration, type IntegrationOptions } from "../../integrations/Integration.ts"
import { defaultSubject, type RuleDefinition } from "../../rules/Rule.ts"
import type { StoredRule } from "../../rules/Rules.ts"
import type { PortableIntegration, PortableRule } from "../Configuration.ts"

type NameOf = (id: string) => string | undefined

/** How an integration that is no more stands in the scope of a rule: it matches nothing, and must not vanish from it. */
const goneMark = (id: string) => (gone.test(id) ? id : `#${id}`)
const gone = /^#\d+$/

export const toPortableRule = (rule: StoredRule, nameOf: NameOf): PortableRule => {
  const { integrationIds, ...scope } = rule.scope ?? {}
  const portable = {
    ...scope,
    ...(integrationIds === undefined ? {} : { integrations: integrationIds.map((id) => nameOf(id) ?? goneMark(id)) })
  }
  return {
    // Documents from before there were subjects have none.
    ...(rule.subject === defaultSubject ? {} : { subject: rule.subject }),
    name: rule.name,
    enabled: rule.enabled,
    effect: rule.effect,
    condition: rule.condition,
    ...(Object.keys(portable).length === 0 ? {} : { scope: portable })
  }
}

/** `missing` is told the place of each name in the scope that nothing here has. */
export const toRule = (
  { scope, ...rule }: PortableRule,
  idOf: (name: string) => string | undefined,
  missing: (index: number) => void
): RuleDefinition => {
  if (scope === undefined) return rule
  const { integrations, ...rest } = scope
  const ids = integrations?.map((name, index) => {
    const id = idOf(name)
    if (id !== undefined) return id
    // Its number may be that of another integration here.
    if (gone.test(name)) return name
    missing(index)
    // It was told, so that the owner of rules must not refuse it once more.
    return "#0"
  })
  return { ...rule, scope: { ...rest, ...(ids === undefined ? {} : { integrationIds: ids }) } }
}

export const toPortableIntegration = (
  { enabled, kind, name, options, url }: Integration,
  config: Readonly<Record<string, unknown>>,
  nameOf: NameOf
): PortableIntegration => {
  const { mediaServerId, ...rest } = options
  return {
    kind,
    name,
    url,
    enabled,
    options: { ...rest, mediaServer: mediaServerId === null ? null : (nameOf(mediaServerId) ?? null) },
    config
  }
}

export const toOptions = (
  { mediaServer, ...rest }: PortableIntegration["options"],
  idOf: (name: string) => string | undefined
): IntegrationOptions => ({
  ...defaultIntegrationOptions,
  ...rest,
  mediaServerId: mediaServer === null ? null : (idOf(mediaServer) ?? null)
})
