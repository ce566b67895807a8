/**
 * Looks up names of fields, operators, factors and facts, tolerating spelling variants and suggesting the nearest name.
 */

/** `size_bytes`, `sizeBytes`, `size-bytes` and `SIZEBYTES` are one name. Signs (`!=`, `>=`) are left unchanged. */
export const normaliseName = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replaceAll(/[_\- ]/g, "")

/** A table for look-ups by name or alias. Building it fails if two entries share a name. */
export const nameTable = <A>(
  entries: Iterable<A>,
  namesOf: (entry: A) => Iterable<string>
): { readonly get: (name: string) => A | undefined; readonly names: () => IterableIterator<string> } => {
  const byName = new Map<string, A>()
  for (const entry of entries) {
    for (const name of namesOf(entry)) {
      const key = normaliseName(name)
      const taken = byName.get(key)
      if (taken !== undefined && taken !== entry) throw new Error(`Two entries are named "${name}"`)
      byName.set(key, entry)
    }
  }
  return { get: (name) => byName.get(normaliseName(name)), names: () => byName.keys() }
}

/** The candidate that differs from `name` by the fewest letters, or `null` if none is near enough. */
export const nearestName = (name: string, candidates: Iterable<string>): string | null => {
  const wanted = normaliseName(name)
  if (wanted.length === 0 || wanted.length > longestGuess) return null
  let nearest: string | null = null
  let distance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const other = normaliseName(candidate)
    if (Math.abs(other.length - wanted.length) >= distance) continue
    const found = editDistance(wanted, other)
    if (found < distance) {
      distance = found
      nearest = candidate
    }
  }
  return nearest
}

/** A name this long is not a typo; this also limits the work that a malicious request can cause. */
const longestGuess = 40

/** Levenshtein distance in which swapping two adjacent letters counts once (optimal string alignment). */
const editDistance = (left: string, right: string): number => {
  let older: Array<number> = []
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const cost = left[row - 1] === right[column - 1] ? 0 : 1
      let best = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + cost)
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        best = Math.min(best, older[column - 2]! + 1)
      }
      current.push(best)
    }
    older = previous
    previous = current
  }
  return previous[right.length]!
}
