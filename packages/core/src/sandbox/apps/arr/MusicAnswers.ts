/** How Lidarr tells of music: an artist, an album, a track and its file, and the profiles it knows. */
import { hasBit } from "../../world/LibraryIndex.ts"
import { trackSize } from "../../world/Music.ts"
import type { AlbumRecord, AlbumWork, ArtistRecord, ArtistWork } from "../../world/MusicModel.ts"
import { cleanTitle, sortTitle } from "../../world/Titles.ts"
import type { AppContext, Call } from "../SandboxApp.ts"
import { releaseGroup } from "./ArrFiles.ts"
import { arrTime } from "./ArrReplies.ts"

export const musicProfiles = [
  { id: 1, name: "Any" },
  { id: 2, name: "Lossless" },
  { id: 3, name: "Standard" }
].map(({ id, name }) => ({
  name,
  upgradeAllowed: false,
  cutoff: 4,
  items: [
    { quality: { id: 4, name: "MP3-320" }, items: [], allowed: id !== 2 },
    { quality: { id: 6, name: "FLAC" }, items: [], allowed: id !== 3 }
  ],
  minFormatScore: 0,
  cutoffFormatScore: 0,
  formatItems: [],
  id
}))

export const metadataProfiles = [
  {
    name: "Standard",
    primaryAlbumTypes: [{ albumType: { id: 0, name: "Album" }, allowed: true }],
    secondaryAlbumTypes: [{ albumType: { id: 0, name: "Studio" }, allowed: true }],
    releaseStatuses: [{ releaseStatus: { id: 0, name: "Official" }, allowed: true }],
    id: 1
  }
]

export const artistAnswer = (context: AppContext, call: Call, artist: ArtistRecord) => ({
  ...artistWorkAnswer(artist.work),
  ...artist.extra,
  images: imagesOf(context, call, artist.work.mbId, "poster", String(artist.id)),
  path: `${artist.rootFolder}/${artist.folder}`,
  qualityProfileId: artist.qualityProfileId,
  metadataProfileId: artist.metadataProfileId,
  monitored: artist.monitored,
  monitorNewItems: artist.monitorNewItems,
  rootFolderPath: artist.rootFolder,
  tags: artist.tags,
  added: arrTime(context.world.iso(artist.addedAt)),
  statistics: { albumCount: artist.albums.length, ...statisticsOf(context, artist.albums) },
  id: artist.id
})

/** What metadata alone tells of an artist. */
export const artistWorkAnswer = (work: ArtistWork) => ({
  status: work.ended ? "ended" : "continuing",
  ended: work.ended,
  artistName: work.name,
  foreignArtistId: work.mbId,
  tadbId: 0,
  discogsId: 0,
  overview: `The albums of ${work.name}.`,
  artistType: "Group",
  disambiguation: "",
  links: [],
  images: [],
  genres: work.genres,
  cleanName: cleanTitle(work.name),
  sortName: sortTitle(work.name),
  ratings: { votes: work.votes, value: work.rating }
})

/** With its artist where it is told alone. */
export const albumAnswer = (context: AppContext, call: Call, album: AlbumRecord, alone: boolean) => ({
  ...albumWorkAnswer(context, album.work),
  artistId: album.artist.id,
  monitored: album.monitored,
  profileId: album.artist.qualityProfileId,
  images: imagesOf(context, call, album.work.mbId, "cover", `Albums/${album.id}`),
  ...(album.lastSearchAt === null ? {} : { lastSearchTime: arrTime(context.world.iso(album.lastSearchAt)) }),
  statistics: statisticsOf(context, [album]),
  ...(alone ? { artist: artistAnswer(context, call, album.artist) } : {}),
  id: album.id
})

const albumWorkAnswer = ({ world }: AppContext, work: AlbumWork) => ({
  title: work.title,
  disambiguation: "",
  overview: "",
  foreignAlbumId: work.mbId,
  anyReleaseOk: true,
  duration: work.tracks * work.trackMillis,
  albumType: "Album",
  secondaryTypes: [],
  mediumCount: 1,
  ratings: { votes: work.votes, value: work.rating },
  releaseDate: arrTime(world.iso(work.releasedAt)),
  releases: [
    {
      id: 0,
      albumId: 0,
      foreignReleaseId: work.mbId,
      title: work.title,
      status: "Official",
      duration: work.tracks * work.trackMillis,
      trackCount: work.tracks,
      media: [{ mediumNumber: 1, mediumName: "", mediumFormat: "CD" }],
      mediumCount: 1,
      disambiguation: "",
      country: ["[Worldwide]"],
      label: [work.label],
      format: "CD",
      monitored: true
    }
  ],
  genres: work.genres,
  media: [{ mediumNumber: 1, mediumName: "", mediumFormat: "CD" }],
  links: []
})

