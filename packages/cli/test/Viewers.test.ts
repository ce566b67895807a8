import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { patient, type ServedSandbox, serveSandbox } from "./support/Cli.ts"
import { servedCommands } from "./support/ServedCommands.ts"

interface Identity {
  readonly id: string
  readonly integration: string
  readonly placedBy: string
}
interface Viewer {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly identities: ReadonlyArray<Identity>
}
interface Viewers {
  readonly items: ReadonlyArray<{
    readonly id: string
    readonly name: string
    readonly integrations: ReadonlyArray<string>
  }>
  readonly nextCursor: string | null
}

let served: ServedSandbox
beforeAll(async () => {
  served = await serveSandbox(60)
}, patient.timeout)
afterAll(() => served.stop())

const { fails, json, run } = servedCommands(() => served)

describe("viewers", patient, () => {
  it("are listed in pages and shown with their accounts, by id or by name", async () => {
    const all = await json<Viewers>("viewers", "list", "--all")
    expect(all.items.length).toBeGreaterThan(2)
    const page = await json<Viewers>("viewers", "list", "--limit", "1")
    expect([page.items, page.nextCursor === null]).toEqual([all.items.slice(0, 1), false])
    const single = all.items.find(({ name }) => all.items.filter((other) => other.name.includes(name)).length === 1)
    const shown = await json<Viewer>("viewers", "show", single!.name)
    expect(shown).toEqual(await json<Viewer>("viewers", "show", single!.id))
    expect(new Set(shown.identities.map(({ integration }) => integration))).toEqual(new Set(single!.integrations))
    expect((await run(["viewers", "list"])).stdout).toContain(single!.name)
    expect((await run(["viewers", "show", single!.id])).stdout).toMatch(/ACCOUNT/)
    expect((await json<Viewers>("viewers", "list", "--search", single!.name)).items.map(({ id }) => id)).toContain(
      single!.id
    )
  })

  it("are joined and split only after a confirmation", async () => {
    const [first, second] = (await json<Viewers>("viewers", "list", "--all")).items
    expect(await fails(2, ["viewers", "join", first!.id, second!.id])).toMatch(/give --yes/)
    const joined = await json<Viewer>("viewers", "join", first!.id, second!.id, "--yes")
    expect([joined.id, joined.version > 1]).toEqual([first!.id, true])
    expect(joined.identities.every(({ placedBy }) => placedBy === "person")).toBe(true)
    expect(await fails(1, ["viewers", "show", second!.id])).toMatch(/viewer-not-found/)
    const last = joined.identities.at(-1)!
    const both = await json<{ viewer: Viewer; split: Viewer }>("viewers", "split", first!.id, last.id, "--yes")
    expect(both.split.identities.map(({ id }) => id)).toEqual([last.id])
    expect(both.viewer.identities).toHaveLength(joined.identities.length - 1)
  })

  it("are refused with what is wrong with the given names", async () => {
    const [first] = (await json<Viewers>("viewers", "list")).items
    expect(await fails(1, ["viewers", "show", "no such person at all"])).toMatch(/viewer-not-found/)
    expect(await fails(1, ["viewers", "split", first!.id, "9999", "--yes"])).toMatch(/identity-not-found/)
    expect(await fails(1, ["viewers", "join", first!.id, first!.id, "--yes"])).toMatch(/viewer itself/)
    expect(await fails(2, ["viewers", "join", first!.id])).toMatch(/other/)
  })
})
