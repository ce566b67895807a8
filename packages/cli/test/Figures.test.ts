/** `init`, `preview`, `run` and `status` report the same library with the same counts and terms. */
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { cli, cliJson, patient, temporaryFolder } from "./support/Cli.ts"
import { type Stack, startStack } from "./support/Stack.ts"

interface Planned {
  readonly itemId: string
}
interface Tally {
  readonly items: number
  readonly bytes: number
}
interface Summary {
  readonly evaluated: number
  readonly total: Tally
  readonly planned: Tally
  readonly bytesToFree: number
}
interface Page {
  readonly summary: Summary
  readonly items: ReadonlyArray<Planned>
}
interface Report {
  readonly summary: Summary
  readonly evaluated: number
  readonly proposed: number
  readonly groups: ReadonlyArray<{ readonly items: ReadonlyArray<Planned> }>
}
interface Status {
  readonly stats: Tally & { readonly openRemovals: number; readonly openByState: { readonly proposed: number } }
  readonly diskGroups: ReadonlyArray<{ readonly bytesToFree: number }>
}

let stack: Stack
let parent: string
beforeAll(async () => {
  stack = await startStack()
  parent = await temporaryFolder()
}, patient.timeout)
afterAll(async () => {
  await stack.stop()
  await rm(parent, { recursive: true })
})

const idsOf = (items: ReadonlyArray<Planned>) => items.map(({ itemId }) => itemId).toSorted()
const plannedIn = ({ groups }: Report) => idsOf(groups.flatMap(({ items }) => items))

describe("The figures of a first set-up", patient, () => {
  it("are the same in init, preview, run and status, and what init shows is what the first run plans", async () => {
    const kinds = ["radarr", "sonarr", "plex"]
    const env = Object.fromEntries(kinds.map((kind) => [`TENDARR_KEY_${kind.toUpperCase()}`, stack.app(kind).secret]))
    const there = ["--data-dir", join(parent, "evening")]
    const args = kinds.flatMap((kind) => ["--integration", `${kind}=${stack.app(kind).url}`])
    const output = await cliJson<{ preview: Page; run: { result: { total: number } } }>(
      ["init", "--yes", ...args, "--threshold", "60", "--target", "55", ...there],
      { env }
    )
    expect(output.preview.items.length).toBeGreaterThan(3)
    expect(output.preview.items).toHaveLength(output.preview.summary.planned.items)

    const preview = await cliJson<Page>(["preview", "--all", ...there])
    const dry = await cliJson<{ run: { result: Report } }>(["run", "--dry-run", ...there])
    const before = await cliJson<Status>(["status", ...there])
    const summaries = [output.preview.summary, preview.summary, dry.run.result.summary]
    for (const summary of summaries) expect(summary).toEqual(summaries[0])
    const { total } = preview.summary
    expect(preview.items).toHaveLength(total.items)
    expect([output.run.result.total, before.stats.items, dry.run.result.evaluated]).toEqual(
      [0, 0, 0].map(() => total.items)
    )
    expect(before.stats.bytes).toBe(total.bytes)
    expect(before.diskGroups.reduce((sum, { bytesToFree }) => sum + bytesToFree, 0)).toBe(preview.summary.bytesToFree)

    const lines = async (...command: ReadonlyArray<string>) => (await cli([...command, ...there])).stdout.split("\n")
    const shown = await lines("preview")
    const standing = shown.find((line) => /^\d+ items of .*: \d+ candidates?/.test(line)) ?? "none"
    const plan = shown.find((line) => / to free: \d+ items? of .* planned$/.test(line)) ?? "none"
    const drily = await lines("run", "--dry-run")
    expect(drily).toEqual(expect.arrayContaining([standing, plan]))
    expect(await lines("init", "--yes", ...args)).toEqual(expect.arrayContaining([standing, plan]))
    const status = (await lines("status")).join("\n")
    expect(status).toContain(`  ${standing.slice(0, standing.indexOf(":"))}, 0 protections`)

    const first = await cliJson<{ run: { result: Report } }>(["run", ...there])
    expect(plannedIn(first.run.result)).toEqual(idsOf(output.preview.items))
    const { proposed } = first.run.result
    const after = await cliJson<Status>(["status", ...there])
    expect([after.stats.openRemovals, after.stats.openByState.proposed]).toEqual([proposed, proposed])
    expect(await lines("run")).toContain(`${proposed} proposed, 0 scheduled, 0 taken back`)
    expect((await lines("status")).join("\n")).toContain(
      `${proposed} open removals: ${proposed} proposed, 0 scheduled;`
    )
  })
})
