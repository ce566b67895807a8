/**
 * Fields of a group of settings. Annotations of a field, in addition to its type: `default` is its value until it is set.
 */
import { Schema } from "effect"

export interface About<A> extends Schema.Annotations.Documentation<A> {
  readonly default: A
  readonly description: string
}

export const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

export const wholeNumber = (minimum: number, maximum: number, about: About<number>) =>
  between(minimum, maximum).annotate(about)

export const flag = (about: About<boolean>) => Schema.Boolean.annotate(about)
