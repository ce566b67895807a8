import { Result, Schema } from "effect"
import { assert, describe, it } from "vitest"
import { evaluate } from "../../src/rules/CompiledCondition.ts"
import { linesOf } from "../../src/library/Facts/Derivations.ts"
import { FieldDescription, fieldDescriptions } from "../../src/rules/Vocabulary.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"
import { compiled, daysAgo, leaf, now, sheetOf } from "./Samples.ts"

const { fieldNamed, fields, nearestField } = itemRules

const truth = (
  field: string,
  operator: string,
  facts: Parameters<typeof sheetOf>[0],
  value?: string | number | boolean
) => evaluate(compiled(leaf(field, operator, value)), sheetOf(facts), now)

describe("The look-up of a field", () => {
  it("finds it by the names that Capacitarr uses", () => {
    const names = {
      title: "title",
      quality: "qualityProfile",
      tag: "tags",
      genre: "genres",
      rating: "rating",
      sizebytes: "sizeBytes",
      timeinlibrary: "timeInLibrary",
      monitored: "monitored",
      year: "year",
      language: "language",
      type: "kind",
      seriesstatus: "showStatus",
      seasoncount: "seasonCount",
      episodecount: "episodeCount",
      playcount: "playCount",
      lastplayed: "lastPlayedAt",
      requested: "requested",
      requestcount: "requestCount",
      requestedby: "requestedBy",
      incollection: "inCollection",
      collection: "collections",
      haslabel: "hasLabel",
      label: "labels",
      watchlist: "onWatchlist",
      watchedbyreq: "watchedByRequester"
    }
    for (const [name, field] of Object.entries(names)) assert.strictEqual(fieldNamed(name)?.name, field)
  })

  it("finds it by the names that Prunerr uses", () => {
    const names = {
      days_since_added: "daysSinceAdded",
      days_since_watched: "daysSinceWatched",
      play_count: "playCount",
      size_gb: "sizeGb",
      file_size: "sizeBytes",
      resolution: "resolution",
      resolution_number: "resolutionNumber",
      codec: "videoCodec",
      video_codec: "videoCodec",
      audio_codec: "audioCodec",
      hdr: "hdr",
      bitrate: "bitrate",
      rating_imdb: "ratingImdb",
      rating_tmdb: "ratingTmdb",
      rating_rt: "ratingRottenTomatoes",
      content_rating: "contentRating",
      watched_by_user: "watchedByUser",
      watched_by: "watchedBy",
      watched_by_count: "watchedByCount",
      never_watched: "neverWatched",
      last_watched_at: "lastPlayedAt",
      collection_membership: "collections",
      genres: "genres",
      tags: "tags",
      studio: "studio",
      runtime_minutes: "runtimeMinutes",
      season_count: "seasonCount",
      episode_count: "episodeCount",
      series_status: "showStatus",
      original_language: "language",
      requested_by: "requestedBy",
      file_path: "path",
      added_at: "addedAt"
    }
    for (const [name, field] of Object.entries(names)) assert.strictEqual(fieldNamed(name)?.name, field)
  })

  it("finds it in any case and with any separators", () => {
    for (const name of ["sizeBytes", "SIZE_BYTES", "size-bytes", " SizeBytes "]) {
      assert.strictEqual(fieldNamed(name)?.name, "sizeBytes")
    }
  })

  it("suggests the nearest field for a misspelt one, and none if it is too different", () => {
    assert.strictEqual(nearestField("siezBytes"), "sizeBytes")
    assert.strictEqual(nearestField("play_cuont"), "playCount")
    assert.isNull(nearestField("colourOfTheSky"))
  })

  it("describes every field so that a form can be built from it", () => {
    const described = fieldDescriptions(itemRules)
    assert.strictEqual(described.length, fields.length)
    const decoded = Schema.decodeUnknownResult(Schema.Array(FieldDescription))(JSON.parse(JSON.stringify(described)))
    assert.isTrue(Result.isSuccess(decoded))
    for (const field of described) assert.isNotEmpty(field.operators)
  })

  it("treats an item that was never watched as watched infinitely long ago", () => {
    const never = { lastPlayedAt: null }
    assert.strictEqual(truth("daysSinceWatched", ">", never, 90), "true")
    assert.strictEqual(truth("daysSinceWatched", "overAgo", never, 90), "true")
    assert.strictEqual(truth("daysSinceWatched", "<", never, 90), "false")
    assert.strictEqual(truth("daysSinceWatched", "isEmpty", never), "true")
    assert.strictEqual(truth("lastPlayedAt", "overAgo", never, 90), "true")
    assert.strictEqual(truth("lastPlayedAt", "inLast", never, 90), "false")
    assert.strictEqual(truth("lastPlayedAt", "never", never), "true")
  })

  it("does not treat a missing added date as a long time ago", () => {
    assert.strictEqual(truth("timeInLibrary", "overAgo", { addedAt: null }, 90), "false")
    assert.strictEqual(truth("timeInLibrary", ">", { addedAt: null }, 90), "false")
    assert.strictEqual(truth("addedAt", "overAgo", { addedAt: null }, 90), "false")
  })

  it("measures time in the library with fractions, and days since added without", () => {
    const facts = { addedAt: daysAgo(90.5) }
    assert.strictEqual(truth("timeInLibrary", ">", facts, 90), "true")
    assert.strictEqual(truth("daysSinceAdded", ">", facts, 90), "false")
    assert.strictEqual(truth("daysSinceAdded", "equals", facts, 90), "true")
  })

  it("measures gigabytes in units of 2^30 bytes", () => {
    assert.strictEqual(truth("sizeGb", "equals", { sizeBytes: 5 * 2 ** 30 }, 5), "true")
    assert.strictEqual(truth("size_gb", ">", { sizeBytes: 5_000_000_000 }, 5), "false")
  })

  it("reads the lines of a resolution from its name", () => {
    const cases = {
      "4K": 2160,
      "2160p": 2160,
      "1080p": 1080,
      "WEBDL-1080p": 1080,
      "1080": 1080,
      "720P": 720,
      "480i": 480
    }
    for (const [name, lines] of Object.entries(cases)) assert.strictEqual(linesOf(name), lines)
    assert.strictEqual(linesOf("SD"), 576)
    assert.isNull(linesOf("unknown"))
    assert.isNull(linesOf(null))
  })

  it("does not treat an item without resolution as low-quality", () => {
    assert.strictEqual(truth("resolutionNumber", "<", { resolution: null }, 1080), "false")
  })

  it("knows that a movie has no show status, while that of a show may be unknown", () => {
    assert.strictEqual(truth("showStatus", "equals", { kind: "movie" }, "ended"), "false")
    assert.strictEqual(truth("showStatus", "notEquals", { kind: "movie" }, "ended"), "true")
    assert.strictEqual(truth("showStatus", "equals", { kind: "show" }, "ended"), "unknown")
  })

  it("derives whether, and how many, from lists", () => {
    const plays = ["Ann", "Bob"].map((user) => ({ user, plays: 1, lastPlayedAt: null }))
    const facts = {
      plays,
      watchedBy: ["Ann", "ann@example.test", "Bob"],
      collections: [],
      labels: ["keep"],
      playCount: 0
    }
    assert.strictEqual(truth("watchedByCount", "equals", facts, 2), "true")
    assert.strictEqual(truth("inCollection", "equals", facts, false), "true")
    assert.strictEqual(truth("hasLabel", "equals", facts, true), "true")
    assert.strictEqual(truth("neverWatched", "equals", facts, true), "true")
  })
})
