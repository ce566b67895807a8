/**
 * A server that is killed at every step of a removal, with a simulated stack that keeps running: nothing is removed twice, and
 * nothing is forgotten. Each scenario starts the server again on the same data directory.
 */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox } from "@tendarr/core/sandbox/Sandbox"
import { Layer, ManagedRuntime } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type HoldingProxy, holdingProxy, type Passing } from "../../core/test/killed/HoldingProxy.ts"
import { type ServerProcess, startServer } from "../../core/test/killed/ServerProcess.ts"
import { server as program } from "./FromSource.ts"

interface Removal {
  readonly id: string
  readonly itemId: string
  readonly title: string
  readonly state: string
  readonly attempts: number
}

interface Disk {
  readonly id: string
  readonly usedPercent: number
  readonly usedBytes: number
  readonly totalBytes: number
}

interface Item {
  readonly id: string
  readonly externalId: string
  readonly title: string
}

interface List<A> {
  readonly items: ReadonlyArray<A>
}

interface Event {
  readonly type: string
  readonly payload: { readonly because?: string }
}

describe("A server that is killed", { timeout: 60_000 }, () => {
  const stack = ManagedRuntime.make(
    Sandbox.layer({ kinds: ["radarr"], items: 60, seed: "killed" }).pipe(Layer.provide(LoopbackListener))
  )
  let sandbox: Sandbox["Service"]
  let proxy: HoldingProxy
  let folder: string
  let server: ServerProcess
  let unused: ReadonlyArray<Item>

  beforeAll(async () => {
    sandbox = await stack.runPromise(Sandbox)
    const radarr = sandbox.integrations[0]!
    proxy = await holdingProxy(radarr.url)
    folder = await mkdtemp(join(tmpdir(), "tendarr-killed-"))
    server = await startServer(program, folder)
    await server.call("POST", "/integrations", { ...radarr, url: proxy.url })
    await server.call("PATCH", "/settings/removals", { delaySeconds: 0, spacingSeconds: 0 })
    await run("library-sync")
    const [disk] = (await server.call<List<{ id: string }>>("GET", "/disk-groups")).items
    await server.call("PATCH", `/disk-groups/${disk!.id}`, { mode: "approval" })
    unused = (await server.call<List<Item>>("GET", "/items?kind=movie&limit=60")).items
  }, 60_000)

  afterAll(async () => {
    await server.kill()
    await proxy.close()
    await stack.dispose()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (job: string) => server.call<{ status: string }>("POST", `/jobs/${job}/runs?wait=60`, {})

  /** Requests the removal of three movies at once. */
  const askForThree = async () => {
    const three = unused.slice(0, 3)
    unused = unused.slice(3)
    const asked: Array<Removal> = []
    for (const item of three) asked.push(await server.call<Removal>("POST", "/removals", { itemId: item.id }))
    return { three, asked }
  }

  /** The rows as the killed process left them. */
  const rowsOf = (asked: ReadonlyArray<Removal>): ReadonlyArray<{ state: string; step: string | null }> => {
    const database = new DatabaseSync(join(folder, "tendarr.db"))
    const select = database.prepare("SELECT state, step FROM removals WHERE id = ?")
    const rows = asked.map(({ id }) => select.get(Number(id)) as { state: string; step: string | null })
    database.close()
    return rows
  }

  const allRows = () => {
    const database = new DatabaseSync(join(folder, "tendarr.db"))
    const rows = database.prepare("SELECT external_id, origin, state, size_bytes FROM removals").all() as Array<{
      external_id: string
      origin: string
      state: string
      size_bytes: number
    }>
    database.close()
    return rows
  }

  const startAgain = async () => {
    server = await startServer(program, folder)
  }

  /** Destructive requests that the application carried out, by path. */
  const answered = (paths: ReadonlyArray<string>, ok: boolean) =>
    sandbox.world.journal
      .filter((entry) => entry.destructive && paths.includes(entry.path) && entry.status < 300 === ok)
      .map((entry) => entry.path)
      .toSorted()

  /** Every item was removed by one request, and the server has logged that. */
  const assertRemovedOnce = async (three: ReadonlyArray<Item>, asked: ReadonlyArray<Removal>) => {
    await run("removals")
    const paths = pathsOf(three)
    assert.deepStrictEqual(answered(paths, true), paths.toSorted())
    for (const { externalId } of three) assert.isFalse(sandbox.world.movies.has(Number(externalId)))
    for (const { id, title } of asked) {
      const removal = await server.call<Removal>("GET", `/removals/${id}`)
      assert.strictEqual(removal.state, "removed", title)
      const { items: events } = await server.call<List<Event>>("GET", `/event-log?subjectType=removal&subjectId=${id}`)
      assert.strictEqual(events.filter(({ type }) => type === "removal.removed").length, 1, title)
      assert.isTrue(events.every(({ payload }) => (payload.because ?? "") !== ""))
    }
    const journal = sandbox.world.journal.filter((entry) => entry.destructive && entry.status < 300)
    assert.strictEqual(new Set(journal.map(({ path }) => path)).size, journal.length, "something was removed twice")
  }

  const typesOf = async (removal: Removal) =>
    (await server.call<List<Event>>("GET", `/event-log?subjectType=removal&subjectId=${removal.id}`)).items
      .map(({ type }) => type)
      .toReversed()

  /** The DELETE of one of these paths. */
  const aDelete =
    (paths: ReadonlyArray<string>) =>
    ({ method, path }: Passing) =>
      method === "DELETE" && paths.includes(path)

  /** The `nth` GET of a movie since its DELETE. */
  const aLookAfter =
    (paths: ReadonlyArray<string>, nth: number) =>
    ({ before, method, path }: Passing) => {
      const deleted = before.findIndex((one) => one.method === "DELETE" && one.path === path)
      if (method !== "GET" || !paths.includes(path) || deleted === -1) return false
      return before.slice(deleted).filter((one) => one.method === "GET" && one.path === path).length === nth - 1
    }

  const pathsOf = (items: ReadonlyArray<Item>) => items.map(({ externalId }) => `/api/v3/movie/${externalId}`)

  /** Paths of the movies that will be requested next. */
  const nextPaths = () => pathsOf(unused.slice(0, 3))

  it("after the intent was stored and before the DELETE arrived: the item is looked up, then removed", async () => {
    const held = proxy.hold("request", aDelete(nextPaths()))
    const { asked, three } = await askForThree()
    await held.reached
    await server.kill()
    assert.deepStrictEqual(
      rowsOf(asked).find(({ state }) => state === "executing"),
      Object.assign(Object.create(null), { state: "executing", step: "sent" })
    )
    assert.deepStrictEqual(answered(pathsOf(three), true), [])
    await startAgain()
    await assertRemovedOnce(three, asked)
    const interrupted = await Promise.all(asked.map(typesOf))
    assert.strictEqual(interrupted.filter((types) => types.includes("removal.reconciled")).length, 1)
  })

  it("while the DELETE is in flight, and the application receives it nevertheless: it is not sent again", async () => {
    const held = proxy.hold("request", aDelete(nextPaths()))
    const { asked, three } = await askForThree()
    await held.reached
    await server.kill()
    await held.release()
    await startAgain()
    await assertRemovedOnce(three, asked)
    assert.deepStrictEqual(answered(pathsOf(three), false), [])
  })

  it("while the DELETE is in flight, and the application carries it out only after the lookup: the item is removed once", async () => {
    const held = proxy.hold("request", aDelete(nextPaths()))
    const { asked, three } = await askForThree()
    await held.reached
    await server.kill()
    await startAgain()
    await assertRemovedOnce(three, asked)
    await held.release()
    assert.deepStrictEqual(answered(pathsOf(three), true), pathsOf(three).toSorted())
    assert.strictEqual(answered(pathsOf(three), false).length, 1)
  })

  it("after the application carried it out and before its response arrived: it is not sent again", async () => {
    const held = proxy.hold("answer", aDelete(nextPaths()))
    const { asked, three } = await askForThree()
    await held.reached
    assert.strictEqual(answered(pathsOf(three), true).length, 1)
    await server.kill()
    await startAgain()
    await assertRemovedOnce(three, asked)
    assert.deepStrictEqual(answered(pathsOf(three), false), [])
  })

  it("after the response to the DELETE and before its verification: the outcome is verified", async () => {
    const held = proxy.hold("request", aLookAfter(nextPaths(), 1))
    const { asked, three } = await askForThree()
    await held.reached
    await server.kill()
    assert.deepStrictEqual(
      rowsOf(asked)
        .map(({ state }) => state)
        .toSorted(),
      ["executing", "scheduled", "scheduled"]
    )
    await startAgain()
    await assertRemovedOnce(three, asked)
    assert.deepStrictEqual(answered(pathsOf(three), false), [])
  })

  it("after the verification and before its result was stored: the outcome is verified again", async () => {
    const held = proxy.hold("answer", aLookAfter(nextPaths(), 2))
    const { asked, three } = await askForThree()
    await held.reached
    await server.kill()
    assert.isTrue(rowsOf(asked).some(({ state }) => state === "executing"))
    await startAgain()
    await assertRemovedOnce(three, asked)
    assert.deepStrictEqual(answered(pathsOf(three), false), [])
  })

  it("between two removals of the engine: the others follow, until the target is reached", async () => {
    const [disk] = (await server.call<List<Disk>>("GET", "/disk-groups")).items
    assert.isDefined(disk)
    const limits = { type: "percent", threshold: disk.usedPercent - 0.01, target: disk.usedPercent - 15 }
    await server.call("PATCH", `/disk-groups/${disk.id}`, { mode: "auto", limits })
    let first: string | null = null
    const held = proxy.hold("request", ({ before, method, path }) => {
      first ??= method === "DELETE" ? path : null
      const gone = before.some((one) => one.method === "DELETE" && one.path === first)
      return gone && method === "GET" && /^\/api\/v3\/movie\/\d+$/.test(path) && path !== first
    })
    await run("capacity")
    await held.reached
    await server.kill()
    const planned = (rows: ReadonlyArray<{ state: string }>, state: string) =>
      rows.filter((row) => row.state === state).length
    const before = allRows().filter(({ origin }) => origin === "engine")
    assert.strictEqual(planned(before, "removed"), 1)
    assert.isAbove(planned(before, "scheduled"), 0)
    await startAgain()
    await run("removals")
    const after = allRows().filter(({ origin }) => origin === "engine")
    assert.strictEqual(after.length, before.length)
    assert.isTrue(after.every(({ state }) => state === "removed" || state === "spared"))
    const paths = after.filter(({ state }) => state === "removed").map((row) => `/api/v3/movie/${row.external_id}`)
    assert.deepStrictEqual(answered(paths, true), paths.toSorted())
    const now = (await server.call<List<Disk>>("GET", "/disk-groups")).items[0]
    const smallest = Math.min(...after.filter(({ state }) => state === "removed").map((row) => row.size_bytes))
    assert.isAtMost(now!.usedPercent, limits.target)
    assert.isAbove(now!.usedBytes + smallest, (limits.target / 100) * now!.totalBytes)
  })
})
