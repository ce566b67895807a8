/** The envelope of Prunerr's responses, and bodies that several groups use. */
import { Schema } from "effect"
import type { NumberedPage } from "../frame/Paging.ts"
import { IdInBody, optionalBody } from "../frame/Values.ts"
import { DeletionAction } from "../../moving/products/Prunerr/Terms.ts"

/** `{ "success": true, "data": …, "message"? }` */
export const enveloped = <S extends Schema.Constraint>(data: S) =>
  Schema.Struct({ success: Schema.Literal(true), data, message: Schema.optionalKey(Schema.String) })

export const ok = <A>(data: A) => ({ success: true as const, data })

export const withMessage = <A>(data: A, message: string) => ({ success: true as const, data, message })

/** `{ "success": true, "message": … }` */
export class Told extends Schema.Opaque<Told>()(
  Schema.Struct({ success: Schema.Literal(true), message: Schema.String })
) {}

export const messageOnly = (message: string) => ({ success: true as const, message })

const totals = { total: Schema.Int, page: Schema.Int, totalPages: Schema.Int, limit: Schema.Int }

/** A page below `data`. */
export const pageOf = <S extends Schema.Constraint>(item: S) =>
  enveloped(Schema.Struct({ items: Schema.Array(item), ...totals }))

/** A list in `data`, with its totals next to it. */
export const listed = <S extends Schema.Constraint>(item: S) =>
  Schema.Struct({ success: Schema.Literal(true), data: Schema.Array(item), ...totals })

export const okPage = <A>({ items, ...rest }: NumberedPage<A>) => ok({ items, ...rest })

export const okList = <A>({ items, ...rest }: NumberedPage<A>) => ({ success: true as const, data: items, ...rest })

/** A list that is not in pages, with the totals of its only page. */
export const whole = <A>(items: ReadonlyArray<A>) =>
  okList({ items, total: items.length, page: 1, totalPages: items.length === 0 ? 0 : 1, limit: items.length })

const GracePeriodDays = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3650 })).annotate({
  description: "Whole days until it is deleted; 7 by default."
})

/** What is done to an item that is marked. */
export const marking = {
  gracePeriodDays: Schema.optionalKey(Schema.NullOr(GracePeriodDays)),
  deletionAction: Schema.optionalKey(
    Schema.NullOr(DeletionAction).annotate({ description: "`unmonitor_and_delete` by default." })
  ),
  resetOverseerr: Schema.optionalKey(
    Schema.NullOr(Schema.Boolean).annotate({ description: "Whether its request is reset afterwards; no by default." })
  )
}

export class Marking extends Schema.Opaque<Marking>()(Schema.Struct(marking)) {}

export const OptionalMarking = optionalBody(Marking)

const Ids = Schema.Array(IdInBody).check(Schema.isMinLength(1), Schema.isMaxLength(1000))

export class BulkMarking extends Schema.Opaque<BulkMarking>()(Schema.Struct({ ids: Ids, ...marking })) {}

export class BulkProtecting extends Schema.Opaque<BulkProtecting>()(
  Schema.Struct({ ids: Ids, reason: Schema.optionalKey(Schema.NullOr(Schema.String)) })
) {}

/** What an action did to each of several items. */
export class BulkResult extends Schema.Opaque<BulkResult>()(
  Schema.Struct({
    success: Schema.Array(Schema.Struct({ id: Schema.Int, title: Schema.String })),
    failed: Schema.Array(Schema.Struct({ id: Schema.Int, error: Schema.String })),
    skipped: Schema.Array(Schema.Struct({ id: Schema.Int, title: Schema.String, reason: Schema.String }))
  })
) {}

export class Reason extends Schema.Opaque<Reason>()(
  Schema.Struct({ reason: Schema.optionalKey(Schema.NullOr(Schema.String.check(Schema.isMaxLength(500)))) })
) {}

export const bytesText = (bytes: number): string => {
  const units = ["B", "KB", "MB", "GB", "TB", "PB", "EB"]
  const power = bytes <= 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${Number((bytes / 1024 ** power).toFixed(2))} ${units[power] ?? "B"}`
}
