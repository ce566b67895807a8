/** Downloads that wait for their import, in pages. */
import { Context, Effect, Layer, Schema } from "effect"
import type { InvalidRequest } from "../../problems/Problem.ts"
import type { RulesUnreadable } from "../../rules/Rules.ts"
import { decodeCursor, encodeCursor, type Page, pageLimit } from "../../storage/Pages.ts"
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
        page: Effect.fn("ImportViews.page")(function* ({ cursor, limit: asked, outcome }) {
          const limit = yield* pageLimit(asked)
          const after = cursor === undefined ? null : yield* decodeCursor(order, 2, cursor)
          const found = (yield* imports.judge)
            .filter((one) => (outcome === undefined ? isOfInterest(one.outcome) : one.outcome === outcome))
            .map((one) => ({ one, name: one.name.toLowerCase(), id: Number(one.downloadId) }))
            .toSorted((a, b) => (a.name === b.name ? a.id - b.id : a.name < b.name ? -1 : 1))
            .filter(({ id, name }) => {
              if (after === null) return true
              const last = String(after[0])
              return name > last || (name === last && id > Number(after[1]))
            })
          const items = found.slice(0, limit)
          const last = items.at(-1)
          return {
            items: items.map(({ one }) => one),
            nextCursor: last === undefined || found.length <= limit ? null : encodeCursor(order, [last.name, last.id])
          }
        })
      })
    })
  )
}

const order = "downloads/imports"
