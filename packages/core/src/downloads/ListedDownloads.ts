/** Lets the rules about downloads list those in memory: those of the database take seconds to read. */
import { Effect, Layer } from "effect"
import { RuleSubjects } from "../rules/RuleSubjects.ts"
import { downloadRules, rulesAbout } from "./DownloadRules.ts"
import { Downloads } from "./Downloads.ts"

/** Needs to be below everything that takes the subjects of rules. */
export const ListedDownloads = Layer.effect(
  RuleSubjects,
  Effect.gen(function* () {
    const { current } = yield* Downloads
    const listed = rulesAbout(current)
    return (yield* RuleSubjects).map((subject) => (subject === downloadRules ? listed : subject))
  })
)
