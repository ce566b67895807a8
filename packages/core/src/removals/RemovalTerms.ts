/** What a removal does to its item, what follows, and how long it waits. */
import { Effect, Schema } from "effect"
import type { ItemKind } from "../integrations/Observations.ts"
import { type RemovalAction, removalActions, usualActionOf } from "../integrations/Kind.ts"
import { decodeRequest } from "../problems/Decode.ts"
import { type InvalidRequest, invalidField } from "../problems/Problem.ts"
import { dayMillis } from "../problems/Instants.ts"
import { between } from "../settings/Fields.ts"
import type { RemovalsSettings } from "../settings/RemovalsSettings.ts"

/** Chosen per removal; stored with it. */
export const removalTerms = {
  action: Schema.Literals(removalActions).annotate({
    description:
      "What is done to the item: `unmonitor` (nothing is deleted), `delete-files` (the entry stays as it is), `unmonitor-and-delete-files`, or `remove-entry` (with its files)."
  }),
  /** Whether import lists are kept from adding it again; `null` = as the option of its integration says. */
  importExclusion: Schema.NullOr(Schema.Boolean).annotate({
    description:
      "Whether import lists are kept from adding the item again after `remove-entry`; `null` = as the option `addImportExclusion` of its integration says."
  }),
  resetRequest: Schema.Boolean.annotate({
    description:
      "Whether its request is reset afterwards in the application for requests, so that it can be requested again."
  }),
  graceDays: Schema.NullOr(between(0, 3650)).annotate({
    description:
      "Whole days between the decision and the removal; `null` = the setting `removals.delaySeconds` applies."
  })
}

const Terms = Schema.Struct(removalTerms)
export type RemovalTerms = typeof Terms.Type

/** What may be chosen with a request; what is left out is as in `usualTerms`. */
export const RequestOptions = Schema.Struct({
  action: Schema.optionalKey(removalTerms.action),
  importExclusion: Schema.optionalKey(Schema.Boolean),
  resetRequest: Schema.optionalKey(removalTerms.resetRequest),
  graceDays: Schema.optionalKey(between(0, 3650))
})
export type RequestOptions = typeof RequestOptions.Type

const decode = decodeRequest(RequestOptions)

/** The terms of a requested removal of an item of this kind. Refuses values that are not valid, or have no effect. */
export const requestedTerms = (kind: ItemKind, options: RequestOptions): Effect.Effect<RemovalTerms, InvalidRequest> =>
  Effect.flatMap(decode(options), (chosen) => {
    const terms = { ...usualTerms(kind), ...chosen }
    return terms.importExclusion !== null && terms.action !== "remove-entry"
      ? Effect.fail(invalidField(["payload", "importExclusion"], `has no effect on ${terms.action}: the entry stays`))
      : Effect.succeed(terms)
  })

/** The terms of a removal for which nothing else was chosen. */
export const usualTerms = (kind: ItemKind): RemovalTerms => ({
  action: usualActionOf(kind),
  importExclusion: null,
  resetRequest: false,
  graceDays: null
})

/** Milliseconds between the decision and the removal. */
export const delayMillisOf = (
  { graceDays }: Pick<RemovalTerms, "graceDays">,
  { delaySeconds }: Pick<RemovalsSettings, "delaySeconds">
): number => (graceDays === null ? delaySeconds * 1000 : graceDays * dayMillis)

/** Why an integration does not carry out an action, as the end of a sentence. */
export const cannotDo = (integration: string, kind: ItemKind, action: RemovalAction): string =>
  `${integration} cannot carry out \`${action}\` for this ${kind}`
