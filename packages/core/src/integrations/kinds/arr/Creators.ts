/** The family of applications that manage creators and their works: artists with albums, authors with books. */
import type { ArrFamily } from "./ArrKind.ts"
import { creatorChanges } from "./CreatorChanges.ts"
import { readCreators, rereadCreator } from "./CreatorCatalog.ts"
import { creatorContents } from "./CreatorContents.ts"
import { creatorRemoval } from "./CreatorRemoval.ts"
import { creatorOrigins } from "./Origins.ts"
import { type CreatorVocabulary, creatorTerms } from "./CreatorTerms.ts"
import { arrQueue } from "./Queue.ts"
import { creatorQueue } from "./QueueTerms.ts"
import { isNumericId } from "./Restore.ts"

export type { CreatorVocabulary } from "./CreatorTerms.ts"

/**
 * For applications whose library consists of two lists, of creators and of their works, such as Lidarr's `artist` and
 * `album`. Items are creators, and their works that have files.
 */
export const creatorFamily = (vocabulary: CreatorVocabulary): ArrFamily => {
  const terms = creatorTerms(vocabulary)
  return {
    itemKinds: [vocabulary.creator, vocabulary.work],
    capabilities: [],
    // creators, works, tag, qualityprofile
    listCalls: 4,
    // creator, works, tag, qualityprofile, history
    rereadCalls: 5,
    // creator, works, importlistexclusion
    presenceCalls: 3,
    readsHistory: true,
    facts: creatorOrigins(terms),
    // An image keeps the file extension that it has at the metadata provider.
    covers: ({ key }) => {
      const ids = terms.parse(key)
      if (ids === null || !isNumericId(ids.creator)) return []
      const image =
        ids.work === null ? `${vocabulary.creator}/${ids.creator}/poster` : `${vocabulary.work}/${ids.work}/cover`
      return [`${image}.jpg`, `${image}.png`]
    },
    readCatalog: (access, progress, odd) => readCreators(access, terms, progress, odd),
    rereadItem: (access, target, odd) => rereadCreator(access, terms, target, odd),
    removal: (access) => creatorRemoval(access, terms),
    contents: (access) => creatorContents(access, terms),
    contentsCalls: `for rules about files one for each ${vocabulary.creator}: at first, after its figures have changed, and once in half the time after which a fact counts as unknown`,
    changes: (access) => creatorChanges(access, terms),
    queue: (access) => arrQueue(access, creatorQueue(terms))
  }
}
