/** Made-up small libraries of a movie and of a show application, in the format of their responses. */
import type { Answers } from "../support/FakeUpstream.ts"

/** Without exclusions, and without episodes that differ from their season. */
export const plain =
  (answers: Answers): Answers =>
  (sent) =>
    sent.method === "GET" && /\/(episode|exclusions|importlistexclusion)$/.test(sent.path) ? [] : answers(sent)

export const movie = (id: number, changes: Record<string, unknown> = {}) => ({
  id,
  title: `Movie ${id}`,
  sortTitle: `movie ${id}`,
  year: 2001,
  tmdbId: 600 + id,
  imdbId: `tt00000${id}`,
  path: `/data/movies/Movie ${id} (2001)`,
  rootFolderPath: "/data/movies",
  hasFile: true,
  sizeOnDisk: 4_000_000_000,
  monitored: true,
  minimumAvailability: "released",
  qualityProfileId: 4,
  tags: [1],
  genres: ["Drama", "Crime"],
  added: "2020-01-02T03:04:05Z",
  inCinemas: "2001-05-01T00:00:00Z",
  physicalRelease: "2001-11-01T00:00:00Z",
  studio: "A Studio",
  runtime: 101,
  certification: "PG-13",
  originalLanguage: { id: 1, name: "English" },
  images: [{ coverType: "poster", url: "/MediaCover/1/poster.jpg", remoteUrl: "https://images.test/poster.jpg" }],
  ratings: { imdb: { value: 7.5, votes: 10 }, tmdb: { value: 6.5 }, rottenTomatoes: { value: 88 } },
  collection: { title: "The Collection", tmdbId: 9 },
  movieFile: {
    id: 70 + id,
    size: 4_000_000_000,
    dateAdded: "2021-06-07T08:09:10Z",
    relativePath: `Movie ${id}.mkv`,
    path: `/data/movies/Movie ${id} (2001)/Movie ${id}.mkv`,
    quality: { quality: { id: 7, name: "Bluray-1080p", resolution: 1080 } },
    mediaInfo: {
      videoCodec: "x265",
      audioCodec: "EAC3 Atmos",
      videoBitrate: 5_000_000,
      audioBitrate: 640_000,
      resolution: "1920x804",
      runTime: "1:41:00",
      videoDynamicRange: "HDR",
      videoDynamicRangeType: "HDR10Plus"
    }
  },
  somethingNew: { nested: [1, 2, 3] },
  ...changes
})

export const season = (seasonNumber: number, files: number, changes: Record<string, unknown> = {}) => ({
  seasonNumber,
  monitored: true,
  statistics: {
    episodeFileCount: files,
    episodeCount: 10,
    totalEpisodeCount: 10,
    sizeOnDisk: files * 1_000_000_000,
    previousAiring: `201${seasonNumber}-03-04T05:06:07Z`
  },
  ...changes
})

export const series = (id: number, changes: Record<string, unknown> = {}) => ({
  id,
  title: `Show ${id}`,
  sortTitle: `show ${id}`,
  year: 2010,
  tvdbId: 1_000 + id,
  tmdbId: 2_000 + id,
  imdbId: `tt10000${id}`,
  path: `/data/tv/Show ${id}`,
  rootFolderPath: "/data/tv",
  status: "ended",
  monitored: true,
  monitorNewItems: "all",
  seasonFolder: true,
  seriesType: "standard",
  qualityProfileId: 4,
  tags: [1, 99],
  genres: ["Comedy"],
  added: "2019-01-01T00:00:00Z",
  firstAired: "2010-01-01T00:00:00Z",
  network: "A Network",
  runtime: 25,
  certification: "TV-14",
  originalLanguage: { id: 1, name: "English" },
  images: [{ coverType: "poster", url: "/MediaCover/2/poster.jpg" }],
  ratings: { votes: 5, value: 8.1 },
  seasons: [season(0, 2), season(1, 10), season(2, 0), season(3, 4, { monitored: false })],
  statistics: { seasonCount: 3, episodeFileCount: 16, sizeOnDisk: 16_000_000_000 },
  somethingNew: true,
  ...changes
})

/** One import of an episode, as in the history. */
export const imported = (
  seriesId: number,
  seasonNumber: number,
  date: string,
  changes: Record<string, unknown> = {}
) => ({
  id: 1,
  seriesId,
  episodeId: 2,
  sourceTitle: "Show",
  eventType: "downloadFolderImported",
  date,
  episode: { seriesId, seasonNumber, episodeNumber: 1 },
  data: {},
  ...changes
})

export const historyPage = (records: ReadonlyArray<unknown>, total = records.length) => ({
  page: 1,
  pageSize: 1_000,
  sortKey: "date",
  sortDirection: "descending",
  totalRecords: total,
  records
})

export const tags = [{ id: 1, label: "keep" }]
export const qualityProfiles = [{ id: 4, name: "HD-1080p", items: [] }]
export const diskspace = [{ path: "/data", label: "", freeSpace: 100, totalSpace: 1_000 }]
export const rootFolders = [
  { id: 1, path: "/data/movies", accessible: true, freeSpace: 100, unmappedFolders: [] },
  { id: 2, path: "/old", accessible: false, freeSpace: null }
]
export const status = (appName: string) => ({ appName, instanceName: appName, version: "5.2.6.8376", urlBase: "" })

