import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { RuleTrial } from "../../capacity/RuleTrial.ts"
import { vocabularyOf } from "../../rules/Vocabulary.ts"
import { defaultSubject } from "../../rules/Rule.ts"
import { Rules } from "../../rules/Rules.ts"
import { RuleViews } from "../../rules/RuleViews.ts"
import { Api } from "../Api.ts"
import { versionTag } from "../../problems/IfMatch.ts"
import { expectedVersion, toList, withEtag } from "../Common.ts"

export const RulesHandlers = HttpApiBuilder.group(
  Api,
  "rules",
  Effect.fn(function* (handlers) {
    const rules = yield* Rules
    const views = yield* RuleViews
    const trial = yield* RuleTrial
    const subjectOf = ({ subject }: { readonly subject?: string }) =>
      rules.subject(subject ?? defaultSubject, ["query", "subject"])
    return handlers.handleAll({
      list: ({ query }) =>
        Effect.map(
          query.subject === undefined ? views.list() : Effect.flatMap(subjectOf(query), ({ name }) => views.list(name)),
          toList
        ),
      fields: ({ query }) => Effect.map(subjectOf(query), (subject) => vocabularyOf(subject, rules.subjects)),
      create: ({ payload }) => Effect.flatMap(rules.create(payload), views.one),
      reorder: ({ payload }) =>
        Effect.map(Effect.flatMap(rules.reorder(payload.ids, payload.subject), views.of), toList),
      preview: ({ payload }) => trial.preview(payload),
      evaluate: ({ payload }) => trial.evaluate(payload),
      get: ({ params }) => withEtag(views.get(params.id), versionTag),
      update: ({ headers, params, payload }) =>
        withEtag(
          Effect.flatMap(expectedVersion(headers), (version) =>
            Effect.flatMap(rules.update(params.id, payload, version), views.one)
          ),
          versionTag
        ),
      acknowledge: ({ params }) => Effect.flatMap(rules.acknowledge(params.id), views.one),
      remove: ({ params }) => rules.remove(params.id)
    })
  })
)
