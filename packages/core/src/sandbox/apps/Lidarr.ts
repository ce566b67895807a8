/** A simulated Lidarr: its API v1 over the world's artists and albums. */
import type { PieceRecord, PieceWork } from "../world/CreatorModel.ts"
import type { CreatorShelf } from "../world/CreatorShelf.ts"
import { hasBit, numbersUpTo } from "../world/Masks.ts"
import { releaseGroup } from "./arr/ArrFiles.ts"
import type { CreatorFormat } from "./arr/CreatorAnswers.ts"
import { creatorArr } from "./arr/CreatorArr.ts"
import { piecesNamed } from "./arr/PieceRoutes.ts"
import { json } from "./Reply.ts"
import { route, type Route } from "./SandboxApp.ts"

const isLossless = (work: PieceWork): boolean => work.sizeBytes > (work.parts * work.partMillis * 60_000) / 1000

const format: CreatorFormat = {
  words: { creator: "artist", piece: "album", file: "track" },
  creator: () => ({ tadbId: 0, discogsId: 0, artistType: "Group" }),
  piece: (work) => ({
    anyReleaseOk: true,
    duration: work.parts * work.partMillis,
    albumType: "Album",
    secondaryTypes: [],
    mediumCount: 1,
    releases: [
      {
        id: 0,
        albumId: 0,
        foreignReleaseId: work.foreignId,
        title: work.title,
        status: "Official",
        duration: work.parts * work.partMillis,
        trackCount: work.parts,
        media: [{ mediumNumber: 1, mediumName: "", mediumFormat: "CD" }],
        mediumCount: 1,
        disambiguation: "",
        country: ["[Worldwide]"],
        label: [work.label],
        format: "CD",
        monitored: true
      }
    ],
    media: [{ mediumNumber: 1, mediumName: "", mediumFormat: "CD" }]
  }),
  record: ({ creator, lastSearchAt }, iso) => ({
    profileId: creator.qualityProfileId,
    ...(lastSearchAt === null ? {} : { lastSearchTime: iso(lastSearchAt) })
  }),
  file: (work) => ({
    sceneName: work.title,
    releaseGroup,
    qualityWeight: isLossless(work) ? 2_300 : 1_800,
    customFormats: [],
    customFormatScore: 0,
    indexerFlags: 0,
    mediaInfo: {
      audioChannels: 2,
      audioBitRate: isLossless(work) ? "900 kbps" : "320 kbps",
      audioCodec: isLossless(work) ? "FLAC" : "MP3",
      audioBits: isLossless(work) ? "16bit" : "",
      audioSampleRate: "44.1kHz"
    }
  }),
  fileName: (work, part) => `${String(part).padStart(2, "0")} - Track ${part}.${isLossless(work) ? "flac" : "mp3"}`,
  quality: (work) => ({
    quality: isLossless(work) ? { id: 6, name: "FLAC" } : { id: 4, name: "MP3-320" },
    revision: { version: 1, real: 0, isRepack: false }
  }),
  counts: (trackFileCount, trackCount, totalTrackCount) => ({
    trackFileCount,
    trackCount,
    totalTrackCount,
    percentOfTracks: trackCount === 0 ? 0 : (trackFileCount / trackCount) * 100
  }),
  creatorCounts: (albumCount) => ({ albumCount }),
  bestRating: 10,
  covers: "Albums",
  remotePictures: true,
  event: { trackId: 0 }
}

const trackRoutes = (shelf: CreatorShelf, api: string): ReadonlyArray<Route> => [
  route("GET", `${api}/track`, (call) =>
    json(
      call,
      piecesNamed(shelf, format, call.query).flatMap((album) =>
        numbersUpTo(album.work.parts).map((track) => trackAnswer(album, track))
      )
    )
  )
]

export const lidarr = creatorArr({
  id: "lidarr",
  kind: "lidarr",
  name: "Lidarr",
  version: "2.14.5.4836",
  shelf: (world, number) => world.musicOf(number),
  format,
  root: {
    name: "Music",
    defaultMetadataProfileId: 1,
    defaultQualityProfileId: 1,
    defaultMonitorOption: "all",
    defaultNewItemMonitorOption: "all",
    defaultTags: []
  },
  profiles: [
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
  })),
  metadataProfiles: [
    {
      name: "Standard",
      primaryAlbumTypes: [{ albumType: { id: 0, name: "Album" }, allowed: true }],
      secondaryAlbumTypes: [{ albumType: { id: 0, name: "Studio" }, allowed: true }],
      releaseStatuses: [{ releaseStatus: { id: 0, name: "Official" }, allowed: true }],
      id: 1
    }
  ],
  tagUses: ["delayProfileIds", "importListIds", "notificationIds", "indexerIds", "downloadClientIds", "autoTagIds"],
  asked: "mbId",
  term: "lidarr:",
  commands: [],
  eventTypes: ["trackFileImported", "trackFileDeleted"],
  more: trackRoutes
})

const trackAnswer = (album: PieceRecord, track: number) => ({
  artistId: album.creator.id,
  foreignTrackId: `${album.work.foreignId.slice(0, -2)}${String(track).padStart(2, "0")}`,
  foreignRecordingId: `${album.work.foreignId.slice(0, -2)}${String(track + 50).padStart(2, "0")}`,
  trackFileId: hasBit(album.files, track) ? album.fileBlock * 32 + track : 0,
  albumId: album.id,
  explicit: false,
  absoluteTrackNumber: track,
  trackNumber: String(track),
  title: `Track ${track}`,
  duration: album.work.partMillis,
  mediumNumber: 1,
  hasFile: hasBit(album.files, track),
  ratings: { votes: 0, value: 0 },
  id: album.id * 32 + track
})
