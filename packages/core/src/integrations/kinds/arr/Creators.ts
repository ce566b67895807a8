/** The family of applications that manage creators and their works: artists with albums, authors with books. */
import type { ArrFamily } from "./ArrKind.ts"
import { readCreators } from "./CreatorCatalog.ts"
import { creatorRemoval } from "./CreatorRemoval.ts"
import { type CreatorWords, creatorTerms } from "./CreatorTerms.ts"

/**
 * For an application whose library is two lists, of creators and of their works, as Lidarr's `artist` and `album`. Items
 * are both, as far as they have files.
 */
export const creatorFamily = (words: CreatorWords): ArrFamily => {
  const terms = creatorTerms(words)
  return {
    itemKinds: [words.creator, words.work],
    capabilities: [],
    // creators, works, tag, qualityprofile
    catalogCalls: 4,
    readCatalog: (access, progress) => readCreators(access, terms, progress),
    removal: (access) => creatorRemoval(access, terms)
  }
}
