/**
 * People as applications name them. One person has a login, a display name, a mail address and an id, and not every
 * application reports all of them: two entries are the same person if they share any of these, except for names that
 * several people are known to have.
 */
import type { ViewerObservation } from "../integrations/Observations.ts"
import { nameKey } from "../viewers/NameKey.ts"
import type { ViewerPlays } from "./Facts.ts"

/** Every name of a viewer. */
export const namesOf = ({ names, user }: ViewerPlays): ReadonlyArray<string> =>
  names === undefined ? [user] : [user, ...names]

/** Viewers, each with all data that is reported about them. */
export class ViewerTally {
  readonly #byName = new Map<string, { viewer: ViewerPlays }>()
  readonly #all = new Set<{ viewer: ViewerPlays }>()

  /** `counts` joins the plays of two accounts of the same person: the larger one, or the sum. */
  add(viewer: ViewerPlays, counts: (before: number, more: number) => number): void {
    const keys = keysOf(viewer)
    const found = new Set(keys.flatMap((key) => this.#byName.get(key) ?? []))
    const [first, ...others] = found
    const person = first ?? { viewer }
    if (first === undefined) this.#all.add(person)
    else person.viewer = bothViewers(person.viewer, viewer, counts)
    // A name that two had shared without our knowing makes them one.
    for (const other of others) {
      person.viewer = bothViewers(person.viewer, other.viewer, counts)
      this.#all.delete(other)
    }
    for (const key of keysOf(person.viewer)) this.#byName.set(key, person)
  }

  get viewers(): ReadonlyArray<ViewerPlays> {
    return [...this.#all].map(({ viewer }) => viewer)
  }
}

/** What identifies the person: names that nobody else has, and the identifier of somebody who has others too. */
export const keysOf = (viewer: ViewerPlays): ReadonlyArray<string> => {
  const keys = namesOf(viewer).map(nameKey)
  const { ambiguous, person } = viewer
  if (ambiguous === undefined && person === undefined) return keys
  const others = new Set((ambiguous ?? []).map(nameKey))
  return [...keys.filter((key) => !others.has(key)), ...(person === undefined ? [] : [`person ${person}`])]
}

/** Without the white space that an application has kept around a name, which nobody types in a rule. */
export const viewerOf = ({
  account: _,
  firstPlayedAt: __,
  marked: ___,
  name,
  names,
  seconds: ____,
  ...plays
}: ViewerObservation): ViewerPlays => ({
  user: name.trim() || name,
  ...(names === undefined ? {} : { names: names.map((one) => one.trim() || one) }),
  ...plays
})

/** The plays of one person that two sources report. `counts` joins the numbers of plays. */
export const bothViewers = (
  one: ViewerPlays,
  other: ViewerPlays,
  counts: (a: number, b: number) => number
): ViewerPlays => {
  const names = distinctNames([...namesOf(one), ...namesOf(other)]).filter(
    (name) => nameKey(name) !== nameKey(one.user)
  )
  const seen = largest(one.seen, other.seen)
  // A viewer who is reported to have watched it, but not how far, may have got further than another source reports.
  const furthest = [one, other].some(isShareUntold) ? undefined : largest(one.furthest, other.furthest)
  const ambiguous = distinctNames([...(one.ambiguous ?? []), ...(other.ambiguous ?? [])])
  const person = one.person ?? other.person
  return {
    user: one.user,
    ...(names.length === 0 ? {} : { names }),
    plays: counts(one.plays, other.plays),
    lastPlayedAt: later(one.lastPlayedAt, other.lastPlayedAt),
    ...(one.undated === true || other.undated === true ? { undated: true } : {}),
    ...(seen === undefined ? {} : { seen, lastSeenAt: later(one.lastSeenAt ?? null, other.lastSeenAt ?? null) }),
    ...(furthest === undefined ? {} : { furthest }),
    ...(ambiguous.length === 0 ? {} : { ambiguous }),
    ...(person === undefined ? {} : { person })
  }
}

const isShareUntold = ({ furthest, seen }: ViewerPlays): boolean => furthest === undefined && (seen ?? 0) > 0

export const later = (a: string | null, b: string | null): string | null =>
  a === null ? b : b === null || a > b ? a : b

export const earlier = (a: string | null, b: string | null): string | null =>
  a === null ? b : b === null || a < b ? a : b

const largest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b)

const distinctNames = (names: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Map(names.map((name) => [nameKey(name), name])).values()
]
