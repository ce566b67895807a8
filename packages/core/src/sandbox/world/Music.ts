/** Invents a collection of music and a disk of its own for it. */
import { fullMask } from "./Generate.ts"
import type { AlbumRecord, AlbumWork, ArtistRecord, ArtistWork, MusicStock } from "./MusicModel.ts"
import { SeededRandom } from "./SeededRandom.ts"
import { titleMaker } from "./Titles.ts"
import { dayMillis } from "./Works.ts"
import type { WorldOptions } from "./WorldModel.ts"

export const musicRoot = "/data/music"
/** What the disk is used to at the start: no more than it should be. */
const usedShare = 0.62

export const generateMusic = (options: WorldOptions, now: number): MusicStock => {
  const random = new SeededRandom(options.seed ?? "tendarr").fork("music")
  const albums = Math.max(1, options.albums ?? Math.round(Math.max(2, options.items ?? 400) * 0.15))
  const works = inventArtists(random.fork("works"), albums, now)
  const extra = inventArtists(random.fork("wanted"), Math.max(2, Math.round(albums * 0.05)), now)
  const luck = random.fork("records")
  const artists: Array<ArtistRecord> = []
  let nextAlbum = 1
  for (const work of works) {
    const artist = libraryArtist(luck, artists.length + 1, nextAlbum, work, now, options.hardlinkedShare ?? 0)
    nextAlbum += artist.albums.length
    artists.push(artist)
  }
  const bytes = artists.reduce((sum, artist) => sum + bytesOf(artist), 0)
  const otherBytes = Math.round(bytes * 0.05)
  return {
    artists,
    wanted: extra,
    mount: {
      path: musicRoot,
      label: "music",
      totalBytes: Math.ceil((bytes + otherBytes) / usedShare),
      otherBytes,
      rootFolders: [musicRoot]
    }
  }
}

/** Size of one track's file. All of an album's tracks together have exactly the album's size. */
export const trackSize = (album: AlbumWork, track: number): number => {
  const even = Math.floor(album.sizeBytes / album.tracks)
  return track === album.tracks ? album.sizeBytes - even * (album.tracks - 1) : even
}

export const artistFolder = (work: ArtistWork): string => work.name.replace(/[/:?*"<>|\\]/g, "")

/** Artists of one to nine albums until there are `albums` of them in all; the last artist may have fewer. */
const inventArtists = (random: SeededRandom, albums: number, now: number): ReadonlyArray<ArtistWork> => {
  const name = titleMaker(random.fork("names"))
  const title = titleMaker(random.fork("titles"))
  const works: Array<ArtistWork> = []
  let left = albums
  while (left > 0) {
    const count = Math.min(left, random.int(1, 9))
    const years = random.skewed(count, 45, 1.5)
    const genres = random.some(musicGenres, random.int(1, 2))
    works.push({
      name: random.pick(bands)(name()),
      mbId: uuid(random),
      ended: random.chance(0.4),
      genres,
      rating: Math.round(random.between(55, 95)) / 10,
      votes: Math.round(random.skewed(2, 4_000, 4)),
      albums: Array.from({ length: count }, (_, index) =>
        inventAlbum(random, title(), genres, now - (years * (count - index) * 365 * dayMillis) / count)
      )
    })
    left -= count
  }
  return works
}

const inventAlbum = (
  random: SeededRandom,
  title: string,
  genres: ReadonlyArray<string>,
  releasedAt: number
): AlbumWork => {
  const tracks = random.int(6, 18)
  const trackMillis = random.int(150, 330) * 1000
  // FLAC takes some 110 kilobytes a second, MP3 at 320 kbit/s takes 40.
  const bytesPerSecond = random.chance(0.6) ? random.int(95_000, 125_000) : 40_000
  return {
    title,
    mbId: uuid(random),
    releasedAt: Math.floor(releasedAt / dayMillis) * dayMillis,
    genres,
    label: random.pick(labels),
    rating: Math.round(random.between(45, 95)) / 10,
    votes: Math.round(random.skewed(1, 900, 4)),
    tracks,
    trackMillis,
    sizeBytes: Math.round(((tracks * trackMillis) / 1000) * bytesPerSecond)
  }
}

const libraryArtist = (
  random: SeededRandom,
  id: number,
  firstAlbum: number,
  work: ArtistWork,
  now: number,
  hardlinkedShare: number
): ArtistRecord => {
  const first = work.albums[0]?.releasedAt ?? now
  const added = now - random.skewed(1, 5 * 365, 1.4) * dayMillis
  const artist: ArtistRecord = {
    id,
    work,
    addedAt: Math.floor(Math.max(added, Math.min(first, now - dayMillis)) / 1000) * 1000,
    hardlinked: random.chance(hardlinkedShare),
    albums: [],
    rootFolder: musicRoot,
    folder: artistFolder(work),
    qualityProfileId: random.pick([1, 2, 2, 3]),
    metadataProfileId: 1,
    monitored: random.chance(0.85),
    monitorNewItems: random.pick(["all", "new", "none"]),
    tags: random.chance(0.06) ? [1] : random.chance(0.1) ? [2] : [],
    extra: {}
  }
  artist.albums = work.albums.map((album, index): AlbumRecord => {
    const there = index === 0 || random.chance(0.9)
    return {
      id: firstAlbum + index,
      work: album,
      artist,
      monitored: there || random.chance(0.5),
      fileBlock: firstAlbum + index,
      // A few are wanted and not yet found.
      files: there ? fullMask(album.tracks) : 0,
      fileAddedAt: Math.max(artist.addedAt, album.releasedAt),
      lastSearchAt: null
    }
  })
  return artist
}

const bytesOf = (artist: ArtistRecord): number =>
  artist.albums.reduce((sum, album) => sum + (album.files === 0 ? 0 : album.work.sizeBytes), 0)

const uuid = (random: SeededRandom): string =>
  `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`

const bands = [
  (name: string) => name,
  (name: string) => `${name} Quartet`,
  (name: string) => `${name} Ensemble`,
  (name: string) => `${name} Brothers`
] as const
const labels = ["Sawdust Records", "Night Ferry", "Third Bell", "Gannet Sound"] as const
const musicGenres = ["Ambient", "Blues", "Classical", "Electronic", "Folk", "Jazz", "Metal", "Pop", "Rock"] as const
