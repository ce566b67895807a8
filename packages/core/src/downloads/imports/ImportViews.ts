/** Downloads that wait for their import, in pages. */
import { Context, Effect, Layer, Schema } from "effect"
import type { InvalidRequest } from "../../problems/Problem.ts"
import type { RulesUnreadable } from "../../rules/Rules.ts"
import type { Page } from "../../storage/Pages.ts"
import { namedPage } from "../NamedPages.ts"
import { ImportOutcomeName, type WaitingImport } from "./ImportReport.ts"
import { Imports, isOfInterest } from "./Imports.ts"

export const ImportsQuery = Schema.Struct({
  outcome: Schema.optionalKey(ImportOutcomeName).annotate({
    description: "By default, all but `nobody`, `incomplete`, `imported` and `ignored`."
  })
})
export type ImportsQuery = typeof ImportsQuery.Type & {
  readonly limit?: number
  readonly cursor?: string
}

export class ImportViews extends Context.Service<
  ImportViews,
  {
    /** By name, as everything was last read; nothing is asked or changed. */
    readonly page: (query: ImportsQuery) => Effect.Effect<Page<WaitingImport>, InvalidRequest | RulesUnreadable>
  }
>()("tendarr/downloads/imports/ImportViews") {
  static readonly layer = Layer.effect(
    ImportViews,
    Effect.gen(function* () {
      const imports = yield* Imports
      return ImportViews.of({
        page: Effect.fn("ImportViews.page")((query) =>
          namedPage(
            "downloads/imports",
            query,
            Effect.map(imports.judge, (all) =>
              all.filter(({ outcome }) =>
                query.outcome === undefined ? isOfInterest(outcome) : outcome === query.outcome
              )
            )
          )
        )
      })
    })
  )
}
