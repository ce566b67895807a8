/** Artists with their albums, and authors with their books. */
import { catalog, type ItemFacts, managed } from "./Definition.ts"

export const creators = {
  albumCount: {
    type: "number",
    title: "Number of albums",
    description: "How many albums of the artist are listed, with files or without.",
    unit: "albums",
    kinds: ["artist"],
    ...managed,
    read: catalog("albumCount")
  },
  trackCount: {
    type: "number",
    title: "Number of tracks",
    description: "How many tracks are listed, with files or without.",
    unit: "tracks",
    kinds: ["artist", "album"],
    ...managed,
    read: catalog("trackCount")
  },
  missingTracks: {
    type: "number",
    title: "Missing tracks",
    description: "Tracks that have been released, are monitored, and have no file.",
    unit: "tracks",
    kinds: ["artist", "album"],
    ...managed,
    read: catalog("missingTracks")
  },
  albumTypes: {
    type: "strings",
    title: "Types of the album",
    description: "The type of the album, and its further types.",
    aliases: ["album_type"],
    kinds: ["album"],
    values: ["Album", "EP", "Single", "Broadcast", "Other", "Live", "Compilation", "Soundtrack", "Remix"],
    ...managed,
    read: catalog("albumTypes")
  },
  bookCount: {
    type: "number",
    title: "Number of books",
    description: "How many books of the author are listed, with files or without.",
    unit: "books",
    kinds: ["author"],
    ...managed,
    read: catalog("bookCount")
  },
  missingBooks: {
    type: "number",
    title: "Missing books",
    description: "Books that have been released, are monitored, and have no file.",
    unit: "books",
    kinds: ["author"],
    ...managed,
    read: catalog("missingBooks")
  },
  bookSeries: {
    type: "strings",
    title: "Series of the book",
    description: "Titles of the series that the book belongs to.",
    kinds: ["book"],
    ...managed,
    read: catalog("bookSeries")
  }
} as const satisfies ItemFacts
