import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { RuleTemplates } from "../../capacity/RuleTemplates.ts"
import { RuleTrial } from "../../capacity/RuleTrial.ts"
import { Jobs } from "../../jobs/Jobs.ts"
import { ActingRules } from "../../removals/ActingRules.ts"
import { SharedRules } from "../../system/SharedRules.ts"
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
    const templates = yield* RuleTemplates
    const acting = yield* ActingRules
    const shared = yield* SharedRules
    const jobs = yield* Jobs
    const subjectOf = ({ subject }: { readonly subject?: string }) =>
      rules.subject(subject ?? defaultSubject, ["query", "subject"])
    return handlers.handleAll({
      list: ({ query }) =>
        Effect.gen(function* () {
          const name = query.subject === undefined ? undefined : (yield* subjectOf(query)).name
          const damaged = yield* rules.damaged
          return {
            items: yield* views.list(name),
            damaged: damaged.filter(({ subject }) => name === undefined || subject === name)
          }
        }),
      fields: ({ query }) => Effect.map(subjectOf(query), (subject) => vocabularyOf(subject, rules.subjects)),
      create: ({ payload }) => Effect.flatMap(rules.create(payload), views.one),
      reorder: ({ payload }) =>
        Effect.map(Effect.flatMap(rules.reorder(payload.ids, payload.subject), views.of), toList),
      preview: ({ payload }) => acting.preview(payload),
      templates: ({ query }) => Effect.map(templates.list(query), toList),
      share: ({ payload }) => Effect.map(shared.share(payload.ids), (document) => ({ document })),
      import: ({ payload: { document, dryRun = false } }) => shared.import(document, { dryRun }),
      evaluate: ({ payload }) => trial.evaluate(payload),
      get: ({ params }) => withEtag(views.get(params.id), versionTag),
      update: ({ headers, params, payload }) =>
        withEtag(
          Effect.flatMap(expectedVersion(headers), (version) =>
            Effect.flatMap(rules.update(params.id, payload, version), views.one)
          ),
          versionTag
        ),
      run: ({ params, payload, query }) =>
        Effect.flatMap(acting.start(params.id, payload), (run) => jobs.settle(run.id, query.wait ?? 0)),
      acknowledge: ({ params }) => Effect.flatMap(rules.acknowledge(params.id), views.one),
      remove: ({ params }) => rules.remove(params.id)
    })
  })
)
