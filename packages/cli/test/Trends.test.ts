/** `tendarr trends`. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { trendLines } from "../src/commands/Trends.ts"
import { plain } from "../src/output/Style.ts"
import { cli, cliJson, patient } from "./support/Cli.ts"
import { type LocalFolder, localFolder } from "./support/LocalFolder.ts"

const quiet = { removedItems: 0, removedBytes: 0, addedItems: 0, goneItems: 0 }
const computedAt = "2026-01-15T12:00:00.000Z"

describe("trends", patient, () => {
  let folder: LocalFolder
  beforeAll(async () => {
    folder = await localFolder()
  }, patient.timeout)
  afterAll(() => folder.stop())

  it("are shown per disk, and per day on which something happened", () => {
    const lines = trendLines(
      {
        computedAt,
        days: [
          { at: "2026-01-13T00:00:00.000Z", ...quiet },
          { at: "2026-01-14T00:00:00.000Z", removedItems: 2, removedBytes: 3 * 1024 ** 3, addedItems: 1, goneItems: 4 }
        ],
        diskGroups: [
          { diskGroupId: "1", mountPath: "/grows", bytesPerDay: 1024 ** 3, daysUntilThreshold: 12.4 },
          { diskGroupId: "2", mountPath: "/shrinks", bytesPerDay: -(1024 ** 3), daysUntilThreshold: null },
          { diskGroupId: "3", mountPath: "/new", bytesPerDay: null, daysUntilThreshold: 0 }
        ]
      },
      plain,
      null
    )
    const cells = lines.map((line) => line.split(/\s{2,}/).map((cell) => cell.trim()))
    expect(cells).toContainEqual(["1", "/grows", "+1.0 GiB", "in 12 days"])
    expect(cells).toContainEqual(["2", "/shrinks", "−1.0 GiB", "–"])
    expect(cells).toContainEqual(["3", "/new", "unknown", "reached"])
    expect(cells).toContainEqual(["2026-01-14", "1", "4", "2", "3.0 GiB"])
    expect(lines.join("\n")).not.toContain("2026-01-13")
  })

  it("report that there is no data yet", async () => {
    const shown = await cli(["trends", "--data-dir", folder.path])
    expect(shown.code).toBe(0)
    expect(shown.stdout).toContain("No disks found yet")
    expect(shown.stdout).toContain("Nothing was added or removed")
    const found = await cliJson<{ days: ReadonlyArray<unknown> }>(["trends", "--data-dir", folder.path])
    expect(found.days).toHaveLength(30)
  })
})
