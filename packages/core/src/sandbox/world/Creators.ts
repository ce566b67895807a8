/** Fills the shelf of an arr for creators: its creators, which of their pieces exist, and a disk of its own. */
import type { CreatorRecord, CreatorStock, CreatorWork, PieceRecord } from "./CreatorModel.ts"
import { libraryMount } from "./Generate.ts"
import { fullMask } from "./Masks.ts"
import type { SeededRandom } from "./SeededRandom.ts"
import { dayMillis } from "./Works.ts"
import type { WorldOptions } from "./WorldModel.ts"

/** Used share of the disk at the start: below its limits. */
const usedShare = 0.62

export interface CreatorCollection {
  readonly root: string
  readonly label: string
  readonly works: ReadonlyArray<CreatorWork>
  readonly wanted: ReadonlyArray<CreatorWork>
  readonly tagLabels: ReadonlyArray<string>
}

export const creatorStock = (
  random: SeededRandom,
  { label, root, tagLabels, wanted, works }: CreatorCollection,
  options: WorldOptions,
  now: number
): CreatorStock => {
  const creators: Array<CreatorRecord> = []
  let nextPiece = 1
  for (const work of works) {
    const creator = libraryCreator(
      random,
      creators.length + 1,
      nextPiece,
      work,
      root,
      now,
      options.hardlinkedShare ?? 0
    )
    nextPiece += creator.pieces.length
    creators.push(creator)
  }
  const bytes = creators.reduce((sum, creator) => sum + bytesOf(creator), 0)
  return { creators, wanted, tagLabels, root, mount: libraryMount(root, label, bytes, usedShare, [root]) }
}

/** Distributes `pieces` among creators with one to `most` each; the last one may have fewer. */
export const inventCreators = (
  random: SeededRandom,
  pieces: number,
  most: number,
  invent: (count: number) => CreatorWork
): ReadonlyArray<CreatorWork> => {
  const works: Array<CreatorWork> = []
  for (let left = pieces; left > 0;) {
    const count = Math.min(left, random.int(1, most))
    works.push(invent(count))
    left -= count
  }
  return works
}

export const creatorFolder = (work: CreatorWork): string => work.name.replace(/[/:?*"<>|\\]/g, "")

const libraryCreator = (
  random: SeededRandom,
  id: number,
  firstPiece: number,
  work: CreatorWork,
  rootFolder: string,
  now: number,
  hardlinkedShare: number
): CreatorRecord => {
  const first = work.pieces[0]?.releasedAt ?? now
  const added = now - random.skewed(1, 5 * 365, 1.4) * dayMillis
  const creator: CreatorRecord = {
    id,
    work,
    addedAt: Math.floor(Math.max(added, Math.min(first, now - dayMillis)) / 1000) * 1000,
    hardlinked: random.chance(hardlinkedShare),
    pieces: [],
    rootFolder,
    folder: creatorFolder(work),
    qualityProfileId: random.pick([1, 2, 2, 3]),
    metadataProfileId: 1,
    monitored: random.chance(0.85),
    monitorNewItems: random.pick(["all", "new", "none"]),
    tags: random.chance(0.06) ? [1] : random.chance(0.1) ? [2] : [],
    extra: {}
  }
  creator.pieces = work.pieces.map((piece, index): PieceRecord => {
    const there = index === 0 || random.chance(0.9)
    return {
      id: firstPiece + index,
      work: piece,
      creator,
      monitored: there || random.chance(0.5),
      fileBlock: firstPiece + index,
      // A few are monitored and not found yet.
      files: there ? fullMask(piece.parts) : 0,
      fileAddedAt: Math.max(creator.addedAt, piece.releasedAt),
      lastSearchAt: null
    }
  })
  return creator
}

const bytesOf = (creator: CreatorRecord): number =>
  creator.pieces.reduce((sum, piece) => sum + (piece.files === 0 ? 0 : piece.work.sizeBytes), 0)
