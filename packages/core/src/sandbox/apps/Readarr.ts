/** A simulated Readarr: its API v1 over the world's authors and books, one file each. */
import type { PieceWork } from "../world/CreatorModel.ts"
import { sortTitle, titleSlug } from "../world/Titles.ts"
import type { CreatorFormat } from "./arr/CreatorAnswers.ts"
import { creatorArr } from "./arr/CreatorArr.ts"

const isAudiobook = (work: PieceWork): boolean => work.partMillis > 0

/** `Ada Quil` as `Quil, Ada`. */
const lastFirst = (name: string): string => name.replace(/^(\S+) (.+)$/, "$2, $1")

const format: CreatorFormat = {
  words: { creator: "author", piece: "book", file: "book" },
  creator: (work) => ({
    authorMetadataId: Number(work.foreignId) % 1_000_000,
    authorNameLastFirst: lastFirst(work.name),
    sortNameLastFirst: sortTitle(lastFirst(work.name)),
    titleSlug: work.foreignId
  }),
  piece: (work, author) => ({
    authorTitle: `${sortTitle(lastFirst(author.name))} ${work.title}`,
    // Every third book belongs to a series.
    seriesTitle:
      Number(work.foreignId) % 3 === 0
        ? `The ${lastFirst(author.name).split(",")[0]} Cycle #${(Number(work.foreignId) % 7) + 1}`
        : "",
    foreignEditionId: work.foreignId,
    titleSlug: titleSlug(work.title),
    anyEditionOk: true,
    pageCount: work.pages,
    grabbed: false
  }),
  record: ({ fileAddedAt }, iso) => ({ added: iso(fileAddedAt) }),
  file: (work) => ({
    qualityWeight: isAudiobook(work) ? 1_100 : 1_000,
    ...(isAudiobook(work)
      ? {
          mediaInfo: {
            id: 0,
            audioChannels: 2,
            audioBitRate: "64 kbps",
            audioCodec: "AAC",
            audioBits: "",
            audioSampleRate: "44.1kHz"
          }
        }
      : {})
  }),
  fileName: (work) => `${work.title.replace(/[/:?*"<>|\\]/g, "")}.${isAudiobook(work) ? "m4b" : "epub"}`,
  quality: (work) => ({
    quality: isAudiobook(work) ? { id: 12, name: "M4B" } : { id: 3, name: "EPUB" },
    revision: { version: 1, real: 0, isRepack: false }
  }),
  counts: (bookFileCount, bookCount, totalBookCount) => ({
    bookFileCount,
    bookCount,
    totalBookCount,
    percentOfBooks: bookCount === 0 ? 0 : (bookFileCount / bookCount) * 100
  }),
  // One file for each book.
  creatorCounts: (_, availableBookCount) => ({ availableBookCount }),
  bestRating: 5,
  covers: "Books",
  remotePictures: false,
  event: {}
}

export const readarr = creatorArr({
  id: "readarr",
  kind: "readarr",
  name: "Readarr",
  onlyWhenNamed: true,
  version: "0.4.18.2805",
  shelf: (world, number) => world.booksOf(number),
  format,
  root: {
    name: "Books",
    defaultMetadataProfileId: 1,
    defaultQualityProfileId: 1,
    defaultMonitorOption: "all",
    defaultNewItemMonitorOption: "all",
    defaultTags: [],
    isCalibreLibrary: false,
    port: 0,
    useSsl: false
  },
  profiles: [
    { id: 1, name: "eBook" },
    { id: 2, name: "Any" },
    { id: 3, name: "Spoken" }
  ].map(({ id, name }) => ({
    name,
    upgradeAllowed: false,
    cutoff: 3,
    items: [
      { quality: { id: 3, name: "EPUB" }, items: [], allowed: id !== 3 },
      { quality: { id: 12, name: "M4B" }, items: [], allowed: id !== 1 }
    ],
    minFormatScore: 0,
    cutoffFormatScore: 0,
    formatItems: [],
    id
  })),
  metadataProfiles: [
    {
      name: "Standard",
      minPopularity: 350,
      skipMissingDate: true,
      skipMissingIsbn: false,
      skipPartsAndSets: true,
      skipSeriesSecondary: false,
      allowedLanguages: "eng",
      minPages: 0,
      ignored: [],
      id: 1
    }
  ],
  tagUses: ["delayProfileIds", "importListIds", "notificationIds", "restrictionIds", "indexerIds", "downloadClientIds"],
  // It has no query for an author by foreign id.
  asked: null,
  term: "author:",
  commands: ["RefreshBook"],
  eventTypes: ["bookFileImported", "bookFileDeleted"]
})
