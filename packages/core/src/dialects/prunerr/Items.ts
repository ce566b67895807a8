/** Items of the library in Prunerr's two forms: an entry of a list, and a row of its database. */
import { Effect, Schema } from "effect"
import type { ItemData } from "../../library/Item.ts"
import { Library, type ItemSummary } from "../../library/Library.ts"
import { Collections } from "../../library/Collections.ts"
import { ProtectedItems } from "../../library/ProtectedItems.ts"
import type { Protection } from "../../library/Protections.ts"
import type { RemovalSummary } from "../../removals/Removal.ts"
import { Removals } from "../../removals/Removals.ts"
import { numberOf } from "../frame/Values.ts"
import { deletionActionOf } from "../../moving/products/Prunerr/Terms.ts"
import { listStatusOf, mediaTypeOf, rawStatusOf } from "./Lenses.ts"

const OptionalText = Schema.NullOr(Schema.String)
const OptionalNumber = Schema.NullOr(Schema.Finite)
const Texts = Schema.NullOr(Schema.Array(Schema.String))

/** The collection that protects an item. */
const ProtectedBy = Schema.NullOr(Schema.Struct({ id: Schema.Int, title: Schema.String }))

export class ListItem extends Schema.Opaque<ListItem>()(
  Schema.Struct({
    id: Schema.Int,
    title: Schema.String,
    type: Schema.String,
    year: OptionalNumber,
    size: Schema.Finite,
    posterUrl: OptionalText,
    watched: Schema.NullOr(Schema.Boolean).annotate({ description: "`null` = its plays are unknown." }),
    lastWatched: OptionalText,
    addedAt: OptionalText,
    status: Schema.String,
    isProtected: Schema.Boolean,
    protectedByCollection: ProtectedBy,
    plexId: OptionalText,
    sonarrId: OptionalNumber,
    radarrId: OptionalNumber,
    tvdbId: OptionalNumber,
    tmdbId: OptionalNumber,
    imdbId: OptionalText,
    playCount: OptionalNumber,
    watchedBy: OptionalText.annotate({ description: "A JSON list of names, as a text." }),
    resolution: OptionalText,
    codec: OptionalText
  })
) {}

export class ItemRow extends Schema.Opaque<ItemRow>()(
  Schema.Struct({
    id: Schema.Int,
    type: Schema.String,
    title: Schema.String,
    plex_id: OptionalText,
    sonarr_id: OptionalNumber,
    radarr_id: OptionalNumber,
    poster_url: OptionalText,
    file_path: OptionalText,
    file_size: Schema.Finite,
    resolution: OptionalText,
    codec: OptionalText,
    added_at: OptionalText,
    last_watched_at: OptionalText,
    play_count: OptionalNumber,
    watched_by: OptionalText,
    status: Schema.String,
    marked_at: OptionalText,
    delete_after: OptionalText,
    is_protected: Schema.Boolean,
    protection_reason: OptionalText,
    protected_by_collection: ProtectedBy,
    created_at: OptionalText,
    updated_at: OptionalText,
    year: OptionalNumber,
    imdb_id: OptionalText,
    tmdb_id: OptionalNumber,
    tvdb_id: OptionalNumber,
    requested_by: OptionalText,
    deletion_action: OptionalText,
    reset_overseerr: Schema.Boolean,
    matched_rule_id: OptionalNumber,
    overseerr_reset_at: OptionalText,
    library_key: OptionalText,
    genres: Texts,
    tags: Texts,
    studio: OptionalText,
    audio_codec: OptionalText,
    video_codec: OptionalText,
    hdr: OptionalText,
    bitrate: OptionalNumber,
    runtime_minutes: OptionalNumber,
    season_count: OptionalNumber,
    episode_count: OptionalNumber,
    series_status: OptionalText,
    rating_imdb: OptionalNumber,
    rating_tmdb: OptionalNumber,
    rating_rt: OptionalNumber,
    content_rating: OptionalText,
    original_language: OptionalText,
    deleted_at: OptionalText
  })
) {}

