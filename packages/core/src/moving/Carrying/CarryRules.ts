/** Creates rules as they were found: those that act switched off, each with the titles of its libraries here. */
import { Effect } from "effect"
import { Rules } from "../../rules/Rules.ts"
import type { FoundRule } from "../Found.ts"
import type { Matching } from "../Matching.ts"
import { refusalsOf } from "../Records.ts"
import type { Carried } from "./Carried.ts"

/** `title` is that of the product. */
export const makeCarryRule = Effect.gen(function* () {
  const rules = yield* Rules

  return Effect.fnUntraced(function* (found: FoundRule, matching: Matching, title: string) {
    const { key, libraryKeys, lost, name, notes, original, rule } = found
    const entry = { section: "rules", title: name, notes, original, itemId: null, matchedBy: null } as const
    const refused = (because: string): Carried => ({
      key,
      created: null,
      entry: { ...entry, outcome: "not-carried", because }
    })
    if (rule === null || lost.length > 0) return refused(lost.join("; "))
    const titles = libraryKeys.map((one) => [one, matching.titleOf(one)] as const)
    const unknown = titles.filter(([, of]) => of === null).map(([one]) => one)
    // Without its libraries, the rule would apply to all of them.
    if (unknown.length > 0) {
      return refused(
        `it is only about the library with the key ${unknown.join(", ")} of the media server, whose title is not known: give it as ${unknown.map((one) => `${one}=TITLE`).join(", ")}`
      )
    }
    const libraries = [...new Set(titles.flatMap(([, of]) => of ?? []))]
    const scoped = libraries.length === 0 ? rule : { ...rule, scope: { ...rule.scope, libraries } }
    const taken = new Set((yield* rules.list).map((one) => one.name.toLowerCase()))
    const suffix = ` (${title})`
    const free = [rule.name, `${rule.name.slice(0, longestName - suffix.length)}${suffix}`].find(
      (one) => !taken.has(one.toLowerCase())
    )
    if (free === undefined) return refused(nameTaken)
    const definition = { ...scoped, name: free }
    return yield* rules.create(definition).pipe(
      Effect.map((created): Carried => ({
        key,
        created: `rule:${created.id}`,
        entry: {
          ...entry,
          notes: free === rule.name ? notes : [`it is called "${free}" here: the name is taken`, ...notes],
          outcome: "create",
          because: null,
          rule: definition
        }
      })),
      Effect.catchTags({
        InvalidRequest: (error) => Effect.succeed(refused(refusalsOf(error).join("; "))),
        RuleNameTaken: () => Effect.succeed(refused(nameTaken))
      })
    )
  })
})

const longestName = 120
const nameTaken = "there is a rule of that name already"
