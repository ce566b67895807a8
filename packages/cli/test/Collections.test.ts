import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { patient, type ServedSandbox, serveSandbox } from "./support/Cli.ts"
import { servedCommands } from "./support/ServedCommands.ts"

interface Collection {
  readonly id: string
  readonly title: string
  readonly missing: number | null
  readonly missingMovies: ReadonlyArray<{ readonly title: string; readonly tmdbId: number }>
}

let served: ServedSandbox
beforeAll(async () => {
  served = await serveSandbox(60)
}, patient.timeout)
afterAll(() => served.stop())

const { fails, json, run } = servedCommands(() => served)

describe("collections", patient, () => {
  it("are read on demand, and shown with what is missing", async () => {
    const synced = await json<{ integrations: ReadonlyArray<{ name: string; detail: string | null }> }>(
      "collections",
      "sync"
    )
    expect(synced.integrations.map(({ name }) => name)).toContain("Radarr")
    expect(synced.integrations.every(({ detail }) => detail === null)).toBe(true)
    const { items } = await json<{ items: ReadonlyArray<Collection> }>("collections", "list")
    const known = items.find(({ missing }) => missing !== null)
    const shown = await json<Collection>("collections", "show", known!.title.toUpperCase())
    expect([shown.id, shown.missingMovies.length]).toEqual([known!.id, known!.missing])
    expect((await run(["collections", "show", known!.id])).stdout).toMatch(/All films of/)
    expect(await fails(1, ["collections", "show", "No such collection"])).toMatch(/collection-not-found/)
  })
})
