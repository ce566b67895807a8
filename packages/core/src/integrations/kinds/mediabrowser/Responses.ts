/** Responses of Jellyfin and Emby, as far as they are used. Emby omits fields that are not requested by name. */
import { Schema } from "effect"
import { LenientKey, LenientNumber, LenientString, maybe } from "../Lenient.ts"

const text = Schema.optionalKey(LenientString)
const number = Schema.optionalKey(LenientNumber)
const flag = maybe(Schema.Boolean)
const list = maybe(Schema.Array(Schema.Unknown))

export const SystemInfo = Schema.Struct({ Id: text, Version: text, ProductName: text })

/** The fields around the rows of a list. */
export const ListPage = Schema.Struct({ Items: Schema.Array(Schema.Unknown), TotalRecordCount: number })

/** Restrictions on what a user may see. */
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

export const Library = Schema.Struct({
  Name: text,
  ItemId: text,
  CollectionType: text,
  Locations: maybe(Schema.Array(LenientString))
})
export type Library = typeof Library.Type

/** The parents of an entry: an episode's season and show, a season's show. */
const place = { Id: LenientKey, Type: text, SeriesId: text, SeasonId: text }

/** An entry of which only the key is used. */
export const Keyed = Schema.Struct({ Id: LenientKey })

/** An entry of a library, of a collection, or among a user's favourites. */
export const Item = Schema.Struct({
  ...place,
  Name: text,
  ProductionYear: number,
  IndexNumber: number,
  DateCreated: text,
  Path: text,
  /** 0..10. */
  CommunityRating: number,
  /** 0..100. */
  CriticRating: number,
  Studios: maybe(Schema.Array(Schema.Struct({ Name: text }))),
  /** Present if there is more than one. */
  MediaSourceCount: number,
  ProviderIds: maybe(Schema.Record(Schema.String, LenientString)),
  Tags: maybe(Schema.Array(LenientString)),
  /** Tags in the format of newer versions of Emby. */
  TagItems: maybe(Schema.Array(Schema.Struct({ Name: text })))
})
export type Item = typeof Item.Type

/** A collection. */
export const BoxSet = Schema.Struct({ Id: LenientKey, Name: text, Overview: text })
export type BoxSet = typeof BoxSet.Type

/** An entry of a library, or an episode, with its files. */
export const Video = Schema.Struct({
  ...Item.fields,
  RunTimeTicks: number,
  MediaSources: maybe(Schema.Array(Schema.Struct({ Path: text, Size: number })))
})
export type Video = typeof Video.Type

/** The people of an entry. */
export const Credits = Schema.Struct({
  Id: LenientKey,
  People: maybe(Schema.Array(Schema.Struct({ Name: text, Type: text })))
})
export type Credits = typeof Credits.Type

/** The files of an entry. Each merged version is an entry of its own, which is not in any list. */
export const Versions = Schema.Struct({
  Id: LenientKey,
  MediaSources: maybe(Schema.Array(Schema.Struct({ Id: text, Path: text })))
})
export type Versions = typeof Versions.Type

/** A movie or an episode with the state of one user. */
export const UserItem = Schema.Struct({
  ...place,
  SeriesName: text,
  IndexNumber: number,
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

/** The user to whom the key belongs. */
export const Me = Schema.Struct({ Policy: maybe(Schema.Struct({ EnableContentDeletion: flag })) })

/** A connected device, and what is being played on it. */
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
      IndexNumber: number,
      ParentIndexNumber: number,
      RunTimeTicks: number
    })
  )
})
export type Session = typeof Session.Type
