/** Readarr: authors and books. A sync reads whole lists, never author by author. */
import { arrKind } from "./arr/ArrKind.ts"
import { creatorFamily } from "./arr/Creators.ts"
import { idOf } from "./Values.ts"

export const readarr = arrKind({
  id: "readarr",
  title: "Readarr",
  description: "Manages authors and their books: lists them and their disks, removes and restores them.",
  application: { appName: "Readarr", api: "api/v1" },
  port: 8787,
  generations: [
    {
      family: creatorFamily({
        creator: "author",
        work: "book",
        file: "book",
        creatorIds: (foreignId) => idOf("goodreads-author", foreignId),
        workIds: (foreignId) => idOf("goodreads-book", foreignId),
        // It has no query for an author by foreign id.
        creatorQuery: () => ({}),
        bestRating: 5
      })
    }
  ]
})
