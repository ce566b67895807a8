/**
 * The names that differ between applications of the creator family: `artist`, `foreignAlbumId` and `trackFileCount` in
 * one are `author`, `foreignBookId` and `bookFileCount` in another. Their schemas decode to the same type.
 */
import { Schema } from "effect"
import type { ItemKind, TypedId } from "../../Observations.ts"
import type { QueryValue } from "../../Upstream.ts"
import { maybe } from "../Lenient.ts"
import { Image } from "./Arr.ts"
import { ListedFile } from "./MediaFile.ts"

/** The application's names of creators, works and files; paths and keys of its API are derived from them. */
export interface CreatorVocabulary {
  readonly creator: Extract<ItemKind, "artist" | "author">
  readonly work: Extract<ItemKind, "album" | "book">
  /** The first half of `trackfile`. */
  readonly file: string
  /**
   * Typed ids of a creator and of a work, from the id under which the application stores them; empty if it is not a
   * shared id.
   */
  readonly creatorIds: (foreignId: string) => ReadonlyArray<TypedId>
  readonly workIds: (foreignId: string) => ReadonlyArray<TypedId>
  /** Query for one creator in the list of creators; may match all. */
  readonly creatorQuery: (foreignId: string) => Readonly<Record<string, QueryValue>>
  /** The upper end of its rating scale. */
  readonly bestRating: number
}

export interface CreatorTerms extends CreatorVocabulary {
  readonly Creator: Schema.Codec<Creator, unknown>
  readonly Work: Schema.Codec<Work, unknown>
  readonly File: Schema.Codec<WorkFile, unknown>
  /** A file as far as its removal needs it is a `File`; this is all of it. */
  readonly ListedFile: Schema.Codec<ListedWorkFile, unknown>
  /** Query parameter, such as `artistId`. */
  readonly creatorId: string
  /** Query parameter, such as `albumId`. */
  readonly workId: string
  /** Keys of bodies, such as `albumIds` and `trackFileIds`. */
  readonly workIdsKey: string
  readonly fileIdsKey: string
  /** Path of the files, such as `trackfile`. */
  readonly filePath: string
  /** Keys of a creator that is added, such as `artistName` and `foreignArtistId`. */
  readonly nameKey: string
  readonly foreignIdKey: string
  /** Keys of its `addOptions`, such as `albumsToMonitor` and `searchForMissingAlbums`. */
  readonly toMonitorKey: string
  readonly searchMissingKey: string
  /** The event of a file import in its history, such as `trackFileImported`. */
  readonly imported: string
  /** Commands, such as `AlbumSearch` and `ArtistSearch`. */
  readonly searchCommand: string
  readonly searchAllCommand: string
  readonly externalIdOf: (work: Pick<Work, "id" | "creatorId">) => string
  /** The numbers of the creator and, for a work, of the work; `null` if it is not an id of this family. */
  readonly parse: (externalId: string) => { readonly creator: string; readonly work: string | null } | null
}

export const creatorTerms = (vocabulary: CreatorVocabulary): CreatorTerms => {
  const { creator, file, work } = vocabulary
  const statistics = maybe(Statistics.pipe(Schema.encodeKeys({ fileCount: `${file}FileCount` })))
  const creatorId = `${creator}Id`
  const workId = `${work}Id`
  const nameKey = `${creator}Name`
  const foreignIdKey = `foreign${capital(creator)}Id`
  const letter = work.slice(0, 1)
  const shape = new RegExp(`^([^:]*)(?::${letter}(\\d{1,15}))?$`)
  return {
    ...vocabulary,
    creatorId,
    workId,
    nameKey,
    foreignIdKey,
    workIdsKey: `${work}Ids`,
    fileIdsKey: `${file}FileIds`,
    filePath: `${file}file`,
    toMonitorKey: `${work}sToMonitor`,
    searchMissingKey: `searchForMissing${capital(work)}s`,
    imported: `${file}FileImported`,
    searchCommand: `${capital(work)}Search`,
    searchAllCommand: `${capital(creator)}Search`,
    externalIdOf: (one) => `${one.creatorId}:${letter}${one.id}`,
    parse: (externalId) => {
      const [found, ofCreator = "", ofWork] = shape.exec(externalId) ?? []
      return found === undefined ? null : { creator: ofCreator, work: ofWork ?? null }
    },
    Creator: Schema.Struct({ ...creatorFields, statistics }).pipe(
      Schema.encodeKeys({ name: nameKey, foreignId: foreignIdKey })
    ),
    Work: Schema.Struct({
      ...workFields,
      statistics,
      creator: maybe(Maker.pipe(Schema.encodeKeys({ name: nameKey, foreignId: foreignIdKey })))
    }).pipe(Schema.encodeKeys({ creator, creatorId, foreignId: `foreign${capital(work)}Id` })),
    File: WorkFile.pipe(Schema.encodeKeys({ workId })),
    ListedFile: ListedWorkFile.pipe(Schema.encodeKeys({ workId }))
  }
}

