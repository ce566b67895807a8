/**
 * Which copies of a title are its 4K copies. No application says so: a manager for 4K may still have a copy in a lower
 * resolution, so several signs are compared.
 */
import type { CatalogFacts } from "../integrations/Observations.ts"

/** What the signs are read from. */
export interface Copy {
  readonly facts: Pick<CatalogFacts, "resolution" | "qualityProfile">
  readonly path: string | null
}

const namesUhd = (text: string | null | undefined): boolean =>
  /(2160p?|4k|uhd|ultra[- ]?hd)(?![a-z0-9])/i.test(text ?? "")

/** The resolution, the quality profile, the folder. */
export const uhdSigns: ReadonlyArray<(copy: Copy) => boolean> = [
  ({ facts }) =>
    facts.resolution === null || facts.resolution === undefined
      ? namesUhd(facts.qualityProfile)
      : facts.resolution === "2160p",
  ({ facts }) => namesUhd(facts.qualityProfile),
  ({ path }) => namesUhd(path)
]

/**
 * Whether a copy is the one in 4K. `null` = its own signs contradict each other, and there is no other copy;
 * `undefined` = there are other copies, and the signs that distinguish it from them contradict each other.
 */
export const isUhdCopy = (copy: Copy, others: ReadonlyArray<Copy>): boolean | null | undefined => {
  const differing = uhdSigns.filter((isUhd) => others.some((other) => isUhd(other) !== isUhd(copy)))
  const signs = (differing.length === 0 ? uhdSigns : differing).map((isUhd) => isUhd(copy))
  const [first = false] = signs
  return signs.every((sign) => sign === first) ? first : differing.length === 0 ? null : undefined
}
