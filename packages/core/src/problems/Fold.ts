/**
 * Text as names are compared: by Unicode case folding. Two names are one when they differ in upper and lower case, in the
 * way that accents are written (composed or not), or in spellings that a change of case brings about (`ß` and `SS`, `ﬁ`
 * and `FI`, the two forms of the lower-case sigma).
 */

/**
 * Full case folding, composed (NFC). No table is needed: lower, upper and lower case again map every letter to what
 * Unicode's `CaseFolding.txt` makes one of it. Two things go beyond the default folding, since names are typed by people:
 * the dotted and the dotless i of Turkish are one letter (`İstanbul`, `ISPARTA`, `Isparta` with a dotless i), and the
 * final sigma is a sigma wherever it stands, so that a part of a word compares as the word does. Compatibility forms (NFKC)
 * are left alone: `①` is not `1`.
 */
export const fold = (text: string): string => {
  if (!beyondAscii.test(text)) return text.toLowerCase()
  return compose(text)
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll("i\u0307", "i")
    .replaceAll("ς", "σ")
    .normalize("NFC")
}

/** Canonical composition (NFC). Nothing before the combining marks (U+0300) is changed by it, so most texts skip it. */
export const compose = (text: string): string => (mayDecompose.test(text) ? text.normalize("NFC") : text)

const beyondAscii = /[^\0-\x7f]/
const mayDecompose = /[\u0300-\uffff]/
