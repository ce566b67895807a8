/** What Jellyfin and Emby answer, as far as we read it. Emby leaves out what it was not asked for by name. */
import { Schema } from "effect"
import { LenientKey, LenientNumber, LenientString, maybe } from "../Lenient.ts"

const text = Schema.optionalKey(LenientString)
const number = Schema.optionalKey(LenientNumber)
const flag = maybe(Schema.Boolean)
const list = maybe(Schema.Array(Schema.Unknown))

export const SystemInfo = Schema.Struct({ Id: text, Version: text, ProductName: text })

/** What stands around the rows of a list. */
export const ListPage = Schema.Struct({ Items: Schema.Array(Schema.Unknown), TotalRecordCount: number })

/** What keeps things from somebody's eyes. */
const Policy = Schema.Struct({
  IsAdministrator: flag,
  IsDisabled: flag,
  EnableAllFolders: flag,
  MaxParentalRating: number,
  BlockedTags: list,
  AllowedTags: list,
  BlockUnratedItems: list
})

export const User = Schema.Struct({ Id: LenientKey, Name: text, Policy: maybe(Policy) })
export type User = typeof User.Type

export const Library = Schema.Struct({ Name: text, ItemId: text, CollectionType: text })
export type Library = typeof Library.Type

/** Where an entry stands: an episode in its season and show, a season in its show. */
const place = { Id: LenientKey, Type: text, SeriesId: text, SeasonId: text }

/** An entry of which only the key counts. */
export const Keyed = Schema.Struct({ Id: LenientKey })

/** An entry of a library, of a collection, or among somebody's favourites. */
export const Item = Schema.Struct({
  ...place,
  Name: text,
  ProductionYear: number,
  IndexNumber: number,
  DateCreated: text,
  Path: text,
  /** Told where there is more than one. */
  MediaSourceCount: number,
  ProviderIds: maybe(Schema.Record(Schema.String, LenientString)),
  Tags: maybe(Schema.Array(LenientString)),
  /** Tags as newer versions of Emby give them. */
  TagItems: maybe(Schema.Array(Schema.Struct({ Name: text })))
})
export type Item = typeof Item.Type

/** The files of an entry. Each of merged versions is an entry of its own, which no list shows. */
export const Versions = Schema.Struct({
  Id: LenientKey,
  MediaSources: maybe(Schema.Array(Schema.Struct({ Id: text, Path: text })))
})
export type Versions = typeof Versions.Type

/** A movie or an episode as one user has left it. */
export const UserItem = Schema.Struct({
  ...place,
  SeriesName: text,
  ParentIndexNumber: number,
  RunTimeTicks: number,
  MediaSourceCount: number,
  UserData: maybe(
    Schema.Struct({
      PlayCount: number,
      PlaybackPositionTicks: number,
      LastPlayedDate: text,
      Played: flag
    })
  )
})
export type UserItem = typeof UserItem.Type

/** A connected device, and what is played on it. */
export const Session = Schema.Struct({
  UserId: text,
  UserName: text,
  AdditionalUsers: maybe(Schema.Array(Schema.Struct({ UserId: text, UserName: text }))),
  PlayState: maybe(Schema.Struct({ PositionTicks: number })),
  NowPlayingItem: maybe(
    Schema.Struct({
      Id: text,
      Type: text,
      Name: text,
      ProductionYear: number,
      SeriesId: text,
      SeriesName: text,
      SeasonId: text,
      ParentIndexNumber: number,
      RunTimeTicks: number
    })
  )
})
export type Session = typeof Session.Type
