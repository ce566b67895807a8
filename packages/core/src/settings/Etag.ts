/**
 * `If-Match` (RFC 9110, 13.1.1): whether a list of entity tags, or `*`, matches the current one by strong comparison.
 */
export const matchesEtag = (ifMatch: string, current: string): boolean =>
  ifMatch.trim() === "*" || ifMatch.split(",").some((tag) => tag.trim() === current)
