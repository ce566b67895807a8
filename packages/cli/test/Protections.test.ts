import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { patient, type ServedSandbox, serveSandbox } from "./support/Cli.ts"
import { servedCommands } from "./support/ServedCommands.ts"

interface Protection {
  readonly id: string
  readonly title: string
  readonly collection: string | null
  readonly reason: string
  readonly expiresAt: string | null
}
interface Preview {
  readonly items: ReadonlyArray<{ readonly itemId: string; readonly title: string; readonly status: string }>
}

let served: ServedSandbox
beforeAll(async () => {
  served = await serveSandbox(60)
}, patient.timeout)
afterAll(() => served.stop())

const { fails, json, run } = servedCommands(() => served)

describe("protections", patient, () => {
  it("are added by words of a title for a period, apply in the preview, and are removed", async () => {
    const { items } = await json<Preview>("preview", "--status", "planned", "--limit", "1")
    const [first] = items
    const added = await json<Protection>("protections", "add", first!.itemId, "--reason", "a favourite", "--for", "30d")
    expect([added.title, added.reason]).toEqual([first!.title, "a favourite"])
    expect(Date.parse(added.expiresAt ?? "")).toBeGreaterThan(Date.now() + 29 * 86_400_000)
    const held = await json<Preview>("preview", "--status", "protected", "--limit", "5")
    expect(held.items.map(({ itemId }) => itemId)).toEqual([first!.itemId])
    expect((await run(["protections", "list"])).stdout).toMatch(/a favourite/)

    expect(await fails(2, ["protections", "remove", added.id])).toMatch(/give --yes/)
    const gone = await run(["protections", "remove", first!.title.toUpperCase(), "--yes"])
    expect([gone.code, gone.stdout.includes("no longer protected")]).toEqual([0, true])
    expect((await json<{ items: ReadonlyArray<unknown> }>("protections", "list")).items).toEqual([])
  })

  it("are refused with what is wrong with the given names", async () => {
    expect(await fails(2, ["protections", "add"])).toMatch(/an item or a --collection/)
    expect(await fails(2, ["protections", "add", "1", "--for", "soon"])).toMatch(/not a duration/)
    expect(await fails(1, ["protections", "add", "no such title at all"])).toMatch(/item-not-found/)
    expect(await fails(1, ["protections", "add", "--collection", "No such collection"])).toMatch(/collection-not-found/)
    expect(await fails(1, ["protections", "remove", "99", "--yes"])).toMatch(/protection-not-found/)
  })
})
