import { describe, expect, it } from "vitest"
import { nearest } from "../src/UsageErrors.ts"

const verbs = ["serve", "status", "sync", "preview", "run", "explain", "removals", "doctor"]

describe("The nearest valid word", () => {
  it("is found despite swapped, missing and doubled letters", () => {
    expect(nearest("stauts", verbs)).toBe("status")
    expect(nearest("explan", verbs)).toBe("explain")
    expect(nearest("rrun", verbs)).toBe("run")
    expect(nearest("--intgeration", ["--json", "--integration"])).toBe("--integration")
  })

  it("is found by its beginning if that is unique", () => {
    expect(nearest("doc", verbs)).toBe("doctor")
    expect(nearest("remov", verbs)).toBe("removals")
    expect(nearest("s", verbs)).toBeNull()
  })

  it("is silent when nothing is near", () => {
    expect(nearest("frobnicate", verbs)).toBeNull()
    expect(nearest("--verbose", ["--json", "--url"])).toBeNull()
  })
})
