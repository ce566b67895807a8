/** A simulated Radarr with the library of a test, and the targets of removals. */
import type { RemovalTarget } from "../../../src/integrations/Kind.ts"
import type { Answers } from "../support/FakeUpstream.ts"
import { diskspace, qualityProfiles, rootFolders, status, tags } from "./ArrAnswers.ts"

export const config = { apiKey: "0123456789abcdef" }

export const library =
  (movies: ReadonlyArray<unknown>, more: Answers = () => undefined): Answers =>
  (sent) => {
    switch (`${sent.method} ${sent.path}`) {
      case "GET /api/v3/movie":
        return more(sent) ?? movies
      case "GET /api/v3/tag":
        return tags
      case "GET /api/v3/qualityprofile":
        return qualityProfiles
      case "GET /api/v3/diskspace":
        return diskspace
      case "GET /api/v3/rootfolder":
        return rootFolders
      case "GET /api/v3/system/status":
        return status("Radarr")
      default:
        return more(sent)
    }
  }

export const target: RemovalTarget = { externalId: "3", kind: "movie", title: "Movie 3", ids: ["tmdb-movie:603"] }

/** The facts of a file, which are unknown if it was not analysed. */
export const fileFacts = ["resolution", "videoCodec", "audioCodec", "hdr", "bitrate"]
