/** Requests as the application lists them. */
import { Schema } from "effect"
import type { RequestEntry } from "../../Observations.ts"
import type { OddField } from "../../OddRecords.ts"
import { LenientKey, LenientNumber, LenientString, maybe } from "../Lenient.ts"
import { distinctTexts, idOf, isoOrNull, mailIdsOf, sharedIdsOf, textOrNull } from "../Values.ts"

export const api = "api/v1"
export const pageSize = 100

export const RequestPage = Schema.Struct({
  pageInfo: Schema.Struct({ results: LenientNumber }),
  results: Schema.Array(Schema.Unknown)
})

const text = Schema.optionalKey(LenientString)

export const SeerrUser = Schema.Struct({
  id: text,
  displayName: text,
  username: text,
  plexUsername: text,
  jellyfinUsername: text,
  email: text,
  plexId: text,
  jellyfinUserId: text
})
export type SeerrUser = typeof SeerrUser.Type

export const MediaRequest = Schema.Struct({
  id: LenientKey,
  /** New versions have added numbers before. */
  status: Schema.optionalKey(Schema.Unknown),
  type: Schema.String,
  is4k: maybe(Schema.Boolean),
  createdAt: maybe(Schema.String),
  /** Of its last change: the approval, as long as its status is that. */
  updatedAt: maybe(Schema.String),
  media: maybe(
    Schema.Struct({
      id: maybe(LenientKey),
      status: Schema.optionalKey(Schema.Unknown),
      status4k: Schema.optionalKey(Schema.Unknown),
      /** When the usual copy of the title, or the only one, could be played. */
      mediaAddedAt: maybe(Schema.String),
      tmdbId: maybe(Schema.Number),
      tvdbId: maybe(Schema.Number),
      imdbId: maybe(Schema.String)
    })
  ),
  seasons: maybe(Schema.Array(Schema.Struct({ seasonNumber: Schema.Int, status: Schema.optionalKey(Schema.Unknown) }))),
  /** `null` if the user was deleted. */
  requestedBy: maybe(SeerrUser),
  /** Who approved or declined it last. */
  modifiedBy: maybe(SeerrUser)
})
export type MediaRequest = typeof MediaRequest.Type

const types = ["movie", "tv"]
export const isKnownType = (type: string): boolean => types.includes(type)

const statuses = ["pending", "approved", "declined", "failed", "completed"] as const

/** From a number starting at 1, possibly as a string. */
export const statusOf = (status: unknown): RequestEntry["status"] => statuses[Number(status) - 1] ?? "unknown"

/** `null` = the requested title could not be read. */
export const entryOf = (request: MediaRequest, oddFields: ReadonlyArray<OddField> = []): RequestEntry | null => {
  const isMovie = request.type === "movie"
  const { media, requestedBy: by } = request
  const isOdd = (field: RegExp) => oddFields.some(({ path }) => field.test(path))
  const ids = [
    ...idOf(isMovie ? "tmdb-movie" : "tmdb-show", media?.tmdbId),
    ...(isMovie ? [] : idOf("tvdb", media?.tvdbId)),
    ...idOf("imdb", media?.imdbId)
  ]
  // One id is enough to find the title.
  if (ids.length === 0) return null
  const status = statusOf(request.status)
  // Individual seasons may have been declined.
  const wanted = (request.seasons ?? []).filter(
    (season) => status === "declined" || statusOf(season.status) !== "declined"
  )
  const isDeclined = wanted.length === 0 && (request.seasons ?? []).length > 0
  const seasons = (isDeclined ? (request.seasons ?? []) : wanted).map((season) => season.seasonNumber)
  return {
    requestId: request.id,
    kind: isMovie ? "movie" : "show",
    ids,
    // If the seasons cannot be read, the request may be for any season.
    seasons: isMovie || seasons.length === 0 || isOdd(/^seasons/) ? null : seasons,
    status: isDeclined ? "declined" : status,
    ...(request.is4k === true ? { is4k: true } : {}),
    requesterNames: namesOfUser(by),
    ...accountOfUser(by),
    requestedAt: isoOrNull(request.createdAt),
    ...approvalOf(request, isDeclined ? "declined" : status),
    ...(media?.mediaAddedAt === undefined || isOdd(/^media\.mediaAddedAt/)
      ? {}
      : { availableAt: isoOrNull(media.mediaAddedAt) })
  }
}

/** Watch statistics may know a person only by the ids. */
export const namesOfUser = (by: SeerrUser | null | undefined): ReadonlyArray<string> =>
  distinctTexts([
    by?.displayName,
    by?.username,
    by?.plexUsername,
    by?.jellyfinUsername,
    by?.email,
    by?.plexId,
    by?.jellyfinUserId
  ])

export const accountOfUser = (by: SeerrUser | null | undefined): Pick<RequestEntry, "requester"> =>
  textOrNull(by?.id) === null
    ? {}
    : {
        requester: {
          id: by?.id ?? "",
          sharedIds: [...sharedIdsOf(by?.plexId, by?.jellyfinUserId), ...loginsOf(by), ...mailIdsOf(by?.email)]
        }
      }

/**
 * An approval has no date of its own: the request is updated by it, and again when it is completed or fails. A request
 * that was approved as it was made was never updated.
 */
const approvalOf = (
  { createdAt, modifiedBy, updatedAt }: MediaRequest,
  status: RequestEntry["status"]
): Pick<RequestEntry, "approvedAt" | "approvedBy"> => {
  if (status === "pending" || status === "declined") return { approvedAt: null }
  if (status === "unknown") return {}
  const at = isoOrNull(updatedAt)
  const by = namesOfUser(modifiedBy)
  return {
    ...(at !== null && (status === "approved" || at === isoOrNull(createdAt)) ? { approvedAt: at } : {}),
    ...(by.length === 0 ? {} : { approvedBy: by })
  }
}

/** The login at plex.tv, by which a server knows its owner. */
const loginsOf = (by: SeerrUser | null | undefined): ReadonlyArray<string> => {
  const login = textOrNull(by?.plexUsername)
  return login === null ? [] : [`login:${login.toLowerCase()}`]
}
