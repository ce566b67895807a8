/** Rules by their names, in the order of the document for each subject; those that it does not name keep their places. */
import { Effect } from "effect"
import { defaultSubject } from "../../rules/Rule.ts"
import { subjectNamed } from "../../rules/RuleSubjects.ts"
import type { PortableRule } from "../Configuration.ts"
import type { Present } from "../ConfigurationTransfer.ts"
import { differences, type Gathering, refuseTwins } from "./Gathering.ts"
import type { Owners } from "./Import.ts"
import { toRule } from "./Portable.ts"

export const importRules = Effect.fnUntraced(function* (
  { rules }: Owners,
  gathered: Gathering,
  given: ReadonlyArray<PortableRule>,
  before: Present,
  idOf: (name: string) => string | undefined
) {
  const { apply, changes, wrong } = gathered
  const all = (yield* rules.list).map(({ id, name, subject }) => ({ id, name, subject }))
  const twins = refuseTwins(
    gathered,
    "rules",
    "name",
    given.map(({ name }) => name)
  )
  const placed: Array<(typeof all)[number]> = []

  for (const [index, asGiven] of given.entries()) {
    if (twins.has(index)) continue
    const subject = asGiven.subject ?? defaultSubject
    const effect = subjectNamed(rules.subjects, subject)?.effectNamed(asGiven.effect)?.name ?? asGiven.effect
    const portable = { ...asGiven, subject, effect }
    const rule = toRule(portable, idOf, (at) =>
      wrong(["rules", index, "scope", "integrations", at], "there is no integration of that name")
    )
    const { name } = portable
    const known = all.find((each) => each.name === name)
    if (known === undefined) {
      const added = yield* apply(
        ["rules", index],
        { section: "rules", name, change: "add", fields: [] },
        rules.create(rule)
      )
      if (added === null) continue
      all.push({ id: added.id, name, subject })
      placed.push({ id: added.id, name, subject })
      continue
    }
    if (known.subject !== subject) {
      wrong(["rules", index, "subject"], `the rule of that name is about ${known.subject}, which does not change`)
      continue
    }
    placed.push(known)
    const present = before.rules.find((each) => each.name === name) ?? portable
    const fields = differences({ scope: {}, ...present, subject }, { scope: {}, ...portable })
    if (fields.length === 0) continue
    yield* apply(
      ["rules", index],
      { section: "rules", name, change: "change", fields },
      rules.update(known.id, { ...rule, scope: rule.scope ?? {} })
    )
  }

  for (const subject of new Set(placed.map((each) => each.subject))) {
    const order = all.filter((each) => each.subject === subject)
    // The positions that these rules occupy together are reassigned in the order of the document.
    const named = new Set(placed.map(({ id }) => id))
    const next = placed.filter((each) => each.subject === subject)[Symbol.iterator]()
    const wanted = order.map((each) => (named.has(each.id) ? (next.next().value ?? each) : each))
    const [was, is] = [order.map(({ name }) => name), wanted.map(({ name }) => name)]
    const fields = differences({ order: was }, { order: is })
    if (fields.length === 0) continue
    yield* Effect.orDie(
      rules.reorder(
        wanted.map(({ id }) => id),
        subject
      )
    )
    changes.push({ section: "rules", name: "order", change: "change", fields })
  }
})
