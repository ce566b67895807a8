/** A real server whose clock is set while a removal waits for its time: nothing is removed before that time has passed. */
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox } from "@tendarr/core/sandbox/Sandbox"
import { Layer, ManagedRuntime } from "effect"
import { assert, describe, it } from "vitest"
import { startServer } from "../../core/test/killed/ServerProcess.ts"
import { fromSource } from "./FromSource.ts"

interface List<A> {
  readonly items: ReadonlyArray<A>
}
interface Removal {
  readonly id: string
  readonly state: string
  readonly scheduledAt: string
}

const day = 86_400_000
const preload = pathToFileURL(fileURLToPath(new URL("clock/SetClock.mjs", import.meta.url))).href

describe("A server whose clock is set", { timeout: 60_000 }, () => {
  it("removes nothing before its time has passed, and logs the changes of the clock", async () => {
    const stack = ManagedRuntime.make(
      Sandbox.layer({ kinds: ["radarr"], items: 30, seed: "clock" }).pipe(Layer.provide(LoopbackListener))
    )
    const folder = await mkdtemp(join(tmpdir(), "tendarr-clock-"))
    const ahead = join(folder, "ahead")
    const server = await startServer(fromSource, join(folder, "data"), { preload, env: { TEST_CLOCK_AHEAD: ahead } })
    try {
      const sandbox = await stack.runPromise(Sandbox)
      const run = (job: string) => server.call<{ status: string }>("POST", `/jobs/${job}/runs?wait=60`, {})
      const set = async (millis: number) => {
        await writeFile(ahead, String(millis))
        server.signal("SIGUSR2")
        const off = async () => {
          const { now } = await server.call<{ now: string }>("GET", "/status")
          return Math.abs(Date.parse(now) - Date.now() - millis)
        }
        for (let asked = 0; (await off()) > 5000; asked++) assert.isBelow(asked, 1000, "the clock was not set")
      }
      await server.call("POST", "/integrations", sandbox.integrations[0])
      await server.call("PATCH", "/settings/removals", { delaySeconds: 86_400 })
      await run("library-sync")
      const [disk] = (await server.call<List<{ id: string }>>("GET", "/disk-groups")).items
      await server.call("PATCH", `/disk-groups/${disk?.id}`, { mode: "approval" })
      const [item] = (await server.call<List<{ id: string }>>("GET", "/items?kind=movie")).items
      const asked = await server.call<Removal>("POST", "/removals", { itemId: item?.id })
      const removal = () => server.call<Removal>("GET", `/removals/${asked.id}`)
      const before = await removal()
      assert.strictEqual(before.state, "scheduled")
      const movedBy = async () => Date.parse((await removal()).scheduledAt) - Date.parse(before.scheduledAt)
      const logged = async () =>
        (await server.call<List<{ type: string }>>("GET", "/event-log?category=system")).items
          .map(({ type }) => type)
          .filter((type) => type.startsWith("clock."))

      await set(30 * day)
      assert.strictEqual((await run("removals")).status, "completed")
      assert.strictEqual((await removal()).state, "scheduled")
      assert.approximately(await movedBy(), 30 * day, 5000)
      assert.deepStrictEqual(await logged(), ["clock.set-forward"])

      await set(-400 * day)
      assert.strictEqual((await run("removals")).status, "completed")
      assert.approximately(await movedBy(), -400 * day, 5000)
      assert.deepStrictEqual(await logged(), ["clock.set-back", "clock.set-forward"])

      await set(0)
      assert.strictEqual((await run("removals")).status, "completed")
      assert.approximately(await movedBy(), 0, 5000)
      assert.isEmpty(sandbox.world.journal.filter(({ destructive }) => destructive))
    } finally {
      await server.kill()
      await stack.dispose()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
