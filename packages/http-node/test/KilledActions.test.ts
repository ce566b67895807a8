/**
 * A server that is killed while it unmonitors and deletes files, or resets a request, over a simulated stack that lives
 * on: nothing is done twice, and nothing stays half-done.
 */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox } from "@tendarr/core/sandbox/Sandbox"
import { Layer, ManagedRuntime } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type HoldingProxy, holdingProxy, type Passing } from "../../core/test/killed/HoldingProxy.ts"
import { type ServerProcess, startServer } from "../../core/test/killed/ServerProcess.ts"
import { server as program } from "./FromSource.ts"

interface Removal {
  readonly id: string
  readonly state: string
  readonly freedBytes: number | null
  readonly requestReset: { readonly state: string; readonly reason: string | null } | null
}

interface Item {
  readonly id: string
  readonly externalId: string
  readonly sizeBytes: number
}

interface List<A> {
  readonly items: ReadonlyArray<A>
}

describe("A server that is killed", { timeout: 60_000 }, () => {
  const stack = ManagedRuntime.make(
    Sandbox.layer({ kinds: ["radarr", "seerr"], items: 120, seed: "killed" }).pipe(Layer.provide(LoopbackListener))
  )
  let sandbox: Sandbox["Service"]
  let radarr: HoldingProxy
  let seerr: HoldingProxy
  let folder: string
  let server: ServerProcess
  /** Monitored movies, and those of them that are requested. */
  let plain: Array<Item>
  let requested: Array<Item>

  beforeAll(async () => {
    sandbox = await stack.runPromise(Sandbox)
    folder = await mkdtemp(join(tmpdir(), "tendarr-killed-"))
    server = await startServer(program, folder)
    const connect = async (kind: string) => {
      const integration = sandbox.integrations.find((one) => one.kind === kind)!
      const proxy = await holdingProxy(integration.url)
      await server.call("POST", "/integrations", { ...integration, url: proxy.url })
      return proxy
    }
    radarr = await connect("radarr")
    seerr = await connect("seerr")
    await server.call("PATCH", "/settings/removals", { delaySeconds: 0, spacingSeconds: 0 })
    await run("library-sync")
    for (const { id } of (await server.call<List<{ id: string }>>("GET", "/disk-groups")).items) {
      await server.call("PATCH", `/disk-groups/${id}`, { mode: "approval" })
    }
    const movies = (await server.call<List<Item>>("GET", "/items?kind=movie&limit=200")).items.filter(
      (item) => recordOf(item)?.monitored === true && recordOf(item)?.hardlinked === false
    )
    requested = movies.filter((item) => requestsOf(item).length > 0)
    plain = movies.filter((item) => requestsOf(item).length === 0)
  }, 60_000)

  afterAll(async () => {
    await server.kill()
    await radarr.close()
    await seerr.close()
    await stack.dispose()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (job: string) => server.call<{ status: string }>("POST", `/jobs/${job}/runs?wait=60`, {})
  const recordOf = ({ externalId }: Item) => sandbox.world.movies.get(Number(externalId))
  const requestsOf = (item: Item) => sandbox.world.requests.filter(({ movie }) => movie === recordOf(item)?.work)
  const startAgain = async () => {
    server = await startServer(program, folder)
  }
  const request = (item: Item, options: object) =>
    server.call<Removal>("POST", "/removals", { itemId: item.id, ...options })
  const removalOf = ({ id }: Removal) => server.call<Removal>("GET", `/removals/${id}`)

  /** Destructive calls that an application carried out, by path. */
  const carriedOut = (path: string) =>
    sandbox.world.journal.filter((entry) => entry.destructive && entry.status < 300 && entry.path === path).length

  const fileOf = (item: Item) => `/api/v3/moviefile/${recordOf(item)?.fileId}`
  const aDelete =
    (path: string) =>
    (passing: Passing): boolean =>
      passing.method === "DELETE" && passing.path === path

  const assertStripped = async (item: Item, removal: Removal, path: string) => {
    await run("removals")
    const { freedBytes, state } = await removalOf(removal)
    assert.deepStrictEqual([state, freedBytes], ["removed", item.sizeBytes])
    const record = recordOf(item)
    assert.deepStrictEqual(
      [record?.fileId, record?.monitored],
      [0, false],
      "the entry stays, unmonitored, without file"
    )
    assert.strictEqual(carriedOut(path), 1)
  }

  for (const [moment, what] of [
    ["before the DELETE of the file arrives", "request"],
    ["after the file was deleted and before the response came", "answer"]
  ] as const) {
    it(`while it unmonitors and deletes files, ${moment}: that is done once`, async () => {
      const item = plain.shift()!
      const path = fileOf(item)
      const held = radarr.hold(what, aDelete(path))
      const removal = await request(item, { action: "unmonitor-and-delete-files" })
      await held.reached
      assert.isFalse(recordOf(item)?.monitored, "it is unmonitored first")
      await server.kill()
      await startAgain()
      await assertStripped(item, removal, path)
    })
  }

  it("between the two, with the brake set: it is monitored again, and removed when the brake is released", async () => {
    const item = plain.shift()!
    const path = fileOf(item)
    const held = radarr.hold(
      "answer",
      (passing) => passing.method === "PUT" && passing.path === `/api/v3/movie/${item.externalId}`
    )
    const removal = await request(item, { action: "unmonitor-and-delete-files" })
    await held.reached
    assert.isFalse(recordOf(item)?.monitored)
    await server.call("PATCH", "/settings/removals", { deletionsEnabled: false })
    await server.kill()
    await startAgain()
    await run("removals")
    assert.deepStrictEqual([recordOf(item)?.monitored, carriedOut(path)], [true, 0])
    await server.call("PATCH", "/settings/removals", { deletionsEnabled: true })
    await assertStripped(item, removal, path)
  })

  const resetting = async (what: "request" | "answer") => {
    const item = requested.shift()!
    const path = `/api/v1/media/${requestsOf(item)[0]!.mediaId}`
    const entry = `/api/v3/movie/${item.externalId}`
    const { work } = recordOf(item)!
    const held = seerr.hold(what, aDelete(path))
    const removal = await request(item, { resetRequest: true })
    await held.reached
    assert.isUndefined(recordOf(item), "the item is removed first")
    await server.kill()
    await startAgain()
    await run("removals")
    const isRequested = () => sandbox.world.requests.some(({ movie }) => movie === work)
    return { entry, held, isRequested, path, result: await removalOf(removal) }
  }

  it("before the DELETE of a request arrives: the removal is done, and that DELETE gets its time before another", async () => {
    const { entry, held, isRequested, path, result } = await resetting("request")
    assert.deepStrictEqual([result.state, result.requestReset?.state], ["removed", "waiting"])
    assert.deepStrictEqual([carriedOut(entry), carriedOut(path), isRequested()], [1, 0, true])
    await held.release()
    await run("removals")
    assert.deepStrictEqual([carriedOut(entry), carriedOut(path), isRequested()], [1, 1, false])
  })

  it("after a request was deleted and before the response came: it is found out, and not sent again", async () => {
    const { entry, isRequested, path, result } = await resetting("answer")
    assert.deepStrictEqual([result.state, result.requestReset?.state], ["removed", "done"])
    assert.deepStrictEqual([carriedOut(entry), carriedOut(path), isRequested()], [1, 1, false])
  })
})
