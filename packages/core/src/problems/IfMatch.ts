/**
 * `If-Match` (RFC 9110, 13.1.1): entity tags in a list, or `*`. One reading of the header for resources whose tag
 * contains a name and for those whose tag is their version. A tag stands for a version, not for the bytes of an answer,
 * so a tag that a compressing proxy has weakened (`W/"3"`) matches too.
 */

/** The tags of a header, quotes included; `null` = `*`, any; `undefined` = this is no list of tags. */
const tagsIn = (header: string): ReadonlyArray<string> | null | undefined => {
  if (header.trim() === "*") return null
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""))
  return tags.every((tag) => /^"[\x21\x23-\x7e]*"$/.test(tag)) ? tags : undefined
}

/** Whether the header matches the current tag. */
export const matchesEtag = (header: string, current: string): boolean => {
  const tags = tagsIn(header)
  return tags === null || tags?.includes(current) === true
}

/** The tag of a version: `"3"`. */
export const versionTag = ({ version }: { readonly version: number }): string => `"${version}"`

/** The version that the header expects; `undefined` = any, or there is no header; `null` = it does not name one version. */
export const versionIn = (header: string | undefined): number | undefined | null => {
  const tags = header === undefined ? null : tagsIn(header)
  if (tags === null) return undefined
  const [tag, ...others] = tags ?? []
  const version = tag === undefined || others.length > 0 ? null : /^"(\d{1,15})"$/.exec(tag)
  return version === null ? null : Number(version[1])
}
