import * as fc from "fast-check"
import { assert, describe, it } from "vitest"
import { fold } from "../../src/problems/Fold.ts"

const same = (...texts: ReadonlyArray<string>) => {
  for (const text of texts) assert.strictEqual(fold(text), fold(texts[0]!), `${text} and ${texts[0]}`)
}

describe("fold", () => {
  it("makes one of what differs in case alone, also where a change of case changes the letters", () => {
    same("Straße", "STRASSE", "strasse", "STRAẞE")
    same("ΣΊΣΥΦΟΣ", "σίσυφος", "Σίσυφοσ")
    same("ﬁlm", "FILM", "film")
    same("Kelvin", "\u212Aelvin")
    same("Ǆ", "ǅ", "ǆ")
    same("ᾳ", "ΑΙ", "αι")
  })

  it("makes one of the dotted and the dotless i", () => {
    same("İstanbul", "istanbul", "ISTANBUL", "I\u0307stanbul", "i\u0307stanbul")
    same("Isparta", "ısparta", "ISPARTA", "isparta")
    same("DİYARBAKIR", "Diyarbakır")
  })

  it("makes one of composed and decomposed letters", () => {
    same("Émile", "E\u0301mile", "émile", "e\u0301MILE")
    same("ΐ", "Ϊ\u0301", "ι\u0308\u0301")
    same("Å", "\u212B", "a\u030A")
  })

  it("keeps apart what is written with other letters", () => {
    for (const [one, other] of [
      ["Emile", "Émile"],
      ["①", "1"],
      ["o", "ö"],
      ["Kids", "Kid"],
      ["x²", "x2"]
    ] as const) {
      assert.notStrictEqual(fold(one), fold(other))
    }
  })

  it("comes to the same for every character, its upper and its lower case, once or twice", () => {
    const odd: Array<string> = []
    for (let code = 0; code <= 0x1_ff_ff; code += 1) {
      if (code >= 0xd8_00 && code <= 0xdf_ff) continue
      const text = String.fromCodePoint(code)
      const folded = fold(text)
      const others = [text.toUpperCase(), text.toLowerCase(), text.normalize("NFD"), folded]
      if (others.some((other) => fold(other) !== folded)) odd.push(code.toString(16))
    }
    assert.deepStrictEqual(odd, [])
  })

  it("comes to the same for every text, however it is composed and in whatever case", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        same(text, text.toUpperCase(), text.normalize("NFD"), text.normalize("NFC"))
        same(fold(text), text)
      }),
      { numRuns: 500 }
    )
  })
})
