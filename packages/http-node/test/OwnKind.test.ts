/** An application that Tendarr does not support: its kind and its simulation use only public modules. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sealKind } from "@tendarr/core/integrations/Kinds"
import { arrKind } from "@tendarr/core/integrations/kinds/arr/ArrKind"
import { seriesFamily } from "@tendarr/core/integrations/kinds/arr/Series"
import { seriesArr } from "../../core/src/sandbox/apps/arr/SeriesArr.ts"
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox } from "@tendarr/core/sandbox/Sandbox"
import { Layer, ManagedRuntime } from "effect"
import { assert, describe, it } from "vitest"
import { openTendarr } from "../src/OpenTendarr.ts"

const about = { id: "stagearr", title: "Stagearr", description: "Manages theatres and their seasons." }

const stagearr = arrKind({
  ...about,
  application: { appName: "Stagearr", api: "api/v3" },
  port: 8990,
  generations: [{ family: seriesFamily(({ tvdbId }) => (tvdbId ? [`stagedb:${tvdbId}`] : [])) }]
})

const simulated = seriesArr({
  id: "stagearr",
  kind: "stagearr",
  name: "Stagearr",
  appName: "Stagearr",
  version: "4.0.1",
  shelf: (world) => world.sitesOf(1),
  newer: true
})

describe("An external kind", () => {
  it("is connected, read and removed from like a built-in kind", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tendarr-own-"))
    const layer = Sandbox.layer({ items: 200, kinds: [], apps: [simulated] }).pipe(Layer.provide(LoopbackListener))
    const runtime = ManagedRuntime.make(layer)
    try {
      const { integrations, world } = await runtime.runPromise(Sandbox)
      await using tendarr = await openTendarr({ dataDirectory: folder, kinds: [sealKind(stagearr)] })
      const [only] = integrations
      assert.strictEqual(integrations.length, 1)
      const { config, kind, name, url } = only ?? assert.fail("it is not simulated")
      await tendarr.integrations.create({ kind, name, url, config })
      const { report } = await tendarr.sync()
      assert.isAtLeast(report?.total ?? 0, 10)
      const { items } = await tendarr.items.list({ kind: "season", limit: 1 })
      const [season] = items
      assert.match(season?.ids[0] ?? "", /^stagedb:\d+$/)
      const shelf = world.sitesOf(1)
      const free = () => world.disks.freeBytes(world.disks.mountOf(shelf.root)!)
      const before = free()
      for (const disk of await tendarr.disks.list()) await tendarr.disks.update(disk.id, { mode: "auto" })
      await tendarr.settings.patch("removals", { delaySeconds: 0, spacingSeconds: 0, caps: { maxLibraryShare: 1 } })
      await tendarr.removals.request(season?.id ?? "")
      const carried = await tendarr.removals.carryOut()
      assert.deepStrictEqual([carried.report?.removed, carried.report?.failed], [1, 0])
      assert.strictEqual(free() - before, season?.sizeBytes)
    } finally {
      await runtime.dispose()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
