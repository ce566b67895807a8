/** Rules as YAML, to be shared between installations, and their import with a preview of what would change. */
import { Context, Effect, Layer, Result, Schema } from "effect"
import { parse } from "effect/encoding/Yaml"
import { Integrations } from "../integrations/Integrations.ts"
import { decodeRequest } from "../problems/Decode.ts"
import { type InvalidRequest, invalidField } from "../problems/Problem.ts"
import { type RuleNotFound, Rules, RulesUnreadable } from "../rules/Rules.ts"
import { configurationFormat, configurationVersion, type ImportReport, PortableRule } from "./Configuration.ts"
import { ConfigurationTransfer } from "./ConfigurationTransfer.ts"
import { toPortableRule } from "./ConfigurationTransfer/Portable.ts"
import { toYaml } from "./Yaml.ts"

export const sharedRulesFormat = "tendarr-rules"
/** Increased when older documents could be misread. */
export const sharedRulesVersion = 1

const SharedRulesDocument = Schema.Struct({
  format: Schema.Literal(sharedRulesFormat),
  formatVersion: Schema.Literal(sharedRulesVersion),
  rules: Schema.Array(PortableRule).check(Schema.isBetweenLength(1, 1000))
})

/** The largest document that is read, in characters. */
const longestDocument = 500_000

export const SharedRulesText = Schema.String.check(Schema.isMaxLength(longestDocument)).annotate({
  description: "YAML, as `POST /rules/share` returns it. A field that is not known is refused by its name."
})

export class SharedRules extends Context.Service<
  SharedRules,
  {
    /** The rules with these ids, or all of them, as YAML. Integrations are named instead of identified. */
    readonly share: (ids?: ReadonlyArray<string>) => Effect.Effect<string, RuleNotFound>
    /** Adds the rules of a document, or changes those of the same names; all or nothing. */
    readonly import: (
      text: string,
      options: { readonly dryRun: boolean }
    ) => Effect.Effect<ImportReport, InvalidRequest>
  }
>()("tendarr/system/SharedRules") {
  static readonly layer = Layer.effect(
    SharedRules,
    Effect.gen(function* () {
      const rules = yield* Rules
      const integrations = yield* Integrations
      const transfer = yield* ConfigurationTransfer

      return SharedRules.of({
        share: Effect.fn("SharedRules.share")(function* (ids) {
          const [damaged] = ids === undefined ? yield* rules.damaged : []
          if (damaged !== undefined) return yield* Effect.die(new RulesUnreadable({ detail: damaged.detail }))
          const shared = ids === undefined ? yield* rules.list : yield* Effect.forEach(ids, (id) => rules.get(id))
          const connected = yield* integrations.list
          const nameOf = (id: string) => connected.find((one) => one.id === id)?.name
          return toYaml({
            format: sharedRulesFormat,
            formatVersion: sharedRulesVersion,
            rules: shared.map((rule) => toPortableRule(rule, nameOf))
          })
        }),
        import: Effect.fn("SharedRules.import")(function* (text, { dryRun }) {
          const document = yield* readYaml(text)
          const { rules: given } = yield* decode(document)
          return yield* transfer.import(
            { format: configurationFormat, formatVersion: configurationVersion, rules: given },
            { dryRun }
          )
        })
      })
    })
  )
}

const decode = decodeRequest(SharedRulesDocument)

const readYaml = (text: string): Effect.Effect<unknown, InvalidRequest> =>
  Effect.fromResult(
    Result.try({
      try: () => parse(text),
      catch: (error) => error
    })
  ).pipe(
    Effect.catch((error) =>
      Effect.fail(
        invalidField(["payload", "document"], `is not YAML: ${error instanceof Error ? error.message : String(error)}`)
      )
    )
  )
