/**
 * Every answer that was recorded from a real upstream of a kind is decoded by what the kind reads it with, or is of a call
 * that the kind never makes. A recording that is neither fails: nothing that is there goes unread by oversight.
 */
import { assert, describe, it } from "@effect/vitest"
import { Predicate, Schema } from "effect"
import * as Arr from "../../../src/integrations/kinds/arr/Arr.ts"
import { creatorTerms } from "../../../src/integrations/kinds/arr/CreatorTerms.ts"
import { MediaFile } from "../../../src/integrations/kinds/arr/MediaFile.ts"
import { Movie } from "../../../src/integrations/kinds/arr/MovieCatalog.ts"
import { Series } from "../../../src/integrations/kinds/arr/SeriesCatalog.ts"
import { EpisodeFile } from "../../../src/integrations/kinds/arr/SeriesRemoval.ts"
import { Item, ListPage, User, UserItem } from "../../../src/integrations/kinds/mediabrowser/Answers.ts"
import {
  Container,
  HistoryRow as PlexRow,
  MetadataItem,
  parseContainer
} from "../../../src/integrations/kinds/plex/Container.ts"
import { MediaRequest, RequestPage } from "../../../src/integrations/kinds/seerr/Requests.ts"
import { HistoryPage, HistoryRow } from "../../../src/integrations/kinds/tautulli.ts"
import { fixture, fixtureNames, fixtureText, hasShared } from "../support/Shared.ts"

type Codec = Schema.Codec<unknown, unknown>
/** Decodes one recording, from its path below the folder of recordings. */
type Reading = (path: string) => void

const decode = (schema: Codec, value: unknown) => Schema.decodeUnknownSync(schema)(value)

/** A list, or one of its entries. */
const rows =
  (schema: Codec): Reading =>
  (path) => {
    const value = fixture(path)
    const all: ReadonlyArray<unknown> = Array.isArray(value) ? value : [value]
    assert.isAbove(all.length, 0)
    for (const one of all) decode(schema, one)
  }

/** The entries that stand under a key of the answer, each in the page that the kind reads around them. */
const under =
  (key: string, schema: Codec, page: Codec = Schema.Unknown): Reading =>
  (path) => {
    const value = fixture(path)
    decode(page, value)
    const all: unknown = Predicate.hasProperty(value, key) ? value[key] : undefined
    if (!Array.isArray(all)) return assert.fail(`no ${key}`)
    assert.isAbove(all.length, 0)
    for (const one of all) decode(schema, one)
  }

const plain = { creatorIds: () => [], workIds: () => [], creatorQuery: () => ({}), bestRating: 10 }
const music = creatorTerms({ ...plain, creator: "artist", work: "album", file: "track" })
const books = creatorTerms({ ...plain, creator: "author", work: "book", file: "book" })

const plexContainer: Reading = (path) => {
  const { MediaContainer } = Schema.decodeUnknownSync(Container)(parseContainer(fixtureText(path), "text/xml"))
  for (const row of MediaContainer.Metadata ?? []) {
    decode(MetadataItem, row)
    decode(PlexRow, row)
  }
}

const tautulliHistory: Reading = (path) => {
  const { response } = Schema.decodeUnknownSync(HistoryPage)(fixture(path))
  if (response.result !== "success") return assert.fail("it is a success")
  for (const row of response.data.data) decode(HistoryRow, row)
}

/** What the kind reads of each folder, by the start of the name; and what it never asks for. */
interface Folder {
  readonly folder: string
  readonly read: Readonly<Record<string, Reading>>
  readonly notAsked: RegExp
}

const arrNotAsked =
  /^(alttitle|blocklist|calendar|command|config-|credit|customfilter|delayprofile|download|episode\.|episodemonitor|extrafile|filesystem|health|history|importlist|indexer|language|log|manualimport|metadata|notification|parse|quality(definition)|queue|release|remotepath|rename|restart|restriction|retag|search|shutdown|system-(backup|task)|update|validation|wanted|albumstudio|bookshelf|series\.json|track\.json|track-details|sonarr)/

const requestFolder = (folder: string): Folder => ({
  folder,
  read: {
    "request.json": under("results", MediaRequest, RequestPage),
    create_movie_request: rows(MediaRequest),
    create_tv_request: rows(MediaRequest),
    status: rows(Schema.Struct({ version: Schema.String })),
    no_access: rows(Schema.Unknown)
  },
  notAsked: /^(issue|movie|tv|search_|watchlist|webhook_config|request_count)/
})

const plexElsewhere = /^(plextv_|sonos_|player_|security_token|empty_payload)/

