/** The last check before a removal if the disk has changed since the removal was planned. */
import { assert, describe, it } from "vitest"
import type { DiskGroup } from "../../src/capacity/DiskGroup.ts"
import type { Verdict } from "../../src/acts/Verdict.ts"
import { recheck } from "../../src/removals/Recheck.ts"
import type { StoredRemoval } from "../../src/removals/RemovalStore/Rows.ts"
import { diskGroup, environmentOf, itemOnDisk } from "../capacity/Worlds.ts"

const planned: StoredRemoval = {
  id: "1",
  itemId: "1",
  integrationId: "1",
  diskGroupId: "1",
  externalId: "1",
  ids: [],
  kind: "movie",
  title: "Film",
  sizeBytes: 1000,
  state: "scheduled",
  mode: "auto",
  origin: "engine",
  actor: "job:capacity",
  action: "remove-entry",
  importExclusion: null,
  resetRequest: false,
  requestReset: null,
  graceDays: null,
  ruleId: null,
  runId: null,
  collection: null,
  rank: 1,
  scheduledAt: "2026-06-01T00:00:00.000Z",
  snoozedUntil: null,
  attempts: 0,
  nextAttemptAt: null,
  freedBytes: null,
  because: "the disk is too full",
  canBeUndone: true,
  reason: null,
  approvedBy: null,
  endedBy: null,
  restorable: false,
  restore: null,
  step: null,
  recalled: null,
  version: 1,
  createdAt: "2026-05-31T00:00:00.000Z",
  updatedAt: "2026-05-31T00:00:00.000Z",
  endedAt: null
}

/** Only the manager of the item reports anything about it. */
const allowedUnknown: DiskGroup["allowedUnknown"] = ["playCount", "lastPlayedAt", "requested"]

const verdictOn = (given: Partial<DiskGroup>, answered: ReadonlyArray<string> = ["1"]) =>
  recheck(
    environmentOf([itemOnDisk("1", 1000)], {
      groups: new Map([["1", diskGroup({ mode: "auto", allowedUnknown, ...given })]])
    }),
    planned,
    {
      braked: false,
      defaultMode: "auto",
      reading: { answered: new Set(answered), freed: new Map() },
      unitBegun: false,
      requestedWith: new Set(),
      refusing: () => undefined,
      plannedOn: new Map(),
      untrueOf: null
    }
  )

describe("The last check before a removal", () => {
  it("allows a removal that was planned for a disk that is still too full", () => {
    assert.deepStrictEqual(verdictOn({}), { _tag: "Go" })
  })

  it("waits for a disk that is no longer reported, whatever else applies to it, and gives that reason", () => {
    const staleSince = "2026-06-01T00:00:00.000Z"
    const waits: Verdict = { _tag: "Wait", reason: "the disk /data is no longer reported" }
    assert.deepStrictEqual(verdictOn({ staleSince }), waits)
    assert.deepStrictEqual(verdictOn({ staleSince }, []), waits)
    assert.deepStrictEqual(verdictOn({ staleSince, stoppedBecause: "it may be another disk" }), waits)
    assert.deepStrictEqual(verdictOn({ staleSince, usedBytes: 10_000 }), waits)
  })

  it("waits for a disk that could not be read this time", () => {
    assert.deepStrictEqual(verdictOn({}, []), { _tag: "Wait", reason: "the disk /data could not be read" })
  })
})
