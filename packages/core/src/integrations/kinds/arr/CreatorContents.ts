/** The files of one artist or author, in one call. */
import { Effect } from "effect"
import type { ContentsReading } from "../../Kind.ts"
import { OddRecords } from "../../OddRecords.ts"
import { identified } from "../OneItem.ts"
import { positiveOrNull } from "../Values.ts"
import { type ArrAccess, longReadMillis } from "./Arr.ts"
import { creatorIdsIn } from "./CreatorCatalog.ts"
import type { CreatorTerms } from "./CreatorTerms.ts"
import { wholeFileOf } from "./MediaFile.ts"

export const creatorContents = (access: ArrAccess, terms: CreatorTerms): ContentsReading => {
  const { application, integration, upstream } = access
  const path = `${application.api}/${terms.filePath}`
  return {
    files: (whole) =>
      Effect.gen(function* () {
        const { creatorId } = yield* creatorIdsIn(terms, whole.externalId, integration, { creators: path, works: path })
        const query = { [terms.creatorId]: creatorId }
        const request = { query, timeoutMillis: longReadMillis }
        const files = yield* identified(integration, `GET ${path}`, new OddRecords(), (odd) =>
          upstream.getArray(path, terms.ListedFile, { ...request, odd })
        )
        return files.map((file) => {
          const id = positiveOrNull(file.workId)
          return wholeFileOf(file, whole.path, id === null ? null : terms.externalIdOf({ creatorId, id }))
        })
      })
  }
}
