import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { PlayTally } from "../../../src/integrations/kinds/PlayTally.ts"

const day = (number: number) => `2026-11-0${number}T20:00:00.000Z`

describe("A tally of plays", () => {
  it("keeps plays of an unknown season separate from those of each season", () => {
    const tally = new PlayTally()
    tally.episode({ key: "20" }, 1, { user: "ann", at: day(1) })
    tally.episode({ key: "20" }, null, { user: "ann", at: day(2) })
    assert.deepStrictEqual(
      Effect.runSync(tally.result()).map(({ kind, lastPlayedAt, plays, seasonNumber }) => [
        kind,
        seasonNumber,
        plays,
        lastPlayedAt
      ]),
      [
        ["show", null, 2, day(2)],
        ["season", 1, 1, day(1)],
        ["season", null, 1, day(2)]
      ]
    )
  })

  it("does not use the share of a begun play for one that was watched", () => {
    const tally = new PlayTally()
    tally.movie({ key: "10" }, { user: "ann", at: day(1), seen: true })
    tally.movie({ key: "10" }, { user: "ann", at: day(2), seen: false, share: 0.1 })
    tally.movie({ key: "10" }, { user: "bob", at: day(2), seen: false, share: 0.1 })
    assert.deepStrictEqual(
      Effect.runSync(tally.result())[0]?.users.map(({ furthest, seen }) => [seen, furthest]),
      [
        [1, undefined],
        [0, 0.1]
      ]
    )
  })

  it("reports what may have been played more often, without counting a play", () => {
    const tally = new PlayTally()
    tally.doubtMovie({ key: "10" }, "unread")
    tally.doubtEpisode({ key: "20" }, 3, "unread")
    assert.deepStrictEqual(
      Effect.runSync(tally.result()).map(({ plays, seasonNumber, serverItemId, untold, users }) => [
        serverItemId,
        seasonNumber,
        plays,
        untold,
        users.length
      ]),
      [
        ["10", null, 0, "unread", 0],
        ["20", null, 0, "unread", 0],
        ["20", 3, 0, "unread", 0]
      ]
    )
  })
})