/** Each application has counts of its own. Those without `total` are of monitored and released ones, or with a file. */
const Statistics = Schema.Struct({
  fileCount: maybe(Schema.Int),
  sizeOnDisk: maybe(Schema.Number),
  albumCount: maybe(Schema.Int),
  trackCount: maybe(Schema.Int),
  totalTrackCount: maybe(Schema.Int),
  bookCount: maybe(Schema.Int),
  availableBookCount: maybe(Schema.Int),
  totalBookCount: maybe(Schema.Int)
})

/** The latest work that is out, and the next one. */
const Neighbour = maybe(Schema.Struct({ releaseDate: maybe(Schema.String) }))

/** The creator within a single work; lists of works omit it. */
const makerFields = {
  name: maybe(Schema.String),
  foreignId: maybe(Schema.String),
  path: maybe(Schema.String),
  rootFolderPath: maybe(Schema.String),
  monitored: maybe(Schema.Boolean),
  monitorNewItems: maybe(Schema.String),
  qualityProfileId: maybe(Schema.Int),
  metadataProfileId: maybe(Schema.Int),
  tags: maybe(Schema.Array(Schema.Int))
}
const Maker = Schema.Struct(makerFields)
export type Maker = typeof Maker.Type

const Ratings = maybe(Schema.Struct({ value: maybe(Schema.Number), votes: maybe(Schema.Number) }))

const creatorFields = {
  id: Schema.Int,
  name: Schema.String,
  foreignId: maybe(Schema.String),
  sortName: maybe(Schema.String),
  path: maybe(Schema.String),
  rootFolderPath: maybe(Schema.String),
  status: maybe(Schema.String),
  monitored: maybe(Schema.Boolean),
  monitorNewItems: maybe(Schema.String),
  qualityProfileId: maybe(Schema.Int),
  metadataProfileId: maybe(Schema.Int),
  tags: maybe(Schema.Array(Schema.Int)),
  genres: maybe(Schema.Array(Schema.String)),
  added: maybe(Schema.String),
  ended: maybe(Schema.Boolean),
  lastAlbum: Neighbour,
  nextAlbum: Neighbour,
  lastBook: Neighbour,
  nextBook: Neighbour,
  ratings: Ratings,
  images: maybe(Schema.Array(Image))
}

const workFields = {
  id: Schema.Int,
  title: Schema.String,
  creatorId: Schema.Int,
  foreignId: maybe(Schema.String),
  monitored: maybe(Schema.Boolean),
  releaseDate: maybe(Schema.String),
  /** Only books have the date on which they were added. */
  added: maybe(Schema.String),
  /** Milliseconds; only albums have it. */
  duration: maybe(Schema.Number),
  albumType: maybe(Schema.String),
  secondaryTypes: maybe(Schema.Array(Schema.Struct({ name: maybe(Schema.String) }))),
  /** Of a book: `Discworld #3; Death #1`. */
  seriesTitle: maybe(Schema.String),
  genres: maybe(Schema.Array(Schema.String)),
  ratings: Ratings,
  images: maybe(Schema.Array(Image))
}

const statisticsField = { statistics: maybe(Statistics) }
const Creator = Schema.Struct({ ...creatorFields, ...statisticsField })
export type Creator = typeof Creator.Type
const Work = Schema.Struct({ ...workFields, ...statisticsField, creator: maybe(Maker) })
export type Work = typeof Work.Type
const WorkFile = Schema.Struct({ id: Schema.Int, workId: Schema.Int })
export type WorkFile = typeof WorkFile.Type
const ListedWorkFile = Schema.Struct({ ...ListedFile.fields, workId: maybe(Schema.Int) })
export type ListedWorkFile = typeof ListedWorkFile.Type

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)
