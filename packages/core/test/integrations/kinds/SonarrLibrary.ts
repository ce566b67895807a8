/** A simulated Sonarr with the library of a test, and the targets of removals. */
import type { RemovalTarget } from "../../../src/integrations/Kind.ts"
import type { Answers } from "../support/FakeUpstream.ts"
import { historyPage, qualityProfiles, status, tags } from "./ArrAnswers.ts"

export const config = { apiKey: "0123456789abcdef" }

export const library =
  (all: ReadonlyArray<unknown>, more: Answers = () => undefined): Answers =>
  (sent) => {
    switch (`${sent.method} ${sent.path}`) {
      case "GET /api/v3/series":
        return all
      case "GET /api/v3/tag":
        return tags
      case "GET /api/v3/qualityprofile":
        return qualityProfiles
      case "GET /api/v3/system/status":
        return status("Sonarr")
      case "GET /api/v3/history":
        return more(sent) ?? historyPage([])
      default:
        return more(sent)
    }
  }

export const show: RemovalTarget = { externalId: "5", kind: "show", title: "Show 5", ids: ["tvdb:1005"] }
export const seasonOne: RemovalTarget = { ...show, externalId: "5:s1", kind: "season", title: "Show 5 - Season 1" }