const folders: ReadonlyArray<Folder> = [
  {
    folder: "arr-common/aiopyarr",
    read: {
      diskspace: rows(Arr.DiskSpace),
      exclusions: rows(Arr.Exclusion),
      "qualityprofile.json": rows(Arr.QualityProfile),
      rootfolder: rows(Arr.RootFolder),
      "system-status": rows(Arr.SystemStatus),
      "tag.json": rows(Arr.Tag)
    },
    notAsked: arrNotAsked
  },
  {
    folder: "radarr/aiopyarr",
    read: {
      "movie.json": rows(Movie),
      "movie-": rows(Movie),
      calendar: rows(Movie),
      moviefile: rows(MediaFile),
      "tag-detail": rows(Arr.Tag)
    },
    notAsked: arrNotAsked
  },
  {
    folder: "radarr/home-assistant",
    read: { movie: rows(Movie), rootfolder: rows(Arr.RootFolder), "system-status": rows(Arr.SystemStatus) },
    notAsked: arrNotAsked
  },
  {
    folder: "sonarr/aiopyarr",
    read: { "series.json": rows(Series), episodefile: rows(EpisodeFile), "tag-detail": rows(Arr.Tag) },
    // What a search finds is no entry of the library yet, and has no id.
    notAsked: new RegExp(`${arrNotAsked.source}|^series-lookup`)
  },
  {
    folder: "sonarr/home-assistant",
    read: { series: rows(Series), diskspace: rows(Arr.DiskSpace), "system-status": rows(Arr.SystemStatus) },
    notAsked: arrNotAsked
  },
  {
    folder: "lidarr/aiopyarr",
    read: {
      "artist.json": rows(music.Creator),
      "album.json": rows(music.Work),
      calendar: rows(music.Work),
      trackfile: rows(music.File),
      rootfolder: rows(Arr.RootFolder),
      "tag-detail": rows(Arr.Tag)
    },
    notAsked: new RegExp(`${arrNotAsked.source}|^album-lookup`)
  },
  { folder: "lidarr/home-assistant", read: { "system-status": rows(Arr.SystemStatus) }, notAsked: arrNotAsked },
  {
    folder: "readarr/aiopyarr",
    read: {
      "author.json": rows(books.Creator),
      "book.json": rows(books.Work),
      calendar: rows(books.Work),
      wanted: under("records", books.Work),
      "book-file": rows(books.File),
      rootfolder: rows(Arr.RootFolder),
      "tag-detail": rows(Arr.Tag)
    },
    notAsked: new RegExp(`${arrNotAsked.source}|^(author|book)-lookup`)
  },
  requestFolder("overseerr/python-overseerr"),
  requestFolder("seerr/python-overseerr"),
  {
    folder: "tautulli/recorded-2.17.2",
    read: { get_history: tautulliHistory, get_tautulli_info: rows(Schema.Unknown) },
    // Refusals stand in Recorded, with what becomes of them.
    notAsked:
      /^(INDEX|bad-apikey|no-apikey|unknown|delete_|get_(activity|home|item|librar|metadata|plays|settings|user)|server_status|status)/
  },
  { folder: "tautulli/home-assistant", read: {}, notAsked: /^(get_(activity|home_stats|users)|invalid_auth)/ },
  {
    folder: "jellyfin/home-assistant",
    read: {
      "user-items": (path) => {
        for (const schema of [Item, UserItem]) under("Items", schema, ListPage)(path)
      },
      "get-media-folders": under("Items", Item, ListPage),
      "get-item-collection": rows(Item),
      "auth-login.json": rows(Schema.Struct({ User }))
    },
    notAsked: /^(auth-connect|auth-login-failure|get-user-settings|sessions)/
  },
  {
    folder: "plex/home-assistant",
    // All but what plex.tv and players answer, whose envelopes are others.
    read: Object.fromEntries(
      fixtureNames("plex/home-assistant")
        .filter((name) => !plexElsewhere.test(name))
        .map((name): [string, Reading] => [name, plexContainer])
    ),
    notAsked: plexElsewhere
  }
]

describe.skipIf(!hasShared)("every recorded answer", () => {
  for (const { folder, notAsked, read } of folders) {
    for (const name of fixtureNames(folder)) {
      const reading = Object.entries(read).find(([start]) => name.startsWith(start))?.[1]
      if (reading === undefined && notAsked.test(name)) continue
      it(`${folder}/${name} is read`, () => {
        if (reading === undefined) return assert.fail("nothing reads it, and it is of no call that is never made")
        reading(`${folder}/${name}`)
      })
    }
  }
})
