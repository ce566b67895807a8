/** Small libraries of a movie and of a show application, ours, in the shape that the applications answer. */
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

export const tags = [{ id: 1, label: "keep" }]
export const qualityProfiles = [{ id: 4, name: "HD-1080p", items: [] }]
export const diskspace = [{ path: "/data", label: "", freeSpace: 100, totalSpace: 1_000 }]
export const rootFolders = [
  { id: 1, path: "/data/movies", accessible: true, freeSpace: 100, unmappedFolders: [] },
  { id: 2, path: "/old", accessible: false, freeSpace: null }
]
export const status = (appName: string) => ({ appName, instanceName: appName, version: "5.2.6.8376", urlBase: "" })
