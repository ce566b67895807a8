/** What Jellyfin and Emby answer, as far as we read it. Emby leaves out what it was not asked for by name. */
import { Schema } from "effect"
import { LenientKey, LenientNumber, LenientString, maybe } from "../Lenient.ts"

const text = Schema.optionalKey(LenientString)
const number = Schema.optionalKey(LenientNumber)

export const SystemInfo = Schema.Struct({ Id: text, Version: text, ProductName: text })

/** What stands around the rows of a list. */
export const ListPage = Schema.Struct({ Items: Schema.Array(Schema.Unknown), TotalRecordCount: number })

export const User = Schema.Struct({
  Id: LenientKey,
  Name: text,
  Policy: maybe(Schema.Struct({ IsAdministrator: maybe(Schema.Boolean), IsDisabled: maybe(Schema.Boolean) }))
})
export type User = typeof User.Type

export const Library = Schema.Struct({ Name: text, ItemId: text, CollectionType: text })
export type Library = typeof Library.Type

/** Where an entry stands: an episode in its season and show, a season in its show. */
const place = { Id: LenientKey, Type: text, SeriesId: text, SeasonId: text }

/** An entry of a library, of a collection, or among somebody's favourites. */
export const Item = Schema.Struct({
  ...place,
  Name: text,
  ProductionYear: number,
  IndexNumber: number,
  DateCreated: text,
  ProviderIds: maybe(Schema.Record(Schema.String, LenientString)),
  Tags: maybe(Schema.Array(LenientString)),
  /** Tags as newer versions of Emby give them. */
  TagItems: maybe(Schema.Array(Schema.Struct({ Name: text })))
})
export type Item = typeof Item.Type

/** A movie or an episode as one user has left it. */
export const UserItem = Schema.Struct({
  ...place,
  ParentIndexNumber: number,
  UserData: maybe(
    Schema.Struct({
      PlayCount: number,
      PlaybackPositionTicks: number,
      LastPlayedDate: text,
      Played: maybe(Schema.Boolean)
    })
  )
})
export type UserItem = typeof UserItem.Type