const uuid = (kind: string, id: number) => `${kind}0000000-0000-4000-8000-${String(id).padStart(12, "0")}`
export const artistUuid = (id: number) => uuid("a", id)
export const albumUuid = (id: number) => uuid("b", id)

export const artist = (id: number, changes: Record<string, unknown> = {}) => ({
  id,
  artistName: `Artist ${id}`,
  foreignArtistId: artistUuid(id),
  status: "continuing",
  ended: false,
  sortName: `artist ${id}`,
  path: `/data/music/Artist ${id}`,
  rootFolderPath: "/data/music",
  qualityProfileId: 4,
  metadataProfileId: 2,
  monitored: true,
  monitorNewItems: "new",
  tags: [1],
  genres: ["Jazz"],
  added: "2020-01-02T03:04:05Z",
  ratings: { votes: 3, value: 7.8 },
  images: [{ coverType: "poster", url: "/MediaCover/1/poster.jpg", remoteUrl: "https://images.test/artist.jpg" }],
  lastAlbum: { id: 21, title: "Album 21", releaseDate: "2011-02-03T00:00:00Z" },
  statistics: { albumCount: 2, trackFileCount: 20, trackCount: 20, totalTrackCount: 25, sizeOnDisk: 900_000_000 },
  somethingNew: 1,
  ...changes
})

export const album = (id: number, artistId: number, changes: Record<string, unknown> = {}) => ({
  id,
  title: `Album ${id}`,
  artistId,
  foreignAlbumId: albumUuid(id),
  monitored: true,
  anyReleaseOk: true,
  profileId: 4,
  duration: 2_520_000,
  albumType: "Album",
  secondaryTypes: [{ id: 6, name: "Live" }],
  ratings: { votes: 3, value: 8.4 },
  releaseDate: "2011-02-03T00:00:00Z",
  releases: [],
  genres: ["Bebop"],
  media: [],
  images: [{ coverType: "cover", url: "https://images.test/album.jpg" }],
  statistics: {
    trackFileCount: 10,
    trackCount: 10,
    totalTrackCount: 12,
    sizeOnDisk: 450_000_000,
    percentOfTracks: 100
  },
  ...changes
})

export const author = (id: number, changes: Record<string, unknown> = {}) => ({
  id,
  authorName: `Author ${id}`,
  foreignAuthorId: String(7_000 + id),
  status: "continuing",
  ended: false,
  sortName: `author ${id}`,
  path: `/data/books/Author ${id}`,
  rootFolderPath: "/data/books",
  qualityProfileId: 4,
  metadataProfileId: 1,
  monitored: true,
  monitorNewItems: "all",
  tags: [1],
  genres: ["Essays"],
  added: "2020-01-02T03:04:05Z",
  ratings: { votes: 10, value: 4.1, popularity: 41 },
  images: [],
  nextBook: { id: 39, title: "Book 39", releaseDate: "2031-02-03T00:00:00Z" },
  statistics: { bookFileCount: 2, bookCount: 3, availableBookCount: 2, totalBookCount: 9, sizeOnDisk: 5_000_000 },
  ...changes
})

export const book = (id: number, authorId: number, changes: Record<string, unknown> = {}) => ({
  id,
  title: `Book ${id}`,
  authorId,
  foreignBookId: String(9_000 + id),
  seriesTitle: "Discworld #3; Death #1.5",
  monitored: true,
  anyEditionOk: true,
  ratings: { votes: 10, value: 3.5, popularity: 35 },
  releaseDate: "1999-09-09T00:00:00Z",
  added: "2021-02-03T04:05:06Z",
  pageCount: 321,
  genres: ["Essays"],
  images: [{ coverType: "cover", url: "/MediaCover/Books/1/cover.jpg" }],
  statistics: { bookFileCount: 1, bookCount: 1, totalBookCount: 1, sizeOnDisk: 2_500_000 },
  ...changes
})

/** A scene as version 3 of Whisparr reports it. */
export const scene = (id: number, changes: Record<string, unknown> = {}) => ({
  id,
  title: `Scene ${id}`,
  sortTitle: `scene ${id}`,
  year: 2019,
  itemType: "scene",
  foreignId: uuid("c", id),
  stashId: uuid("c", id),
  tmdbId: 0,
  path: `/data/scenes/Scene ${id}`,
  rootFolderPath: "/data/scenes",
  hasFile: true,
  sizeOnDisk: 2_000_000_000,
  monitored: true,
  qualityProfileId: 4,
  tags: [1],
  genres: [],
  added: "2020-01-02T03:04:05Z",
  releaseDate: "2019-05-06",
  studioTitle: "A Site",
  runtime: 30,
  images: [],
  statistics: { movieFileCount: 1, sizeOnDisk: 2_000_000_000 },
  ...changes
})
