import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox } from "@tendarr/core/sandbox/Sandbox"
import type { Tendarr } from "@tendarr/core"
import { Layer, ManagedRuntime } from "effect"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { assertClosed, modesIn } from "../../core/test/http/Files.ts"
import { openTendarr } from "../src/OpenTendarr.ts"

/** One simulated stack and one data directory for each test. */
const simulated = () => {
  const runtime = ManagedRuntime.make(Sandbox.layer({ items: 60 }).pipe(Layer.provide(LoopbackListener)))
  return { stack: () => runtime.runPromise(Sandbox), stop: () => runtime.dispose() }
}

const connectAll = async (tendarr: Tendarr, { integrations }: Sandbox["Service"]) => {
  for (const integration of integrations) await tendarr.integrations.create(integration)
}

describe("Tendarr inside a program", () => {
  let folder: string
  let stop: () => Promise<void>
  let stack: Sandbox["Service"]

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tendarr-embedded-"))
    const started = simulated()
    stop = started.stop
    stack = await started.stack()
  })

  afterEach(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it("keeps a disk within its target, explains why, and undoes a removal", async () => {
    await using tendarr = await openTendarr({ dataDirectory: folder, actor: "account:test" })
    await connectAll(tendarr, stack)
    const synced = await tendarr.sync()
    assert.strictEqual(synced.run.status, "completed")
    assert.isAbove(synced.report?.total ?? 0, 40)

    const disk = (await tendarr.disks.list()).find(({ breached }) => breached)
    assert.isDefined(disk)
    await tendarr.disks.update(disk.id, { mode: "auto" })
    await tendarr.settings.patch("removals", { delaySeconds: 0, spacingSeconds: 0, caps: { maxLibraryShare: 1 } })
    const planned = await tendarr.run()
    assert.isAbove(planned.report?.scheduled ?? 0, 0)
    const carried = await tendarr.removals.carryOut()
    assert.strictEqual(carried.report?.failed, 0)

    const after = (await tendarr.disks.list()).find(({ id }) => id === disk.id)
    assert.isAtMost(after?.usedPercent ?? 100, disk.limits.target)

    const [removed] = (await tendarr.removals.list({ state: "removed", limit: 1 })).items
    assert.isDefined(removed)
    const why = await tendarr.explain(removed.itemId)
    assert.strictEqual(why.basis, "removal")
    assert.isNotEmpty(why.decision?.facts)
    assert.strictEqual((await tendarr.removals.restore(removed.id)).state, "restored")

    const received: Array<string> = []
    for await (const event of tendarr.events.stream({ after: "0", categories: ["audit"] })) {
      if (event.subject?.id !== removed.id) continue
      received.push(event.type)
      if (event.type !== "removal.restored") continue
      assert.strictEqual(event.actor, "account:test")
      break
    }
    assert.include(received, "removal.removed")
    for await (const event of tendarr.events.all({ category: "audit" })) {
      // The type of the event determines the type of its payload.
      if (event.type === "removal.removed") assert.isAbove(event.payload.sizeBytes, 0)
    }
    const types = await tendarr.events.types()
    assert.isEmpty(received.filter((type) => !types.some((known) => known.type === type)))
  })

  it("returns posters at the requested width, and refuses a width out of range", async () => {
    await using tendarr = await openTendarr({ dataDirectory: folder })
    await connectAll(tendarr, stack)
    await tendarr.sync()
    const [item] = (await tendarr.items.list({ kind: "movie", limit: 1 })).items
    assert.isDefined(item)
    const whole = await tendarr.items.poster(item.id)
    assert.deepStrictEqual([whole.mediaType, whole.resized], ["image/png", false])
    const small = await tendarr.items.poster(item.id, { width: 100 })
    assert.deepStrictEqual([small.mediaType, small.resized], ["image/webp", true])
    assert.isBelow(small.bytes.length, whole.bytes.length)
    const codeOf = (refused: Promise<unknown>) =>
      refused.then(
        () => null,
        (error: { code?: string }) => error.code
      )
    assert.strictEqual(await codeOf(tendarr.items.poster(item.id, { width: 10 })), "invalid-request")
    assert.strictEqual(await codeOf(tendarr.items.poster("999999")), "item-not-found")
  })

  it("has everything again when it is reopened, and locks its directory", async () => {
    const first = await openTendarr({ dataDirectory: folder })
    await connectAll(first, stack)
    await first.sync()
    const { items } = await first.items.list({ limit: 5 })
    const refused = await openTendarr({ dataDirectory: folder }).catch((error: unknown) => error)
    assert.propertyVal(refused, "_tag", "DataDirectoryBusy")
    await first.dispose()

    await using second = await openTendarr({ dataDirectory: folder })
    assert.deepEqual(await second.items.list({ limit: 5 }).then((page) => page.items), items)
  })

  it("seals the keys of applications, and opens them only with its secret key", async () => {
    const first = await openTendarr({ dataDirectory: folder })
    await connectAll(first, stack)
    await first.dispose()
    const held = readFileSync(join(folder, "tendarr.db"), "latin1")
    for (const { config, name } of stack.integrations) {
      assert.include(held, name)
      for (const [key, value] of Object.entries(config)) if (key !== "username") assert.notInclude(held, value, key)
    }
    const given = "07".repeat(32)
    const refused = await openTendarr({ dataDirectory: folder, secretKey: { given } }).catch((error: unknown) => error)
    assert.propertyVal(refused, "_tag", "SecretsUnreadable")
    await using second = await openTendarr({ dataDirectory: folder })
    assert.strictEqual((await second.sync()).run.status, "completed")
  })

  it("creates files that only their owner can read, whatever the umask of the program is", async () => {
    const before = process.umask(0)
    try {
      const directory = join(folder, "data")
      await using tendarr = await openTendarr({ dataDirectory: directory })
      await connectAll(tendarr, stack)
      await tendarr.sync()
      const modes = await modesIn(directory)
      assert.containsAllKeys(modes, ["tendarr.db", "tendarr.db-wal", "tendarr.db-shm", "tendarr.key", "local.key"])
      assertClosed(modes)
    } finally {
      process.umask(before)
    }
  })

  it("rejects with the problem, and accepts no invalid value", async () => {
    await using tendarr = await openTendarr({ dataDirectory: folder })
    const missing = await tendarr.items.get("999").catch((error: unknown) => error)
    assert.propertyVal(missing, "code", "item-not-found")
    assert.instanceOf(missing, Error)
    const draft = { kind: "radarr", name: "", url: "ftp://radarr", config: {} }
    const invalid = await tendarr.integrations.create(draft).catch((error: unknown) => error)
    assert.propertyVal(invalid, "code", "invalid-request")
    assert.lengthOf(await tendarr.integrations.list(), 0)
  })

  it("cancels the run when its caller aborts the signal", async () => {
    await using tendarr = await openTendarr({ dataDirectory: folder })
    await connectAll(tendarr, stack)
    const gone = new AbortController()
    const syncing = tendarr.sync({ signal: gone.signal }).catch((error: unknown) => error)
    for await (const event of tendarr.events.stream({ after: "0", categories: ["jobs"] })) {
      if (event.type === "job-run.started") gone.abort()
      if (event.type !== "job-run.started") {
        assert.strictEqual(event.type, "job-run.cancelled")
        break
      }
    }
    assert.instanceOf(await syncing, Error)
  })
})
