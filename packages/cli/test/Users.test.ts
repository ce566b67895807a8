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

describe("users", patient, () => {
  it("are listed in pages and shown with their accounts, by id or by name", async () => {
    const all = await json<Viewers>("users", "list", "--all")
    expect(all.items.length).toBeGreaterThan(2)
    const page = await json<Viewers>("users", "list", "--limit", "1")
    expect([page.items, page.nextCursor === null]).toEqual([all.items.slice(0, 1), false])
    const single = all.items.find(({ name }) => all.items.filter((other) => other.name.includes(name)).length === 1)
    const shown = await json<Viewer>("users", "show", single!.name)
    expect(shown).toEqual(await json<Viewer>("users", "show", single!.id))
    expect(new Set(shown.identities.map(({ integration }) => integration))).toEqual(new Set(single!.integrations))
    expect((await run(["users", "list"])).stdout).toContain(single!.name)
    expect((await run(["users", "show", single!.id])).stdout).toMatch(/ACCOUNT/)
    expect((await json<Viewers>("users", "list", "--search", single!.name)).items.map(({ id }) => id)).toContain(
      single!.id
    )
  })

  it("are joined and parted only after a confirmation", async () => {
    const [first, second] = (await json<Viewers>("users", "list", "--all")).items
    expect(await fails(2, ["users", "join", first!.id, second!.id])).toMatch(/give --yes/)
    const joined = await json<Viewer>("users", "join", first!.id, second!.id, "--yes")
    expect([joined.id, joined.version > 1]).toEqual([first!.id, true])
    expect(joined.identities.every(({ placedBy }) => placedBy === "person")).toBe(true)
    expect(await fails(1, ["users", "show", second!.id])).toMatch(/viewer-not-found/)
    const last = joined.identities.at(-1)!
    const both = await json<{ viewer: Viewer; split: Viewer }>("users", "part", first!.id, last.id, "--yes")
    expect(both.split.identities.map(({ id }) => id)).toEqual([last.id])
    expect(both.viewer.identities).toHaveLength(joined.identities.length - 1)
  })

  it("have what they have played, requested and want to keep, in pages", async () => {
    const { items } = await json<Viewers>("users", "list", "--all")
    const sizes: Array<number> = []
    for (const kind of ["plays", "requests", "watchlist"]) {
      const found = await Promise.all(
        items.map(({ id }) => json<{ items: ReadonlyArray<{ title: string | null }> }>("users", kind, id, "--all"))
      )
      sizes.push(found.flatMap((page) => page.items).length)
    }
    expect(sizes[0]).toBeGreaterThan(0)
    const everybody = await json<{ items: ReadonlyArray<object>; nextCursor: string | null }>(
      "users",
      "requests",
      "--all"
    )
    expect(everybody.items.length).toBe(sizes[1])
    const [first] = items
    expect((await run(["users", "requests", "--limit", "1"])).stdout).toMatch(/REQUESTED/)
    expect((await run(["users", "requests", "--nobody"])).stdout).toContain("No requests")
    expect((await run(["users", "plays", first!.name, "--limit", "1"])).stdout).toMatch(/LAST PLAY|Nothing/)
    expect((await run(["users", "watchlist", first!.id])).stdout).toMatch(/LIST|Nothing/)
    expect(await fails(1, ["users", "plays", "9999"])).toMatch(/There is no user "9999" \[viewer-not-found\]/)
  })

  it("are refused with what is wrong with the given names", async () => {
    const [first] = (await json<Viewers>("users", "list")).items
    expect(await fails(1, ["users", "show", "no such person at all"])).toMatch(/user-not-found/)
    expect(await fails(1, ["users", "part", first!.id, "9999", "--yes"])).toMatch(/identity-not-found/)
    expect(await fails(1, ["users", "join", first!.id, first!.id, "--yes"])).toMatch(
      /the same user \[invalid-request\]/
    )
    expect(await fails(2, ["users", "join", first!.id])).toMatch(/other/)
  })
})
