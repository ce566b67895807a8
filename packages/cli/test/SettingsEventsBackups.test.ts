import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ask, cli, patient, spawned, type ServedSandbox, serveSandbox, temporaryFolder } from "./support/Cli.ts"
import { servedCommands } from "./support/ServedCommands.ts"

describe("over HTTP", patient, () => {
  let served: ServedSandbox
  let folder: string
  beforeAll(async () => {
    served = await serveSandbox()
    folder = await temporaryFolder()
  }, patient.timeout)
  afterAll(async () => {
    await served.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const { fails, json, run } = servedCommands(() => served)

  describe("settings", () => {
    it("are set by their types, and printed with old and new value", async () => {
      const { stdout } = await run([
        "settings",
        "set",
        "removals.deletionsEnabled=off",
        "removals.caps.maxItems=20",
        "removals.caps.maxBytes=none",
        "scoring.weights.size=8",
        "access.trustedProxies=10.0.0.0/8,192.168.0.1"
      ])
      expect(stdout).toContain("removals.deletionsEnabled: true → false")
      expect(stdout).toContain("removals.caps.maxItems: 100 → 20")
      expect(stdout).toContain("removals.caps.maxBytes: null, unchanged")
      expect(stdout).toContain("scoring.weights.size: (not set) → 8")
      expect(stdout).toContain('access.trustedProxies: [] → ["10.0.0.0/8","192.168.0.1"]')
      expect((await run(["settings", "show", "removals.deletionsEnabled"])).stdout).toBe("false\n")
      expect((await run(["settings", "list"])).stdout).toMatch(/removals\.deletionsEnabled\s+false \*\s+The brake/)
    })

    it("that do not exist are refused with the nearest one, and invalid values with their path", async () => {
      expect(await fails(2, ["settings", "set", "removals.deletionEnabled=true"])).toContain(
        "Did you mean removals.deletionsEnabled?"
      )
      expect(await fails(2, ["settings", "set", "removal.x=1"])).toContain("Did you mean removals?")
      expect(await fails(2, ["settings", "set", "removals.caps.maxItem=1"])).toContain("removals.caps.maxItems")
      expect(await fails(2, ["settings", "set", "removals"])).toContain('"="')
      expect(await fails(1, ["settings", "set", "removals.delaySeconds=-5"])).toMatch(
        /delaySeconds.*\[invalid-request\]/
      )
    })

    it("go back to their defaults after a question", async () => {
      expect(await fails(2, ["settings", "reset", "removals"])).toContain("--yes")
      for (const group of ["removals", "scoring", "access"]) {
        expect((await run(["settings", "reset", group, "--yes"])).code).toBe(0)
      }
      const schema = await json<{ properties: Record<string, unknown> }>("settings", "schema", "removals")
      expect(Object.keys(schema.properties)).toContain("deletionsEnabled")
    })

    it("go out and come in with everything else, tried out first", async () => {
      const file = join(folder, "tendarr.json")
      expect((await run(["settings", "export", "--output", file])).code).toBe(0)
      if (process.platform !== "win32") expect((await stat(file)).mode & 0o777).toBe(0o600)
      const document = JSON.parse(await readFile(file, "utf8")) as { settings: Record<string, object>; rules: object[] }
      expect((await run(["settings", "import", file])).stdout).toContain("No changes")
      const changed = { ...document, settings: { general: { instanceName: "Attic" } } }
      await writeFile(file, JSON.stringify(changed))
      const tried = await run(["settings", "import", file, "--dry-run"])
      expect(tried.stdout).toContain("instanceName: Tendarr → Attic")
      expect(await fails(2, ["settings", "import", file])).toContain("--yes")
      expect((await run(["settings", "show", "general.instanceName"])).stdout).toBe("Tendarr\n")
      const report = await json<{ dryRun: boolean; changes: ReadonlyArray<unknown> }>(
        "settings",
        "import",
        file,
        "--yes"
      )
      expect([report.dryRun, report.changes.length]).toEqual([false, 1])
      expect((await run(["settings", "show", "general.instanceName"])).stdout).toBe("Attic\n")
      await writeFile(file, JSON.stringify({ ...changed, settings: { general: { instanceName: "" } } }))
      expect(await fails(1, ["settings", "import", file])).toContain("settings.general.instanceName")
      await json("settings", "reset", "general", "--yes")
      const nothing = join(folder, "nothing.json")
      expect(await fails(2, ["settings", "import", nothing])).toContain(`${nothing} cannot be read: ENOENT`)
    })
  })

  describe("events", () => {
    interface Event {
      readonly id: string
      readonly type: string
      readonly category: string
    }

    it("are listed by what they are about, since when, and all of them", async () => {
      await json("rules", "add", "--name", "One", "--effect", "lean-keep", "--when", "year > 1")
      await json("rules", "edit", "One", "--name", "Two")
      await json("rules", "add", "--name", "Three", "--effect", "lean-keep", "--when", "year > 1")
      const { items } = await json<{ items: ReadonlyArray<Event> }>(
        "events",
        "list",
        "--category",
        "rules",
        "--since",
        "1h",
        "--all"
      )
      expect(items.length).toBeGreaterThan(2)
      expect(new Set(items.map(({ category }) => category))).toEqual(new Set(["rules"]))
      const later = await json<{ items: ReadonlyArray<Event> }>("events", "list", "--since", "2099-01-01")
      expect(later.items).toEqual([])
      expect((await run(["events", "list", "--type", "rule.created", "--limit", "1"])).stdout).toContain("--cursor")
      expect(await fails(2, ["events", "list", "--since", "yesterday"])).toContain("--since")
    })

    it("have listed types; an unknown one that is not in the log is reported, with the nearest", async () => {
      const { items } = await json<{
        items: ReadonlyArray<{ readonly type: string; readonly payloadSchema: unknown }>
      }>("events", "types", "--category", "audit")
      expect(items.map(({ type }) => type)).toContain("removal.removed")
      expect(items[0]?.payloadSchema).toMatchObject({ type: "object" })
      expect((await run(["events", "types"])).stdout).toContain("A rule was created.")
      const unknown = await run(["events", "list", "--type", "removal.remvoed"])
      expect(unknown.stdout).toBe("No events\n")
      expect(unknown.stderr).toBe(
        'No type of event is named "removal.remvoed", and none is in the log. Did you mean "removal.removed"?\n'
      )
      expect((await run(["events", "list", "--type", "removal.restored"])).stderr).toBe("")
    })

    it("are followed from the past into the future, each once, a line of JSON for each", async () => {
      const entry = fileURLToPath(new URL("../src/main.ts", import.meta.url))
      const child = spawn(
        process.execPath,
        [
          "--conditions",
          "tendarr-source",
          entry,
          "events",
          "follow",
          "--since",
          "1h",
          "--category",
          "settings",
          "--json"
        ],
        { env: { ...process.env, ...served.env }, stdio: ["ignore", "pipe", "inherit"] }
      )
      let text = ""
      const seen = (): ReadonlyArray<Event> =>
        text
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Event)
      const until = async (enough: () => boolean) => {
        while (!enough()) await once(child.stdout, "data")
      }
      child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part))
      await until(() => seen().length > 2)
      const past = seen().length
      await json("settings", "set", "general.instanceName=Heard")
      await until(() => seen().length > past)
      const ids = seen().map(({ id }) => Number(id))
      expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b))
      child.kill("SIGINT")
      await once(child, "close")
      expect(child.exitCode).toBe(130)
    })
  })

  describe("posters", () => {
    it("are written to a file, resized on request, and refused by name", async () => {
      const { items } = await ask<{ items: ReadonlyArray<{ id: string }> }>(served, "GET", "/items?kind=movie&limit=1")
      const id = items[0]!.id
      const file = join(folder, "poster.png")
      const written = await json("posters", "get", id, "--output", file)
      expect(written).toEqual({ itemId: id, file, mediaType: "image/png", bytes: expect.any(Number), resized: false })
      expect((await stat(file)).size).toBe((written as { bytes: number }).bytes)
      expect((await run(["posters", "get", id, "--width", "100", "--output", file])).stdout).toContain(
        "Wrote the poster of"
      )
      expect(await fails(1, ["posters", "get", "no", "such", "film"])).toContain("[item-not-found]")
      expect(await fails(1, ["posters", "get", id, "--width", "49", "--output", join(folder, "none")])).toContain(
        "width"
      )
      await expect(stat(join(folder, "none"))).rejects.toThrow()
    })
  })

  describe("backups", () => {
    it("are created, checked, downloaded, uploaded, and removed after a confirmation", async () => {
      const made = await json<{ id: string; bytes: number }>("backup", "create")
      expect((await run(["backup", "list"])).stdout).toContain(made.id)
      expect((await run(["backup", "verify", made.id])).stdout).toContain("is sound")
      const file = join(folder, "copy.db")
      expect((await run(["backup", "download", made.id, "--output", file])).stdout).toContain("key file")
      expect((await stat(file)).size).toBe(made.bytes)
      const taken = await json<{ id: string; reason: string }>("backup", "upload", file)
      expect(taken.reason).toBe("upload")
      expect(await fails(2, ["backup", "remove", made.id])).toContain("--yes")
      expect((await run(["backup", "remove", made.id, taken.id, "--yes"])).code).toBe(0)
      expect(await fails(1, ["backup", "verify", made.id])).toContain("[backup-not-found]")
      await writeFile(file, "rubbish")
      expect(await fails(1, ["backup", "upload", file])).toContain("[not-a-tendarr-database]")
      expect(await fails(2, ["backup", "upload", join(folder, "nothing.db")])).toContain("cannot be read")
    })

    it("wait for the next start of a server, until that is taken back", async () => {
      const { id } = await json<{ id: string }>("backup", "create")
      expect(await fails(2, ["backup", "restore", id])).toContain("--yes")
      const staged = await run(["backup", "restore", id, "--yes"])
      expect(staged.stdout).toContain("when Tendarr is restarted")
      expect((await json<{ backupId: string }>("backup", "cancel-restore")).backupId).toBe(id)
      expect(await fails(1, ["backup", "cancel-restore"])).toContain("[no-pending-restore]")
    })
  })

  it("removals can be requested, and snoozed ones released", async () => {
    const { items } = await ask<{ items: ReadonlyArray<{ id: string }> }>(served, "GET", "/disk-groups")
    for (const { id } of items) await ask(served, "PATCH", `/disk-groups/${id}`, { mode: "approval" })
    const { items: kept } = await json<{ items: ReadonlyArray<{ itemId: string }> }>(
      "preview",
      "--status",
      "candidate",
      "--limit",
      "1"
    )
    const item = kept[0]!.itemId
    expect(await fails(2, ["removals", "request", item])).toContain("--yes")
    const removal = await json<{ id: string; itemId: string; state: string }>("removals", "request", item, "--yes")
    expect(removal.itemId).toBe(item)
    expect(await fails(1, ["removals", "request", item, "--yes"])).toContain("[removal-state-conflict]")
    await json("removals", "cancel", removal.id)
    const flags = ["--action", "unmonitor", "--grace-days", "14", "--reset-request", "--yes"]
    const later = await json<Record<string, unknown>>("removals", "request", item, ...flags)
    expect(later).toMatchObject({ action: "unmonitor", graceDays: 14, resetRequest: true, state: "scheduled" })
    const inTwoWeeks = (Date.parse(String(later["scheduledAt"])) - Date.parse(String(later["createdAt"]))) / 86_400_000
    expect(Math.round(inTwoWeeks * 100) / 100).toBe(14)
    const unmonitoring = await json<{ items: ReadonlyArray<{ id: string }> }>(
      "removals",
      "list",
      "--action",
      "unmonitor"
    )
    expect(unmonitoring.items.map(({ id }) => id)).toEqual([later["id"]])
    const shown = await run(["removals", "show", String(later["id"])])
    expect(shown.stdout).toContain("Action: unmonitor, after 14 days, its request is reset afterwards")
    expect((await run(["removals", "list", "--open"])).stdout).toContain("ACTION")
    await json("removals", "cancel", String(later["id"]))
    const refused = await fails(1, [
      "removals",
      "request",
      item,
      "--yes",
      "--action",
      "unmonitor",
      "--import-exclusion"
    ])
    expect(refused).toContain("importExclusion")
    expect(await fails(1, ["removals", "request", item, "--yes", "--grace-days", "-1"])).toContain("graceDays")
    const all = await json<{ items: ReadonlyArray<{ id: string; state: string }>; nextCursor: null }>(
      "removals",
      "list",
      "--all"
    )
    expect(all.items.find(({ id }) => id === removal.id)?.state).toBe("cancelled")
    const proposed = all.items.find(({ state }) => state === "proposed")!
    await json("removals", "snooze", proposed.id, "--for", "2h")
    expect(await json("removals", "unsnooze", proposed.id)).toEqual({
      succeeded: [proposed.id],
      beyondRecall: [],
      failed: []
    })
  })

  it("the OpenAPI document comes from the server, or from this program", async () => {
    // A long document, all of which has to be written before the process ends.
    const own = await spawned(["openapi"])
    expect(JSON.parse((await run(["openapi"])).stdout)).toEqual(JSON.parse(own.stdout))
    const gone = await cli(["openapi", "--url", "http://127.0.0.1:9"])
    expect(gone.code).toBe(3)
  })
})