/** Reads what an entry of a list does not contain. */
export const makeItems = Effect.gen(function* () {
  const library = yield* Library
  const protectedItems = yield* ProtectedItems
  const removals = yield* Removals
  const collections = yield* Collections

  const protectedBy = (protection: Protection | undefined, ids: ReadonlyMap<string, string>) => {
    if (protection?.collection == null) return null
    const id = ids.get(protection.collection)
    return id === undefined ? null : { id: numberOf(id), title: protection.collection }
  }

  const list = Effect.fnUntraced(function* (items: ReadonlyArray<ItemSummary>) {
    const itemIds = items.map(({ id }) => id)
    const data = yield* library.data(itemIds)
    const protections = yield* protectedItems.of(itemIds)
    const ids = [...protections.values()].some(({ collection }) => collection !== null)
      ? yield* collections.ids
      : new Map<string, string>()
    return items.map((item): (typeof ListItem)["Type"] => {
      const protection = protections.get(item.id)
      const status = listStatusOf(rawStatusOf(item, protection !== undefined))
      const { catalog, sources } = partsOf(data.get(item.id))
      return {
        ...identityOf(item),
        size: item.sizeBytes,
        posterUrl: null,
        watched: item.playCount === null ? null : item.playCount > 0,
        lastWatched: item.lastPlayedAt,
        addedAt: item.addedAt,
        status,
        isProtected: protection !== undefined,
        protectedByCollection: protectedBy(protection, ids),
        plexId: sources.serverItemId,
        ...managerIds(item),
        ...sharedIds(item),
        playCount: item.playCount,
        watchedBy: sources.watchedBy,
        resolution: catalog.resolution ?? null,
        codec: catalog.videoCodec ?? null
      }
    })
  })

  const row = Effect.fnUntraced(function* (id: string) {
    const item = yield* library.get(id)
    const stored = (yield* library.data([id])).get(id)
    const protection = (yield* protectedItems.of([id])).get(id)
    const removal: RemovalSummary | null = item.removalId === null ? null : yield* removals.get(item.removalId)
    const ids = protection?.collection == null ? new Map<string, string>() : yield* collections.ids
    const { catalog, data, sources } = partsOf(stored)
    const ratings = data?.ratings ?? {}
    const { radarrId, sonarrId } = managerIds(item)
    const { imdbId, tmdbId, tvdbId } = sharedIds(item)
    const { title, type, year } = identityOf(item)
    const found: (typeof ItemRow)["Type"] = {
      id: numberOf(id),
      type,
      title,
      plex_id: sources.serverItemId,
      sonarr_id: sonarrId,
      radarr_id: radarrId,
      poster_url: null,
      file_path: data?.filePath ?? item.path,
      file_size: item.sizeBytes,
      resolution: catalog.resolution ?? null,
      codec: catalog.videoCodec ?? null,
      added_at: item.addedAt,
      last_watched_at: item.lastPlayedAt,
      play_count: item.playCount,
      watched_by: sources.watchedBy,
      status: rawStatusOf(item, protection !== undefined),
      marked_at: removal?.createdAt ?? null,
      delete_after: removal?.scheduledAt ?? null,
      is_protected: protection !== undefined,
      protection_reason: protection?.reason ?? null,
      protected_by_collection: protectedBy(protection, ids),
      created_at: item.addedAt,
      updated_at: removal?.updatedAt ?? item.addedAt,
      year,
      imdb_id: imdbId,
      tmdb_id: tmdbId,
      tvdb_id: tvdbId,
      requested_by: data?.requests?.[0]?.names[0] ?? null,
      deletion_action: removal === null ? null : deletionActionOf(removal.action),
      reset_overseerr: removal?.resetRequest ?? false,
      matched_rule_id: removal?.ruleId == null ? null : numberOf(removal.ruleId),
      overseerr_reset_at: null,
      library_key: data?.onServers[0]?.library ?? null,
      genres: catalog.genres ?? null,
      tags: catalog.tags ?? null,
      studio: catalog.studio ?? data?.studios?.[0] ?? null,
      audio_codec: catalog.audioCodec ?? null,
      video_codec: catalog.videoCodec ?? null,
      hdr: catalog.hdr ?? null,
      bitrate: catalog.bitrate ?? null,
      runtime_minutes: catalog.runtimeMinutes ?? null,
      season_count: catalog.seasonCount ?? null,
      episode_count: catalog.episodeCount ?? null,
      series_status: catalog.showStatus ?? null,
      // The manager of shows has only one rating: their media server shows it by source.
      rating_imdb: catalog.ratingImdb ?? ratings.imdb ?? null,
      rating_tmdb: catalog.ratingTmdb ?? ratings.tmdb ?? null,
      rating_rt: catalog.ratingRottenTomatoes ?? percentOf(ratings.rottenTomatoes),
      content_rating: catalog.contentRating ?? null,
      original_language: catalog.language ?? null,
      deleted_at: item.goneAt
    }
    return found
  })

  return { list, row }
})

const identityOf = ({ id, kind, title, year }: ItemSummary) => ({
  id: numberOf(id),
  title,
  type: mediaTypeOf(kind),
  year
})

/** A rating out of ten, out of a hundred. */
const percentOf = (rating: number | undefined): number | null => (rating === undefined ? null : Math.round(rating * 10))

const partsOf = (data: ItemData | undefined) => ({
  data: data ?? null,
  catalog: data?.catalog ?? {},
  sources: {
    serverItemId: data?.onServers[0]?.serverItemId ?? null,
    watchedBy: data?.playback == null ? null : JSON.stringify(data.playback.users.map(({ user }) => user))
  }
})

/** The id of an item in its managing application, under the name of the application that Prunerr uses for it. */
const managerIds = ({ externalId, kind }: ItemSummary) => {
  const id = /^\d+$/.test(externalId) ? Number(externalId) : null
  return { radarrId: kind === "movie" ? id : null, sonarrId: kind === "movie" ? null : id }
}

const sharedIds = ({ ids, kind }: ItemSummary) => {
  const valueOf = (type: string) => ids.find((id) => id.startsWith(`${type}:`))?.slice(type.length + 1)
  const number = (text: string | undefined) => (text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null)
  return {
    tvdbId: number(valueOf("tvdb")),
    tmdbId: number(valueOf(kind === "movie" ? "tmdb-movie" : "tmdb-show")),
    imdbId: valueOf("imdb") ?? null
  }
}
