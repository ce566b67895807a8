/** Compares what applying a move would do now with what its preview says. */
import { Array as Arr, Schema } from "effect"
import { toJson } from "../storage/Rows.ts"
import type { Carried } from "./Carrying/Carried.ts"
import { MoveInEntry } from "./MoveIn.ts"

/** An entry of a preview as it is stored. */
export const KeyedEntry = Schema.Struct({ key: Schema.String, ...MoveInEntry.fields })

/** What the preview says of a record, without what changes by itself. */
const promiseOf = ({ because, connection, itemId, outcome, removal, rule, section }: MoveInEntry): string =>
  toJson([
    section,
    outcome,
    because,
    itemId,
    removal ?? null,
    rule ?? null,
    ...(connection === undefined ? [] : [connection])
  ])

/** The records that would be treated differently than the preview says. */
export const differencesOf = (
  before: ReadonlyArray<typeof KeyedEntry.Type>,
  now: ReadonlyArray<Carried>
): ReadonlyArray<string> => {
  const shown = Arr.groupBy(before, ({ key, section }) => `${section} ${key}`)
  return now.flatMap(({ entry, key }) => {
    const was = shown[`${entry.section} ${key}`]?.find((one) => promiseOf(one) === promiseOf(entry))
    return was === undefined
      ? [
          `${entry.section}: "${entry.title}" is now ${entry.outcome}${entry.because === null ? "" : ` (${entry.because})`}`
        ]
      : []
  })
}
