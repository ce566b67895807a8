/** Responses of an arr for creators about a creator, a piece and a file, in its own terms. */
import type { CreatorRecord, CreatorWork, PieceRecord, PieceWork } from "../../world/CreatorModel.ts"
import { type CreatorShelf, partSize } from "../../world/CreatorShelf.ts"
import { hasBit, numbersUpTo } from "../../world/Masks.ts"
import { cleanTitle, sortTitle } from "../../world/Titles.ts"
import type { AppContext, Call } from "../SandboxApp.ts"
import { arrTime } from "./ArrReplies.ts"

export type Fields = Readonly<Record<string, unknown>>

export interface CreatorFormat {
  /** `file` is the first half of `trackfile`. */
  readonly words: { readonly creator: string; readonly piece: string; readonly file: string }
  /** Fields in addition to the common ones: of a creator, of the metadata of a piece, and of the file of a part. */
  readonly creator: (work: CreatorWork) => Fields
  readonly piece: (work: PieceWork, creator: CreatorWork, iso: (at: number) => string) => Fields
  /** Of a piece in the library. */
  readonly record: (piece: PieceRecord, iso: (at: number) => string) => Fields
  readonly file: (work: PieceWork) => Fields
  readonly fileName: (work: PieceWork, part: number) => string
  readonly quality: (work: PieceWork) => Fields
  /** File counts: existing ones, those of monitored or existing ones, and all. */
  readonly counts: (files: number, wanted: number, all: number) => Fields
  /** Counts of a creator other than those of a piece. */
  readonly creatorCounts: (pieces: number, files: number) => Fields
  /** The upper end of its rating scale. */
  readonly bestRating: number
  /** Folder of the covers of pieces. */
  readonly covers: string
  /** Whether a picture has a public URL. */
  readonly remotePictures: boolean
  /** Additional fields of an event in the history. */
  readonly event: Fields
}

export const creatorAnswers = (context: AppContext, shelf: CreatorShelf, format: CreatorFormat) => {
  const { world } = context
  const { bestRating, words } = format
  const iso = (at: number) => arrTime(world.iso(at))
  const ratings = ({ rating, votes }: { readonly rating: number; readonly votes: number }) => ({
    votes,
    value: Math.round(rating * bestRating) / 10
  })

  const images = (call: Call, foreignId: string, coverType: string, folder: string) => [
    {
      url: `${context.urlBase}/MediaCover/${folder}/${coverType}.jpg?lastWrite=638000000000000000`,
      coverType,
      extension: ".jpg",
      ...(format.remotePictures ? { remoteUrl: `${call.origin}/art/${foreignId}/${coverType}.png` } : {})
    }
  ]

  const statistics = (pieces: ReadonlyArray<PieceRecord>) => {
    const sum = (figure: (piece: PieceRecord) => number) => pieces.reduce((total, piece) => total + figure(piece), 0)
    const files = sum((piece) => partsWithFiles(piece).length)
    const wanted = sum((piece) => (piece.monitored ? piece.work.parts : partsWithFiles(piece).length))
    return {
      ...format.counts(
        files,
        wanted,
        sum((piece) => piece.work.parts)
      ),
      sizeOnDisk: sum((piece) => shelf.bytes(piece))
    }
  }

  /** The metadata of a creator. */
  const creatorWork = (work: CreatorWork): Fields => ({
    status: work.ended ? "ended" : "continuing",
    ended: work.ended,
    [`${words.creator}Name`]: work.name,
    [`foreign${capital(words.creator)}Id`]: work.foreignId,
    overview: `What ${work.name} made.`,
    disambiguation: "",
    links: [],
    images: [],
    genres: work.genres,
    cleanName: cleanTitle(work.name),
    sortName: sortTitle(work.name),
    ratings: ratings(work),
    ...format.creator(work)
  })

  const creator = (call: Call, record: CreatorRecord): Fields => ({
    ...creatorWork(record.work),
    ...record.extra,
    images: images(call, record.work.foreignId, "poster", String(record.id)),
    path: `${record.rootFolder}/${record.folder}`,
    qualityProfileId: record.qualityProfileId,
    metadataProfileId: record.metadataProfileId,
    monitored: record.monitored,
    monitorNewItems: record.monitorNewItems,
    rootFolderPath: record.rootFolder,
    tags: record.tags,
    added: iso(record.addedAt),
    ...neighbours(record),
    statistics: {
      ...format.creatorCounts(
        record.pieces.length,
        record.pieces.reduce((total, piece) => total + partsWithFiles(piece).length, 0)
      ),
      ...statistics(record.pieces)
    },
    id: record.id
  })

  /** The latest piece that is out, and the next one; it omits what does not exist. */
  const neighbours = ({ pieces }: CreatorRecord): Fields => {
    const sorted = pieces.map(({ work }) => work).toSorted((one, other) => one.releasedAt - other.releasedAt)
    const last = sorted.findLast(({ releasedAt }) => releasedAt <= world.now())
    const next = sorted.find(({ releasedAt }) => releasedAt > world.now())
    const of = ({ releasedAt, title }: PieceWork): Fields => ({ title, releaseDate: iso(releasedAt) })
    const name = capital(words.piece)
    return {
      ...(last === undefined ? {} : { [`last${name}`]: of(last) }),
      ...(next === undefined ? {} : { [`next${name}`]: of(next) })
    }
  }

  /** Includes its creator if it is returned alone. */
  const piece = (call: Call, record: PieceRecord, alone: boolean): Fields => ({
    title: record.work.title,
    disambiguation: "",
    overview: "",
    [`foreign${capital(words.piece)}Id`]: record.work.foreignId,
    ratings: ratings(record.work),
    releaseDate: iso(record.work.releasedAt),
    genres: record.work.genres,
    links: [],
    ...format.piece(record.work, record.creator.work, iso),
    [`${words.creator}Id`]: record.creator.id,
    monitored: record.monitored,
    images: images(call, record.work.foreignId, "cover", `${format.covers}/${record.id}`),
    ...format.record(record, iso),
    statistics: statistics([record]),
    ...(alone ? { [words.creator]: creator(call, record.creator) } : {}),
    id: record.id
  })

  const file = (record: PieceRecord, part: number): Fields => ({
    [`${words.creator}Id`]: record.creator.id,
    [`${words.piece}Id`]: record.id,
    path: `${pieceFolder(record)}/${format.fileName(record.work, part)}`,
    size: partSize(record.work, part),
    dateAdded: iso(record.fileAddedAt),
    quality: format.quality(record.work),
    qualityCutoffNotMet: false,
    ...format.file(record.work),
    id: record.fileBlock * 32 + part
  })

  return { creatorWork, creator, piece, file }
}

/** Numbers of the parts that have files. */
export const partsWithFiles = (piece: PieceRecord): ReadonlyArray<number> =>
  numbersUpTo(piece.work.parts).filter((part) => hasBit(piece.files, part))

const pieceFolder = ({ creator, work }: PieceRecord): string =>
  `${creator.rootFolder}/${creator.folder}/${work.title.replace(/[/:?*"<>|\\]/g, "")} (${new Date(work.releasedAt).getUTCFullYear()})`

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)
