/** The family of applications that manage creators and their works: artists with albums, authors with books. */
import type { ArrFamily } from "./ArrKind.ts"
import { creatorChanges } from "./CreatorChanges.ts"
import { readCreators, rereadCreator } from "./CreatorCatalog.ts"
import { creatorRemoval } from "./CreatorRemoval.ts"
import { creatorOrigins } from "./Origins.ts"
import { type CreatorWords, creatorTerms } from "./CreatorTerms.ts"
import { isNumericId } from "./Restore.ts"

export type { CreatorWords } from "./CreatorTerms.ts"

/**
 * For applications whose library consists of two lists, of creators and of their works, such as Lidarr's `artist` and
 * `album`. Items are creators, and their works that have files.
 */
export const creatorFamily = (words: CreatorWords): ArrFamily => {
  const terms = creatorTerms(words)
  return {
    itemKinds: [words.creator, words.work],
    capabilities: [],
    // creators, works, tag, qualityprofile
    listCalls: 4,
    // creator, works, tag, qualityprofile, history
    rereadCalls: 5,
    // creator, works, importlistexclusion
    presenceCalls: 3,
    readsHistory: true,
    facts: creatorOrigins(words.creator, words.work, terms.imported),
    // An image keeps the ending that it has at the metadata provider.
    covers: ({ key }) => {
      const ids = terms.parse(key)
      if (ids === null || !isNumericId(ids.creator)) return []
      const image = ids.work === null ? `${words.creator}/${ids.creator}/poster` : `${words.work}/${ids.work}/cover`
      return [`${image}.jpg`, `${image}.png`]
    },
    readCatalog: (access, progress, odd) => readCreators(access, terms, progress, odd),
    rereadItem: (access, target, odd) => rereadCreator(access, terms, target, odd),
    removal: (access) => creatorRemoval(access, terms),
    changes: (access) => creatorChanges(access, terms)
  }
}
