/** Lidarr and Readarr with the names that the shared tests use for their paths and fields. */
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import type { Answers } from "../support/FakeUpstream.ts"
import { album, albumUuid, artist, artistUuid, author, book, qualityProfiles, status, tags } from "./ArrAnswers.ts"

/** Both applications with their own names. */
export const music = {
  kind: lidarr,
  appName: "Lidarr",
  creator: "artist",
  work: "album",
  letter: "a",
  makeCreator: artist,
  makeWork: album,
  creatorId: `musicbrainz:${artistUuid(5)}`,
  workId: `musicbrainz:${albumUuid(31)}`,
  foreign: artistUuid(5),
  files: "trackfile",
  workFiles: (id: number, workId: number) => ({ id, albumId: workId, artistId: 5, size: 5 }),
  bodies: { works: "albumIds", files: "trackFileIds", search: "AlbumSearch", name: "artistName" },
  noFiles: { statistics: { trackFileCount: 0, sizeOnDisk: 0 } },
  query: `?mbId=${artistUuid(5)}`,
  foreignKey: "foreignArtistId",
  toMonitor: "albumsToMonitor",
  searchMissing: "searchForMissingAlbums",
  foreignWork: albumUuid
}
export const books = {
  kind: readarr,
  appName: "Readarr",
  creator: "author",
  work: "book",
  letter: "b",
  makeCreator: author,
  makeWork: book,
  creatorId: "goodreads-author:7005",
  workId: "goodreads-book:9031",
  foreign: "7005",
  files: "bookfile",
  workFiles: (id: number, workId: number) => ({ id, bookId: workId, authorId: 5, size: 5 }),
  bodies: { works: "bookIds", files: "bookFileIds", search: "BookSearch", name: "authorName" },
  noFiles: { statistics: { bookFileCount: 0, sizeOnDisk: 0 } },
  query: "",
  foreignKey: "foreignAuthorId",
  toMonitor: "booksToMonitor",
  searchMissing: "searchForMissingBooks",
  foreignWork: (id: number) => String(9_000 + id)
}

const api = "/api/v1"

/** An application with these creators and works. */
export const libraryOf =
  (words: typeof music | typeof books) =>
  (creators: ReadonlyArray<unknown>, works: ReadonlyArray<unknown>, more: Answers = () => undefined): Answers =>
  (sent) => {
    switch (`${sent.method} ${sent.path}`) {
      case `GET ${api}/${words.creator}`:
        return creators
      case `GET ${api}/${words.work}`:
        return works
      case `GET ${api}/tag`:
        return tags
      case `GET ${api}/qualityprofile`:
        return qualityProfiles
      case `GET ${api}/system/status`:
        return status(words.appName)
      default:
        return more(sent)
    }
  }
