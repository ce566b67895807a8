/**
 * Whether a key or token can be sent at all: most are sent in a header, which allows neither line breaks nor non-Latin
 * letters.
 */

/** Why this value cannot be sent in a header, or `null`. Never quotes the value. */
export const headerFault = (value: string): string | null => {
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0
    if (character === "\n" || character === "\r") return "the key has a line break in it; copy it again"
    if (code > 0xff) return "the key has a character in it that no key has; copy it again"
    if ((code < 0x20 && character !== "\t") || (code > 0x7e && code < 0xa1)) {
      return "the key has an invisible character in it; copy it again"
    }
  }
  return null
}

/** Why this cannot be a key as entered by a person, or `null`. */
export const keyFault = (value: unknown): string | null => {
  if (typeof value !== "string") return null
  if (value.trim() === "") return "must not be empty"
  if (value !== value.trim()) return "must not begin or end with white space"
  return headerFault(value)
}
