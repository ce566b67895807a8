/** The log entry of a change: the given fields with their values before and after. */
import { Schema } from "effect"

const Fields = Schema.Record(Schema.String, Schema.Unknown)

/** For payloads of events: which fields there are depends on what was changed. */
export const changeFields = {
  before: Fields.annotate({ description: "What was changed, as it was." }),
  after: Fields.annotate({ description: "The same fields, as they are now." })
}

export interface Change {
  readonly before: Readonly<Record<string, unknown>>
  readonly after: Readonly<Record<string, unknown>>
}

/** The change that a patch makes to the stored values. Fields that the patch does not change are omitted. */
export const changeOf = (before: object, patch: object): Change & Readonly<Record<string, unknown>> => {
  const keys = Object.keys(patch)
  const pick = (value: object) =>
    Object.fromEntries(Object.entries(value).filter(([key, field]) => keys.includes(key) && field !== undefined))
  return { before: pick(before), after: pick(patch) }
}
