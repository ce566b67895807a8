/**
 * Normal form for comparing names, by Unicode case folding. Two names are equal if they differ only in case, in how
 * accents are encoded (composed or not), or in spellings that a change of case produces (`ß` and `SS`, `ﬁ` and `FI`,
 * the two forms of the lower-case sigma).
 */

/**
 * Full case folding, composed (NFC). No table is needed: applying lower, upper and lower case in turn maps every letter
 * as Unicode's `CaseFolding.txt` does. Two cases go beyond the default folding, since people type these names: the
 * dotted and the dotless i of Turkish are the same letter (`İstanbul`, `ISPARTA`, `Isparta` with a dotless i), and the
 * final sigma equals sigma everywhere, so that a part of a word compares as the whole word does. Compatibility forms
 * (NFKC) are not unified: `①` is not `1`.
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

/**
 * Canonical composition (NFC). It leaves characters below the combining marks (U+0300) unchanged, so most texts skip
 * it.
 */
export const compose = (text: string): string => (mayDecompose.test(text) ? text.normalize("NFC") : text)

const beyondAscii = /[^\0-\x7f]/
const mayDecompose = /[\u0300-\uffff]/
