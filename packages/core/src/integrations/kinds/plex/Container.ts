/**
 * Plex's common envelope, `MediaContainer`, as JSON or as XML. Old servers and some proxies respond with XML regardless
 * of the requested type; it is mapped to the form of the JSON.
 */
import { XMLParser } from "fast-xml-parser"
import { Predicate, Schema } from "effect"
import { LenientBoolean, LenientKey, LenientList, LenientNumber, lenientListOf, LenientString } from "../Lenient.ts"

const text = Schema.optionalKey(LenientString)
const number = Schema.optionalKey(LenientNumber)

/** For `UpstreamRequest.parse`. */
export const parseContainer = (body: string, contentType: string): unknown => {
  if (!/xml/i.test(contentType) && !body.trimStart().startsWith("<")) {
    try {
      return JSON.parse(body)
    } catch {
      throw new SyntaxError("it is neither JSON nor XML")
    }
  }
  const document: unknown = parseXml(body)
  const root = Predicate.hasProperty(document, "MediaContainer") ? document.MediaContainer : undefined
  const container: unknown = Array.isArray(root) ? root[0] : root
  if (container === "") return { MediaContainer: {} }
  return Predicate.isObject(container) ? { MediaContainer: asJson(container) } : {}
}

/** The fields around the rows. An empty response has neither `Metadata` nor `Directory`. */
export const Container = Schema.Struct({
  MediaContainer: Schema.Struct({
    size: number,
    totalSize: number,
    machineIdentifier: text,
    version: text,
    librarySectionID: text,
    librarySectionTitle: text,
    Metadata: Schema.optionalKey(LenientList),
    Directory: Schema.optionalKey(LenientList),
    Account: Schema.optionalKey(LenientList)
  })
})

/** The identity of a server, which is available without a token. */
export const Identity = Schema.Struct({
  MediaContainer: Schema.Struct({ machineIdentifier: LenientKey, version: text })
})

export const Section = Schema.Struct({
  key: LenientKey,
  type: text,
  title: text,
  Location: Schema.optionalKey(lenientListOf(Schema.Struct({ path: text })))
})

/** The server itself, for its owner. */
export const ServerInfo = Schema.Struct({
  MediaContainer: Schema.Struct({ allowMediaDeletion: Schema.optionalKey(LenientBoolean) })
})

export const Account = Schema.Struct({ id: LenientKey, name: text })

const Tagged = Schema.Struct({ tag: text })

const Media = Schema.Struct({
  Part: Schema.optionalKey(lenientListOf(Schema.Struct({ file: text, size: number })))
})

/** A movie, show or season of a section. In lists, its tags may be incomplete. */
export const MetadataItem = Schema.Struct({
  ratingKey: LenientKey,
  title: text,
  year: number,
  addedAt: number,
  guid: text,
  studio: text,
  /** By critics, by the audience, and by the owner, 0..10; the images show the source of the first two. */
  rating: number,
  ratingImage: text,
  audienceRating: number,
  audienceRatingImage: text,
  userRating: number,
  parentRatingKey: text,
  index: number,
  /** For the requesting account: views to the end, the resume position, and the date of the last of both. */
  viewCount: number,
  viewOffset: number,
  viewedLeafCount: number,
  lastViewedAt: number,
  /** Milliseconds. */
  duration: number,
  Guid: Schema.optionalKey(lenientListOf(Schema.Struct({ id: text }))),
  Label: Schema.optionalKey(lenientListOf(Tagged)),
  Collection: Schema.optionalKey(lenientListOf(Tagged)),
  /** In lists of movies and episodes. */
  Media: Schema.optionalKey(lenientListOf(Media)),
  /** Folders of a show, if it is requested by its key. */
  Location: Schema.optionalKey(lenientListOf(Schema.Struct({ path: text })))
})
export type MetadataItem = typeof MetadataItem.Type

/** An entry requested by its key: it contains its type, and its section if the container does not. */
export const MetadataEntry = Schema.Struct({
  ...MetadataItem.fields,
  type: text,
  librarySectionID: text,
  librarySectionTitle: text
})
export type MetadataEntry = typeof MetadataEntry.Type

/** The people of an entry that was requested by its key; lists contain only the first few of them. */
export const Credits = Schema.Struct({
  ratingKey: LenientKey,
  Role: Schema.optionalKey(lenientListOf(Tagged)),
  Director: Schema.optionalKey(lenientListOf(Tagged)),
  Writer: Schema.optionalKey(lenientListOf(Tagged))
})
export type Credits = typeof Credits.Type

export const Playlist = Schema.Struct({ ratingKey: LenientKey, title: text })

/** A movie or an episode in a playlist, with the keys of its season and show. */
export const PlaylistItem = Schema.Struct({
  ratingKey: LenientKey,
  parentRatingKey: text,
  grandparentRatingKey: text
})

/** An entry of a list of which only the key is used. */
export const KeyedItem = Schema.Struct({ ratingKey: LenientKey })

export const Collection = Schema.Struct({
  ratingKey: LenientKey,
  title: text,
  subtype: text,
  childCount: number,
  summary: text,
  smart: Schema.optionalKey(LenientBoolean)
})
export type Collection = typeof Collection.Type

/** A label of a section, by which its entries can be listed. */
export const Label = Schema.Struct({ key: LenientKey, title: text })

/** One play by one account. Keys of deleted items may be missing. */
export const HistoryRow = Schema.Struct({
  historyKey: text,
  key: text,
  ratingKey: text,
  parentKey: text,
  parentRatingKey: text,
  grandparentKey: text,
  grandparentRatingKey: text,
  type: text,
  title: text,
  grandparentTitle: text,
  /** No known version includes these two in its history. */
  guid: text,
  grandparentGuid: text,
  originallyAvailableAt: text,
  /** The number of an episode. */
  index: number,
  parentIndex: number,
  viewedAt: number,
  accountID: text
})
export type HistoryRow = typeof HistoryRow.Type

/** What somebody is playing. */
export const SessionRow = Schema.Struct({
  key: text,
  ratingKey: text,
  parentKey: text,
  parentRatingKey: text,
  grandparentKey: text,
  grandparentRatingKey: text,
  type: text,
  title: text,
  grandparentTitle: text,
  year: number,
  /** The number of an episode. */
  index: number,
  parentIndex: number,
  viewOffset: number,
  duration: number,
  live: Schema.optionalKey(LenientBoolean),
  User: Schema.optionalKey(lenientListOf(Schema.Struct({ id: text, title: text })))
})
export type SessionRow = typeof SessionRow.Type

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseAttributeValue: false,
  parseTagValue: false,
  htmlEntities: true,
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute
})

const parseXml = (body: string): unknown => {
  try {
    return parser.parse(body, true)
  } catch {
    throw new SyntaxError("it is not XML")
  }
}

/**
 * In JSON, entries that can be played or browsed are `Metadata`; a `Directory` without a rating key remains a
 * `Directory`.
 */
const asJson = (container: object): Record<string, unknown> => {
  const result: Record<string, unknown> = {}
  const metadata: Array<unknown> = []
  for (const [name, value] of Object.entries(container)) {
    const elements: ReadonlyArray<unknown> = Array.isArray(value) ? value : []
    if (name === "Video" || name === "Track" || name === "Photo" || name === "Playlist") metadata.push(...elements)
    else if (name === "Directory") {
      metadata.push(...elements.filter((element) => Predicate.hasProperty(element, "ratingKey")))
      result["Directory"] = elements.filter((element) => !Predicate.hasProperty(element, "ratingKey"))
    } else result[name] = value
  }
  if (metadata.length > 0) result["Metadata"] = metadata
  return result
}
