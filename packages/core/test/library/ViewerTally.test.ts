import { assert, describe, it } from "vitest"
import { ViewerTally, viewerOf } from "../../src/library/ViewerTally.ts"

const at = "2026-03-01T00:00:00.000Z"
const sum = (before: number, more: number) => before + more

describe("Viewers with several names", () => {
  it("are one person if they share a name, regardless of case, spaces and Unicode form", () => {
    const tally = new ViewerTally()
    tally.add({ user: "Zoë", names: ["zoe@example.test"], plays: 1, lastPlayedAt: null }, sum)
    tally.add({ user: " ZOE\u0308 ", plays: 2, lastPlayedAt: at }, sum)
    tally.add({ user: "zoe-login", names: ["Zoe@Example.test"], plays: 3, lastPlayedAt: null }, sum)
    const [only, ...others] = tally.viewers
    assert.deepStrictEqual(others, [])
    assert.deepInclude(only, { user: "Zoë", plays: 6, lastPlayedAt: at })
  })

  it("are named without surrounding spaces", () => {
    const { names, user } = viewerOf({ name: "Anna ", names: [" anna@example.test"], plays: 1, lastPlayedAt: null })
    assert.deepStrictEqual([user, names], ["Anna", ["anna@example.test"]])
  })

  it("become one when a viewer appears who shares a name with each of them", () => {
    const tally = new ViewerTally()
    tally.add({ user: "login", plays: 1, lastPlayedAt: null }, sum)
    tally.add({ user: "Shown", plays: 2, lastPlayedAt: null }, sum)
    tally.add({ user: "mail@example.test", names: ["login", "shown"], plays: 4, lastPlayedAt: null }, sum)
    assert.deepStrictEqual(
      tally.viewers.map(({ plays }) => plays),
      [7]
    )
  })

  it("stay two people while they share no name", () => {
    const tally = new ViewerTally()
    tally.add({ user: "ann", plays: 1, lastPlayedAt: null }, sum)
    tally.add({ user: "anna", plays: 1, lastPlayedAt: null }, sum)
    assert.lengthOf(tally.viewers, 2)
  })

  it("keep what only one of their accounts reports: an undated play, what was watched, how far", () => {
    const tally = new ViewerTally()
    tally.add({ user: "ann", plays: 1, lastPlayedAt: null, undated: true }, Math.max)
    tally.add({ user: "Ann", plays: 2, lastPlayedAt: at, seen: 1, lastSeenAt: at, furthest: 0.95 }, Math.max)
    assert.deepStrictEqual(tally.viewers, [
      { user: "ann", plays: 2, lastPlayedAt: at, undated: true, seen: 1, lastSeenAt: at, furthest: 0.95 }
    ])
  })
})
