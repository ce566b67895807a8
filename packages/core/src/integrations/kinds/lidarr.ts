/** Lidarr: artists and albums. A sync reads whole lists, never artist by artist. */
import { arrKind } from "./arr/ArrKind.ts"
import { creatorFamily } from "./arr/Creators.ts"
import { idOf } from "./Values.ts"

export const lidarr = arrKind({
  id: "lidarr",
  title: "Lidarr",
  description: "Manages artists and their albums: lists them and their disks, removes and restores them.",
  application: { appName: "Lidarr", api: "api/v1" },
  port: 8686,
  generations: [
    {
      family: creatorFamily({
        creator: "artist",
        work: "album",
        file: "track",
        creatorIds: (foreignId) => idOf("musicbrainz", foreignId),
        workIds: (foreignId) => idOf("musicbrainz", foreignId),
        creatorQuery: (foreignId) => ({ mbId: foreignId }),
        bestRating: 10
      })
    }
  ]
})
