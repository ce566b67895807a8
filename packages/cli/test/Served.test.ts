import { once } from "node:events"
import { readdir, stat } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ask, cli, cliJson, type ServedSandbox, serveSandbox, patient, spawned } from "./support/Cli.ts"

// oxlint-disable-next-line no-control-regex
const colour = /\u001b\[/

interface Removal {
  readonly id: string
  readonly itemId: string
  readonly title: string
  readonly state: string
  readonly scheduledAt: string | null
  readonly snoozedUntil: string | null
  readonly endedBy: string | null
}
interface Removals {
  readonly items: ReadonlyArray<Removal>
}

describe("over HTTP", patient, () => {
  let served: ServedSandbox
  beforeAll(async () => {
    served = await serveSandbox()
  }, patient.timeout)
  afterAll(() => served.stop())

  const run = (...args: ReadonlyArray<string>) => cli(args, { env: served.env })
  const json = <A>(...args: ReadonlyArray<string>) => cliJson<A>(args, { env: served.env })

  it("health shows by its exit code whether a server is up, without a key", async () => {
    const up = await spawned(["health", "--url", served.url])
    expect([up.code, up.stderr]).toEqual([0, ""])
    expect(up.stdout).toContain(`at ${served.url} is up`)
    const { port } = new URL(served.url)
    expect((await cli(["health"], { env: { TENDARR_PORT: port } })).code).toBe(0)
    expect(await cliJson(["health"], { env: { TENDARR_PORT: port } })).toMatchObject({ status: "ok" })
    const down = await cli(["health", "--url", "http://127.0.0.1:1"])
    expect([down.code, down.stdout]).toEqual([3, ""])
    expect((await cli(["health", "--url", "nowhere"])).code).toBe(2)
  })

  it("status shows integrations, disks and totals, without colours in a pipe", async () => {
    const { code, stderr, stdout } = await spawned(["status"], { env: served.env })
    expect([code, stderr]).toEqual([0, ""])
    for (const part of ["Radarr", "Seerr", "/data/movies", "85 % → 75 %", "TOTALS", served.url]) {
      expect(stdout).toContain(part)
    }
    expect(stdout).toMatch(/\[#+-+\] \d/)
    expect(stdout).not.toMatch(colour)
    const status = await json<Record<string, unknown>>("status")
    expect(Object.keys(status)).toEqual(
      expect.arrayContaining([
        "version",
        "runtime",
        "deletionsEnabled",
        "integrations",
        "diskGroups",
        "running",
        "stats"
      ])
    )
  })

  it("finds the server by its data directory, with no key given", async () => {
    const { code, stdout } = await cli(["status", "--data-dir", served.dataDir])
    expect([code, stdout.includes(served.url)]).toEqual([0, true])
    const named = await cli(["status"], { env: { TENDARR_DATA_DIR: served.dataDir } })
    expect(named.code).toBe(0)
  })

  it("a wrong key is refused with the problem's code", async () => {
    const { code, stderr, stdout } = await run("status", "--api-key", "not-the-key-at-all")
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toContain("[unauthorized]")
  })

  it("sync prints what was read from each integration, and its progress to stderr", async () => {
    const { code, stderr, stdout } = await run("sync")
    expect(code).toBe(0)
    expect(stdout).toMatch(/Radarr\s+applied\s+\d+ catalog/)
    expect(stdout).not.toContain("library-sync:")
    expect(stderr).toContain("library-sync")
    const one = await json<{ status: string; result: { integrations: ReadonlyArray<{ name: string }> } }>(
      "sync",
      "--integration",
      "radarr"
    )
    expect(one.status).toBe("completed")
    expect(one.result.integrations.map(({ name }) => name)).toEqual(["Radarr"])
  })

  it("an unknown integration is reported with the existing ones", async () => {
    const { code, stderr } = await run("sync", "--integration", "Lidarrr")
    expect(code).toBe(1)
    expect(stderr).toContain("[integration-not-found]")
    expect(stderr).toContain("1 (Radarr)")
  })

  it("preview ranks, filters, and shows all on request", async () => {
    const { stdout } = await run("preview", "--limit", "3", "--status", "planned")
    expect(stdout).toMatch(/SIZE\s+SCORE\s+REASON/)
    expect(stdout).toContain("GiB")
    expect(stdout).not.toMatch(colour)
    const all = await json<{
      summary: { evaluated: number; planned: { items: number } }
      items: ReadonlyArray<{ rank: number; planned: boolean }>
      nextCursor: string | null
    }>("preview", "--all")
    expect(all.items).toHaveLength(all.summary.evaluated)
    expect(all.nextCursor).toBeNull()
    expect(all.items.filter(({ planned }) => planned)).toHaveLength(all.summary.planned.items)
    const two = await json<{ items: ReadonlyArray<unknown> }>("preview", "--disk", "/data/movies", "--limit", "2")
    expect(two.items).toHaveLength(2)
    expect((await run("preview", "--disk", "/nowhere")).code).toBe(1)
  })

  it("explain accepts an id or words of a title, and lists the matches if there are several", async () => {
    const { items } = await json<{ items: ReadonlyArray<{ itemId: string; title: string }> }>(
      "preview",
      "--limit",
      "1",
      "--status",
      "planned"
    )
    const item = items[0]!
    const byId = await run("explain", item.itemId)
    expect(byId.code).toBe(0)
    for (const part of [item.title, "FACTOR", "CONTRIBUTION", "RULES", "PROTECTION", "FACTS", "REMOVALS", "Radarr"]) {
      expect(byId.stdout).toContain(part)
    }
    const byTitle = await json<{ item: { id: string }; basis: string; decision: object }>(
      "explain",
      ...item.title.split(" ")
    )
    expect(byTitle.item.id).toBe(item.itemId)
    expect(Object.keys(byTitle)).toEqual(["item", "basis", "summary", "decision", "downloads", "removals"])
    const many = await run("explain", "the")
    expect([many.code, many.stderr.includes("[ambiguous-item]")]).toEqual([1, true])
    expect(many.stdout.split("\n").length).toBeGreaterThan(3)
    const none = await run("explain", "zzzzqqq")
    expect([none.code, none.stdout]).toEqual([1, ""])
    expect(none.stderr).toContain("[item-not-found]")
  })

  it("a number that is an id goes to the argument, not to a flag before it", async () => {
    const explained = JSON.parse((await run("explain", "--json", "1")).stdout) as { item: { id: string } }
    expect(explained.item.id).toBe("1")
  })

  it("run --dry-run shows the plan and writes nothing", async () => {
    const before = await json<Removals>("removals", "list")
    const { code, stdout } = await run("run", "--dry-run", "--no-sync", "--disk", "/data/movies")
    expect(code).toBe(0)
    expect(stdout).toMatch(/\/data\/movies is \d+.* full, mode dry-run: .* to free: \d+ items? of .* planned/)
    expect(stdout).toContain("Nothing was written")
    expect(stdout).not.toContain("/data/shows")
    const output = await json<{ run: { result: { groups: ReadonlyArray<object> } }; removalRun: null; removals: [] }>(
      "run",
      "--dry-run"
    )
    expect(output.run.result.groups).toHaveLength(3)
    expect([output.removalRun, output.removals]).toEqual([null, []])
    expect((await json<Removals>("removals", "list")).items).toHaveLength(before.items.length)
  })

  it("an approval on a disk in dry-run is refused, each removal with its reason", async () => {
    const { items } = await json<Removals>("removals", "list", "--state", "proposed")
    const [first] = items
    const { code, stderr, stdout } = await run("removals", "approve", first!.id)
    expect(code).toBe(1)
    expect(stdout).toContain("dry-run")
    expect(stderr).toContain("[removal-state-conflict]")
  })

  it("all proposals are approved only after a confirmation, or with --yes", async () => {
    const { code, stderr } = await run("removals", "approve", "--all-proposed")
    expect(code).toBe(2)
    expect(stderr).toContain("--yes")
    expect((await run("removals", "approve")).code).toBe(2)
    expect((await run("removals", "approve", "1", "--all-proposed")).code).toBe(2)
  })

  it("a failed sync exits with 4 and names the integration that failed", async () => {
    const [seerr] = (
      await ask<{ items: ReadonlyArray<{ id: string; kind: string; url: string }> }>(served, "GET", "/integrations")
    ).items.filter(({ kind }) => kind === "seerr")
    await ask(served, "PATCH", `/integrations/${seerr!.id}`, { url: "http://127.0.0.1:9", confirmSecretReuse: true })
    const { code, stderr, stdout } = await run("sync", "--integration", "Seerr")
    expect(code).toBe(4)
    expect(stdout).toMatch(/Seerr\s+failed/)
    expect(stderr).toContain("completed-with-errors")
    const doctor = await run("doctor")
    expect(doctor.code).toBe(4)
    expect(doctor.stdout).toMatch(/FAIL {2}integration:\d: Seerr/)
    await ask(served, "PATCH", `/integrations/${seerr!.id}`, { url: seerr!.url, confirmSecretReuse: true })
    expect((await run("sync")).code).toBe(0)
  })

  it("a record that cannot be read completely is named by sync and by doctor", async () => {
    const { items } = await ask<{ items: ReadonlyArray<{ id: string; kind: string; url: string }> }>(
      served,
      "GET",
      "/integrations"
    )
    const radarr = items.find(({ kind }) => kind === "radarr") ?? expect.unreachable()
    let named = ""
    // The unmodified responses of Radarr, except for the tags of its first film.
    const odd = createServer((request, response) => {
      void fetch(`${radarr.url}${request.url}`, { headers: request.headers as Record<string, string> }).then(
        async (answer) => {
          const body: unknown = await answer.json()
          if (request.url === "/api/v3/movie" && Array.isArray(body)) {
            const movies = body as ReadonlyArray<{ title: string; hasFile: boolean; tags: unknown }>
            const movie = movies.find(({ hasFile }) => hasFile)!
            named = movie.title
            movie.tags = "family"
          }
          response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(body))
        }
      )
    }).listen(0, "127.0.0.1")
    await once(odd, "listening")
    await ask(served, "PATCH", `/integrations/${radarr.id}`, {
      url: `http://127.0.0.1:${(odd.address() as AddressInfo).port}`,
      confirmSecretReuse: true
    })
    const { code, stdout } = await run("sync", "--integration", "Radarr")
    expect(code).toBe(0)
    expect(stdout).toMatch(/Radarr returned 1 record that cannot be read/)
    expect(stdout).toContain(`  ${named}: `)
    const doctor = await run("doctor")
    expect(doctor.stdout).toMatch(/warn {2}odd:\d+:catalog: Radarr \(catalog\) returned 1 record/)
    expect(doctor.stdout).toContain(named)
    await ask(served, "PATCH", `/integrations/${radarr.id}`, { url: radarr.url, confirmSecretReuse: true })
    odd.close()
    expect((await run("sync", "--integration", "Radarr")).code).toBe(0)
    expect((await run("doctor")).stdout).not.toContain("odd:")
  })

  describe("with a disk in mode approval", () => {
    let proposed: ReadonlyArray<Removal>
    beforeAll(async () => {
      const { items } = await ask<{ items: ReadonlyArray<{ id: string }> }>(served, "GET", "/disk-groups")
      for (const { id } of items) await ask(served, "PATCH", `/disk-groups/${id}`, { mode: "approval" })
      await ask(served, "PATCH", "/settings/removals", { delaySeconds: 3600, spacingSeconds: 0 })
      expect((await run("run", "--no-sync")).code).toBe(0)
      proposed = (await json<Removals>("removals", "list", "--state", "proposed", "--order", "rank")).items
      expect(proposed.length).toBeGreaterThan(4)
    }, patient.timeout)
    const stateOf = (id: string) => json<Removal>("removals", "show", id)

    it("removals are approved, rescheduled, snoozed, cancelled permanently and released", async () => {
      const [a, b, c] = proposed.map(({ id }) => id) as [string, string, string]
      expect(await json("removals", "approve", a)).toEqual({ succeeded: [a], beyondRecall: [], failed: [] })
      expect((await stateOf(a)).state).toBe("scheduled")

      expect((await run("removals", "reschedule", a, "--at", "2099-01-01T00:00:00Z")).code).toBe(0)
      expect((await stateOf(a)).scheduledAt).toBe("2099-01-01T00:00:00.000Z")
      expect((await run("removals", "reschedule", b, "--in", "2h")).code).toBe(1)
      expect((await run("removals", "reschedule", a, "--in", "soon")).code).toBe(2)

      expect((await run("removals", "snooze", b, "--for", "3d")).code).toBe(0)
      const snoozed = await stateOf(b)
      expect(snoozed.state).toBe("snoozed")
      expect(Date.parse(snoozed.snoozedUntil!) - Date.now()).toBeGreaterThan(2.9 * 86_400_000)
      expect((await run("removals", "snooze", c)).code).toBe(2)

      expect((await run("removals", "cancel", c)).code).toBe(0)
      expect(await stateOf(c)).toMatchObject({ state: "cancelled", endedBy: expect.stringMatching(/^key:/) as string })
      expect((await run("run", "--no-sync")).code).toBe(0)
      const again = await json<Removals>("removals", "list", "--open", "--item", proposed[2]!.itemId)
      expect(again.items).toEqual([])
      expect((await run("removals", "release", c)).code).toBe(0)
    })

    it("a removal that cannot be changed does not prevent changes of the others", async () => {
      const [, , , d, e] = proposed.map(({ id }) => id)
      const { code, stderr, stdout } = await run("removals", "reject", d!, "999999", e!)
      expect(code).toBe(1)
      expect(stdout).toContain("2 removals rejected")
      expect(stdout).toContain("Removal 999999")
      expect(stderr).toContain("[removal-not-found]")
      expect((await run("removals", "retry", d!)).code).toBe(1)
    })

    it("show prints the decision, and an unknown one is not found", async () => {
      const { stdout } = await run("removals", "show", proposed[0]!.id)
      for (const part of [proposed[0]!.title, "Decided on", "FACTOR", "FACTS"]) expect(stdout).toContain(part)
      expect((await run("removals", "show", "999999")).stderr).toContain("[removal-not-found]")
    })

    it("run --wait shows what was removed, and restore adds it again", async () => {
      await ask(served, "PATCH", "/settings/removals", { delaySeconds: 0 })
      const approved = await json<{ succeeded: ReadonlyArray<string> }>(
        "removals",
        "approve",
        "--all-proposed",
        "--yes"
      )
      expect(approved.succeeded.length).toBeGreaterThan(0)
      await ask(served, "PATCH", "/settings/capacity", { syncBeforeRun: false })
      const output = await json<{ run: { status: string }; removals: ReadonlyArray<Removal> }>("run", "--wait")
      expect(output.run.status).toBe("completed")
      const history = await json<Removals>("removals", "list", "--state", "removed")
      expect(history.items.map(({ id }) => id)).toEqual(expect.arrayContaining([...approved.succeeded]))
      const [first] = approved.succeeded
      expect((await run("removals", "restore", first!)).code).toBe(0)
      expect((await stateOf(first!)).state).toBe("restored")
      const twice = await run("removals", "restore", first!)
      expect([twice.code, twice.stderr.includes("[removal-state-conflict]")]).toEqual([1, true])
    })
  })
})

describe("serve", patient, () => {
  it("shuts down cleanly on a signal, and releases the data directory", async () => {
    const served = await serveSandbox(20)
    for (const file of await readdir(served.dataDir)) {
      expect([file, (await stat(join(served.dataDir, file))).mode & 0o077]).toEqual([file, 0])
    }
    const second = await spawned(["serve", "--sandbox", "--port", "0", "--data-dir", served.dataDir])
    expect(second.code).toBe(1)
    expect(second.stderr).toContain("Two processes could remove things twice")
    const { code, stderr, stdout } = await served.stop("SIGTERM")
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toMatch(/^Tendarr is listening on http:\/\/127\.0\.0\.1:\d+$/m)
  })

  it("is found under its base path by its address, by its data directory, and by the environment of its container", async () => {
    const served = await serveSandbox(20, ["--base-path", "/tendarr/"])
    try {
      const { origin, pathname, port } = new URL(served.url)
      expect(pathname).toBe("/tendarr")
      expect((await cli(["status"], { env: served.env })).code).toBe(0)
      expect((await cli(["status", "--url", `${served.url}/`], { env: served.env })).code).toBe(0)
      expect((await cli(["status", "--data-dir", served.dataDir])).stdout).toContain(served.url)
      expect((await cli(["openapi", "--url", served.url])).stdout).toContain('"url": "/tendarr"')
      const env = { TENDARR_PORT: port, TENDARR_BASE_PATH: "/tendarr/" }
      expect((await cli(["health"], { env })).code).toBe(0)
      expect((await cli(["health", "--url", origin])).code).not.toBe(0)
      const odd = await cli(["health"], { env: { ...env, TENDARR_BASE_PATH: "tendarr" } })
      expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining("TENDARR_BASE_PATH must be a path")])
    } finally {
      await served.stop()
    }
  })
})