export const trackAnswer = (album: AlbumRecord, track: number) => ({
  artistId: album.artist.id,
  foreignTrackId: `${album.work.mbId.slice(0, -2)}${String(track).padStart(2, "0")}`,
  foreignRecordingId: `${album.work.mbId.slice(0, -2)}${String(track + 50).padStart(2, "0")}`,
  trackFileId: hasBit(album.files, track) ? album.fileBlock * 32 + track : 0,
  albumId: album.id,
  explicit: false,
  absoluteTrackNumber: track,
  trackNumber: String(track),
  title: `Track ${track}`,
  duration: album.work.trackMillis,
  mediumNumber: 1,
  hasFile: hasBit(album.files, track),
  ratings: { votes: 0, value: 0 },
  id: album.id * 32 + track
})

export const trackFileAnswer = ({ world }: AppContext, album: AlbumRecord, track: number) => {
  const lossless = isLossless(album.work)
  return {
    artistId: album.artist.id,
    albumId: album.id,
    path: `${albumFolder(album)}/${String(track).padStart(2, "0")} - Track ${track}.${lossless ? "flac" : "mp3"}`,
    size: trackSize(album.work, track),
    dateAdded: arrTime(world.iso(album.fileAddedAt)),
    sceneName: album.work.title,
    releaseGroup,
    quality: musicQuality(album.work),
    qualityWeight: lossless ? 2_300 : 1_800,
    customFormats: [],
    customFormatScore: 0,
    indexerFlags: 0,
    mediaInfo: {
      audioChannels: 2,
      audioBitRate: lossless ? "900 kbps" : "320 kbps",
      audioCodec: lossless ? "FLAC" : "MP3",
      audioBits: lossless ? "16bit" : "",
      audioSampleRate: "44.1kHz"
    },
    qualityCutoffNotMet: false,
    id: album.fileBlock * 32 + track
  }
}

export const musicQuality = (work: AlbumWork) => ({
  quality: isLossless(work) ? { id: 6, name: "FLAC" } : { id: 4, name: "MP3-320" },
  revision: { version: 1, real: 0, isRepack: false }
})

/** Numbers of the tracks that have files. */
export const tracksWithFiles = (album: AlbumRecord): ReadonlyArray<number> =>
  tracksOf(album).filter((track) => hasBit(album.files, track))

export const tracksOf = (album: AlbumRecord): ReadonlyArray<number> =>
  Array.from({ length: album.work.tracks }, (_, index) => index + 1)

const albumFolder = ({ artist, work }: AlbumRecord): string =>
  `${artist.rootFolder}/${artist.folder}/${work.title.replace(/[/:?*"<>|\\]/g, "")} (${new Date(work.releasedAt).getUTCFullYear()})`

const isLossless = (work: AlbumWork): boolean => work.sizeBytes > (work.tracks * work.trackMillis * 60_000) / 1000

/** Tracks count with a file, or monitored; all of them in `totalTrackCount`. */
const statisticsOf = ({ world }: AppContext, albums: ReadonlyArray<AlbumRecord>) => {
  const sum = (figure: (album: AlbumRecord) => number) => albums.reduce((total, album) => total + figure(album), 0)
  const trackFileCount = sum((album) => tracksWithFiles(album).length)
  const trackCount = sum((album) => (album.monitored ? album.work.tracks : tracksWithFiles(album).length))
  return {
    trackFileCount,
    trackCount,
    totalTrackCount: sum((album) => album.work.tracks),
    sizeOnDisk: sum((album) => world.music.albumBytes(album)),
    percentOfTracks: trackCount === 0 ? 0 : (trackFileCount / trackCount) * 100
  }
}

const imagesOf = (context: AppContext, call: Call, mbId: string, coverType: string, folder: string) => [
  {
    url: `${context.urlBase}/MediaCover/${folder}/${coverType}.jpg?lastWrite=638000000000000000`,
    coverType,
    extension: ".jpg",
    remoteUrl: `${call.origin}/art/${mbId}/${coverType}.svg`
  }
]
