/** Rules by their names, in the order of the document; those that it does not name keep their places. */
import { Effect } from "effect"
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
  const order = (yield* rules.list).map(({ id, name }) => ({ id, name }))
  const twins = refuseTwins(
    gathered,
    "rules",
    "name",
    given.map(({ name }) => name)
  )
  const placed: Array<{ readonly id: string; readonly name: string }> = []

  for (const [index, portable] of given.entries()) {
    if (twins.has(index)) continue
    const rule = toRule(portable, idOf, (at) =>
      wrong(["rules", index, "scope", "integrations", at], "there is no integration of that name")
    )
    const { name } = portable
    const known = order.find((each) => each.name === name)
    if (known === undefined) {
      const added = yield* apply(
        ["rules", index],
        { section: "rules", name, change: "add", fields: [] },
        rules.create(rule)
      )
      if (added === null) continue
      order.push({ id: added.id, name })
      placed.push({ id: added.id, name })
      continue
    }
    placed.push(known)
    const present = before.rules.find((each) => each.name === name) ?? portable
    const fields = differences({ scope: {}, ...present }, { scope: {}, ...portable })
    if (fields.length === 0) continue
    yield* apply(
      ["rules", index],
      { section: "rules", name, change: "change", fields },
      rules.update(known.id, { ...rule, scope: rule.scope ?? {} })
    )
  }

  // The places that these rules have together are filled anew, in the order of the document.
  const named = new Set(placed.map(({ id }) => id))
  const next = placed[Symbol.iterator]()
  const wanted = order.map((each) => (named.has(each.id) ? (next.next().value ?? each) : each))
  const [was, is] = [order.map(({ name }) => name), wanted.map(({ name }) => name)]
  const fields = differences({ order: was }, { order: is })
  if (fields.length === 0) return
  yield* Effect.orDie(rules.reorder(wanted.map(({ id }) => id)))
  changes.push({ section: "rules", name: "order", change: "change", fields })
})
