/** Converts between stored entries, which use the ids of this database, and portable entries, which use names. */
import { defaultIntegrationOptions, type Integration, type IntegrationOptions } from "../../integrations/Integration.ts"
import { defaultSubject, type RuleDefinition } from "../../rules/Rule.ts"
import type { StoredRule } from "../../rules/Rules.ts"
import type { PortableIntegration, PortableRule } from "../Configuration.ts"

type NameOf = (id: string) => string | undefined

/**
 * How a deleted integration appears in the scope of a rule: it matches nothing, but must not disappear from the scope.
 */
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
    ...(rule.action === undefined ? {} : { action: rule.action, priority: rule.priority ?? 0 }),
    ...(Object.keys(portable).length === 0 ? {} : { scope: portable })
  }
}

/** `missing` is called with the location of each name in the scope that does not exist here. */
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
    // The same id may belong to another integration here.
    if (gone.test(name)) return name
    missing(index)
    // It has been reported, so the owner of rules must not refuse it a second time.
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
