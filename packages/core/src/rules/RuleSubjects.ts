/** What rules can be about in this installation: items, and what rooms and programs register in addition. */
import { Context, Effect, Layer } from "effect"
import { type InvalidRequest, invalidField, type Issue } from "../problems/Problem.ts"
import { itemRules } from "./ItemRules.ts"
import { nearestName } from "../problems/Names.ts"
import type { AnyRuleSubject } from "./RuleSubject.ts"

const builtIn: ReadonlyArray<AnyRuleSubject> = [itemRules]

const reference = Context.Reference<ReadonlyArray<AnyRuleSubject>>("tendarr/rules/RuleSubjects", {
  defaultValue: () => builtIn
})

/**
 * The subjects, in the order in which they are listed. It needs no layer: without one there are only the built-in ones.
 * `RuleSubjects.layerWith([mine])` adds your own.
 */
export const RuleSubjects = Object.assign(reference, {
  /** The built-in subjects, and `extra` ones. Building the layer throws if a name is invalid or already used. */
  layerWith: (extra: ReadonlyArray<AnyRuleSubject>): Layer.Layer<never> =>
    Layer.sync(reference, () => {
      const subjects = [...builtIn, ...extra]
      const seen = new Set<string>()
      for (const { name } of subjects) {
        if (!/^[a-z][a-z0-9_-]{0,59}$/i.test(name)) {
          throw new Error(`"${name}" cannot be the name of a subject: a letter, then letters, digits, _ or -`)
        }
        if (seen.has(name)) throw new Error(`Two subjects are named "${name}"`)
        seen.add(name)
      }
      return subjects
    })
})

export const subjectNamed = (subjects: ReadonlyArray<AnyRuleSubject>, name: string): AnyRuleSubject | undefined =>
  subjects.find((subject) => subject.name === name)

/** The subject with a name that a request gives at `path`; an unknown name is refused, with the nearest existing one. */
export const requireSubject = (
  subjects: ReadonlyArray<AnyRuleSubject>,
  name: string,
  path: Issue["path"]
): Effect.Effect<AnyRuleSubject, InvalidRequest> => {
  const subject = subjectNamed(subjects, name)
  if (subject !== undefined) return Effect.succeed(subject)
  const names = subjects.map((one) => one.name)
  const nearest = nearestName(name, names)
  const guess = nearest === null ? `there are ${names.join(", ")}` : `did you mean ${nearest}?`
  return Effect.fail(invalidField(path, `there are no rules about "${name.slice(0, 60)}"; ${guess}`))
}

/** Whether the effect of a stored rule spares what it matches. An unknown subject or effect is assumed to spare. */
export const sparing = (
  subjects: ReadonlyArray<AnyRuleSubject>,
  rule: { readonly subject: string; readonly effect: string }
): boolean => subjectNamed(subjects, rule.subject)?.effectNamed(rule.effect)?.keeps ?? true
