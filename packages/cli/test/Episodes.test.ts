import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { patient, type ServedSandbox, serveSandbox } from "./support/Cli.ts"
import { servedCommands } from "./support/ServedCommands.ts"

interface Items {
  readonly items: ReadonlyArray<{ readonly id: string; readonly kind: string; readonly title: string }>
}
interface Episodes {
  readonly items: ReadonlyArray<{ readonly seasonNumber: number; readonly title: string; readonly hasFile: boolean }>
  readonly nextCursor: string | null
  readonly readAt: string | null
  readonly outdated: string | null
}

let served: ServedSandbox
beforeAll(async () => {
  served = await serveSandbox(60)
}, patient.timeout)
afterAll(() => served.stop())

const { fails, json, run } = servedCommands(() => served)

const first = async (kind: string) => {
  const headers = { "x-api-key": served.env["TENDARR_API_KEY"] ?? "" }
  const response = await fetch(`${served.url}/api/v1/items?kind=${kind}&limit=1`, { headers })
  const { items } = (await response.json()) as Items
  return items[0]!
}

describe("episodes", patient, () => {
  it("are listed in pages, of a show or of one of its seasons", async () => {
    const show = await first("show")
    const all = await json<Episodes>("episodes", show.id, "--all")
    expect(all.items.length).toBeGreaterThan(1)
    expect([all.nextCursor, all.outdated]).toEqual([null, null])
    expect(all.readAt).toMatch(/^20/)
    const page = await json<Episodes>("episodes", show.id, "--limit", "1")
    expect([page.items, page.nextCursor === null]).toEqual([all.items.slice(0, 1), false])
    const last = all.items.at(-1)!.seasonNumber
    const season = await json<Episodes>("episodes", show.id, "--season", String(last), "--all")
    expect(season.items).toEqual(all.items.filter(({ seasonNumber }) => seasonNumber === last))
    const shown = (await run(["episodes", show.id])).stdout
    expect(shown).toContain(show.title)
    expect(shown).toMatch(/EPISODE +TITLE +AIRS +STATE +QUALITY +SIZE/)
  })

  it("are refused for a movie, and a season that is no number", async () => {
    const { id } = await first("movie")
    expect(await fails(1, ["episodes", id])).toMatch(/Only shows and seasons have episodes/)
    expect((await run(["episodes", id, "--season", "-1"])).stderr).toMatch(/number of a season/)
  })
})
