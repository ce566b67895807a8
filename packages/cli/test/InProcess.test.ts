import { chmod, copyFile, open, readFile, readdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { holdFolder } from "@tendarr/core/server/DataFolder"
import { Effect, Fiber } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { cli, cliJson, patient, spawned, temporaryFolder } from "./support/Cli.ts"
import { type LocalFolder, localFolder } from "./support/LocalFolder.ts"

interface Removal {
  readonly id: string
  readonly itemId: string
  readonly title: string
  readonly state: string
  readonly endedBy: string | null
}

describe("On a data directory without a server", patient, () => {
  let folder: LocalFolder
  beforeAll(async () => {
    folder = await localFolder()
  }, patient.timeout)
  afterAll(() => folder.stop())

  const run = (...args: ReadonlyArray<string>) => cli([...args, "--data-dir", folder.path])
  const json = <A>(...args: ReadonlyArray<string>) => cliJson<A>([...args, "--data-dir", folder.path])

  it("status works, reports that no server runs, and leaves no lock behind", async () => {
    const { code, stderr, stdout } = await spawned(["status", "--data-dir", folder.path])
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toContain("no server is running")
    expect(stdout).toContain("Radarr")
    expect(await readdir(folder.path)).not.toContain("tendarr.lock")
  })

  it("sync reads the applications into the library", async () => {
    const { code, stdout } = await run("sync")
    expect(code).toBe(0)
    expect(stdout).toMatch(/Sonarr\s+applied/)
    const preview = await json<{ summary: { evaluated: number } }>("preview", "--limit", "1")
    expect(preview.summary.evaluated).toBeGreaterThan(30)
  })

  it("damaged rows are reported, and can be deleted by their ids", async () => {
    const { items } = await json<{ items: ReadonlyArray<{ itemId: string }> }>("preview", "--limit", "1")
    const protection = await json<{ id: string }>("protections", "add", items[0]!.itemId)
    const rule = await json<{ id: string }>(
      "rules",
      "add",
      "--name",
      "Odd",
      "--effect",
      "always-keep",
      "--when",
      "year > 3000"
    )
    const database = new DatabaseSync(join(folder.path, "tendarr.db"))
    database.prepare("UPDATE rules SET condition = '{' WHERE id = ?").run(rule.id)
    database.prepare("UPDATE protections SET ids = '{' WHERE id = ?").run(protection.id)
    database.close()
    const refused = await run("preview")
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining(`The rule "Odd" (${rule.id}) is damaged`)
    ])
    expect((await run("rules", "list")).stdout).toMatch(/^! The rule "Odd" \(\d+\) is damaged: .*or delete it$/m)
    expect(await json<{ damaged: object }>("rules", "list")).toMatchObject({
      damaged: [{ id: rule.id, subject: "item" }]
    })
    expect((await run("rules", "remove", rule.id, "--yes")).code).toBe(0)
    expect((await json<{ damaged: object }>("rules", "list")).damaged).toEqual([])
    expect((await run("protections", "remove", protection.id, "--yes")).code).toBe(0)
    expect((await run("preview")).code).toBe(0)
    expect((await run("rules", "remove", "4711", "--yes")).stderr).toContain("[rule-not-found]")
    expect((await run("protections", "remove", "4711", "--yes")).stderr).toContain("[protection-not-found]")
  })

  it("a removal that is cancelled here stays cancelled", async () => {
    await run("run", "--no-sync")
    const scheduled = await json<{ items: ReadonlyArray<Removal> }>("removals", "list", "--state", "scheduled")
    const [first] = scheduled.items
    expect((await run("removals", "cancel", first!.id)).code).toBe(0)
    const cancelled = await json<Removal>("removals", "show", first!.id)
    expect(cancelled).toMatchObject({ state: "cancelled", endedBy: "local" })
    await run("run", "--no-sync")
    const open = await json<{ items: ReadonlyArray<Removal> }>("removals", "list", "--open", "--item", first!.itemId)
    expect(open.items).toEqual([])
  })

  it("run --wait removes the due items from the application, and the disk is within its limits", async () => {
    const { code, stdout } = await run("run", "--wait")
    expect(stdout).toMatch(/carried out|No removal is due/)
    expect(code).toBe(0)
    const removed = await json<{ items: ReadonlyArray<Removal> }>("removals", "list", "--state", "removed")
    expect(removed.items.length).toBeGreaterThan(0)
    const status = await json<{ diskGroups: ReadonlyArray<{ mountPath: string; breached: boolean }> }>("status")
    expect(status.diskGroups.find(({ mountPath }) => mountPath === "/data/movies")?.breached).toBe(false)
    const explained = await run("explain", removed.items[0]!.itemId)
    expect(explained.stdout).toContain("As decided on")
    const radarr = folder.sandbox.integrations.find(({ kind }) => kind === "radarr")!
    const answer = await fetch(`${radarr.url}/api/v3/movie`, {
      headers: { "x-api-key": radarr.config["apiKey"] ?? "" }
    })
    const titles = ((await answer.json()) as ReadonlyArray<{ title: string }>).map(({ title }) => title)
    for (const { title } of removed.items) expect(titles).not.toContain(title)
  })

  it("a directory that another command uses is not opened a second time", async () => {
    const holder = Effect.runFork(
      Effect.scoped(Effect.andThen(holdFolder(folder.path), Effect.never)).pipe(Effect.provide(NodeServices.layer))
    )
    const { code, stderr } = await spawned(["status", "--data-dir", folder.path])
    expect([code, stderr.includes(`Process ${process.pid}`)]).toEqual([3, true])
    await Effect.runPromise(Fiber.interrupt(holder))
    expect((await run("status")).code).toBe(0)
  })

  it("a directory that is locked by a server on another machine is not opened, and its address is not called", async () => {
    const lock = join(folder.path, "tendarr.lock")
    const holder = Effect.runFork(
      Effect.scoped(Effect.andThen(holdFolder(folder.path), Effect.never)).pipe(Effect.provide(NodeServices.layer))
    )
    await expect.poll(() => readFile(lock, "utf8").catch(() => "")).toContain("pid")
    const elsewhere = { pid: 17, host: "a1b2c3d4e5f6", since: "2026-01-31T12:00:00.000Z", url: "http://127.0.0.1:8787" }
    await writeFile(lock, JSON.stringify(elsewhere))
    const { code, stderr } = await run("status")
    expect(code).toBe(3)
    expect(stderr).toContain("a1b2c3d4e5f6")
    expect(stderr).toContain("--url")
    await Effect.runPromise(Fiber.interrupt(holder))
  })

  it("a lock that a killed process left behind does not block the next command", async () => {
    await writeFile(join(folder.path, "tendarr.lock"), JSON.stringify({ pid: 2 ** 22 + 1, url: "http://127.0.0.1:9" }))
    expect((await run("status")).code).toBe(0)
  })
})

describe("a sync that would lose too much", patient, () => {
  let folder: LocalFolder
  beforeAll(async () => {
    folder = await localFolder(30, 0)
  }, patient.timeout)
  afterAll(() => folder.stop())

  it("is held with an explanation and exit code 4, and is applied when it is confirmed", async () => {
    await cli(["sync", "--data-dir", folder.path])
    const radarr = folder.sandbox.integrations.find(({ kind }) => kind === "radarr")!
    const gone = await fetch(`${radarr.url}/api/v3/movie/1?deleteFiles=true`, {
      method: "DELETE",
      headers: { "x-api-key": radarr.config["apiKey"] ?? "" }
    })
    expect(gone.status).toBe(200)
    const { code, stdout } = await cli(["sync", "--data-dir", folder.path])
    expect(code).toBe(4)
    expect(stdout).toMatch(/Radarr\s+held.*would disappear/)
    expect(stdout).toContain("tendarr integrations confirm-sync 1")
    const doctor = await cli(["doctor", "--data-dir", folder.path])
    expect(doctor.stdout).toMatch(/warn {2}source:\d+:\w+: Radarr: its .* are held/)
    expect(doctor.stdout).toContain("tendarr integrations confirm-sync 1")

    for (const args of [["integrations", "list"], ["integrations", "check"], ["status"]]) {
      const { stdout } = await cli([...args, "--data-dir", folder.path])
      expect(stdout, args.join(" ")).toMatch(/Radarr .*troubled +its items/)
    }

    const held = ["Radarr", "--data-dir", folder.path]
    const listed = await cliJson<{ readings: ReadonlyArray<{ titles: ReadonlyArray<string>; more: number }> }>([
      "integrations",
      "held-sync",
      ...held
    ])
    expect(listed.readings).toMatchObject([{ observation: "catalog", lost: 1, titles: [expect.any(String)], more: 0 }])
    const [title] = listed.readings[0]!.titles
    expect((await cli(["integrations", "held-sync", ...held])).stdout).toContain(`\n  ${title}`)
    const unasked = await cli(["integrations", "confirm-sync", ...held])
    expect([unasked.code, unasked.stdout.includes(`\n  ${title}`)]).toEqual([2, true])
    const confirmed = await cli(["integrations", "confirm-sync", ...held, "--yes"])
    expect(confirmed.code).toBe(0)
    expect(confirmed.stdout).toMatch(/Radarr was applied\n.* 1 gone/)
    expect((await cli(["integrations", "discard-sync", ...held])).stderr).toContain("[nothing-held]")
  })
})

describe("doctor", patient, () => {
  let folder: LocalFolder
  beforeAll(async () => {
    folder = await localFolder(20)
    await cli(["sync", "--data-dir", folder.path])
  }, patient.timeout)
  afterAll(() => folder.stop())

  interface Report {
    readonly ok: boolean
    readonly failures: number
    readonly warnings: number
    readonly checks: ReadonlyArray<{ name: string; status: string; detail: string; hint: string | null }>
  }
  const doctor = async () => {
    const { code, stdout } = await cli(["doctor", "--json", "--data-dir", folder.path])
    const report = JSON.parse(stdout) as Report
    return { code, report, check: (name: string) => report.checks.find((each) => each.name === name) }
  }

  it("reports a healthy installation as healthy, check by check", async () => {
    const { check, code, report } = await doctor()
    expect([code, report.ok, report.failures]).toEqual([0, true, 0])
    for (const name of [
      "runtime",
      "data-directory",
      "data-space",
      "lock",
      "database",
      "tendarr",
      "clock",
      "brake",
      "job:capacity"
    ]) {
      expect([name, check(name)?.status]).toEqual([name, "ok"])
    }
    expect(report.checks.filter(({ name }) => name.startsWith("integration:")).map(({ status }) => status)).toEqual(
      Array(7).fill("ok")
    )
    expect(check("integration:1")?.detail).toMatch(/answers in \d+ ms/)
  })

  it("warns about a directory that others can read, and prints how to fix it", async () => {
    await chmod(folder.path, 0o755)
    const { check, code } = await doctor()
    expect(code).toBe(0)
    expect(check("data-directory")).toMatchObject({ status: "warn", hint: `chmod 700 ${folder.path}` })
  })

  it("reports a key file that others can read", async () => {
    await chmod(join(folder.path, "local.key"), 0o644)
    const { check, code } = await doctor()
    expect([code, check("local-key")?.status]).toEqual([4, "fail"])
    await chmod(join(folder.path, "local.key"), 0o600)
  })

  it("reports a missing data directory", async () => {
    const { code, stdout } = await cli(["doctor", "--data-dir", join(folder.path, "nowhere")])
    expect([code, stdout.includes("is not a readable directory")]).toEqual([4, true])
  })

  it("reports a database with corrupt pages", async () => {
    const damaged = await temporaryFolder()
    const file = join(damaged, "tendarr.db")
    await copyFile(join(folder.path, "tendarr.db"), file)
    const handle = await open(file, "r+")
    // The number of free pages in the header of the file.
    await handle.write(Buffer.from([0, 0, 0x12, 0x34]), 0, null, 36)
    await handle.close()
    const { code, stdout } = await cli(["doctor", "--data-dir", damaged])
    expect(code).toBe(4)
    expect(stdout).toMatch(/FAIL {2}database: .*tendarr\.db is damaged: \S/)
    await rm(damaged, { recursive: true })
  })

  it("refuses a database of a newer version, as every other command does", async () => {
    const database = new DatabaseSync(join(folder.path, "tendarr.db"))
    database.exec("INSERT INTO effect_sql_migrations (migration_id, name) VALUES (9999, 'from_the_future')")
    database.close()
    const { check, code } = await doctor()
    expect([code, check("database")?.status, check("tendarr")?.status]).toEqual([4, "fail", "skipped"])
    const status = await cli(["status", "--data-dir", folder.path])
    expect(status.code).toBe(1)
    expect(status.stderr).toContain("version 9999")
    expect(status.stderr).not.toContain("    at ")
  })

  it("reports a file that is not a database", async () => {
    const broken = await temporaryFolder()
    await writeFile(
      join(broken, "tendarr.db"),
      "this is no database at all, and long enough to look like one ".repeat(200)
    )
    const { code, stdout } = await cli(["doctor", "--data-dir", broken])
    expect(code).toBe(4)
    expect(stdout).toMatch(/FAIL {2}database: .*tendarr\.db cannot be read: file is not a database/)
    const status = await cli(["status", "--data-dir", broken])
    expect([status.code, status.stderr.includes("[database-unusable]")]).toEqual([1, true])
    await rm(broken, { recursive: true })
  })
})

describe("A backup of a directory without a server", patient, () => {
  let folder: LocalFolder
  beforeAll(async () => {
    folder = await localFolder(20)
  }, patient.timeout)
  afterAll(() => folder.stop())
  const run = (...args: ReadonlyArray<string>) => cli([...args, "--data-dir", folder.path])
  const nameNow = async () => (await run("settings", "show", "general.instanceName")).stdout.trim()

  it("is restored at once, even over a damaged database, and the replaced database is kept", async () => {
    const { id } = await cliJson<{ id: string }>(["backup", "create", "--data-dir", folder.path])
    expect((await run("settings", "set", "general.instanceName=Later")).code).toBe(0)
    const unasked = await run("backup", "restore", id)
    expect([unasked.code, unasked.stderr.includes("--yes"), await nameNow()]).toEqual([2, true, "Later"])

    const restored = await run("backup", "restore", id, "--yes")
    expect([restored.code, await nameNow()]).toEqual([0, "Tendarr"])
    expect(restored.stdout).toContain("Deletions are switched off")
    const kept = await cliJson<{ items: ReadonlyArray<{ id: string; reason: string }> }>([
      "backup",
      "list",
      "--data-dir",
      folder.path
    ])
    const previous = kept.items.find(({ reason }) => reason === "restore")!
    expect((await run("backup", "restore", previous.id, "--yes")).code).toBe(0)
    expect(await nameNow()).toBe("Later")

    await writeFile(join(folder.path, "tendarr.db"), "scratched")
    expect((await run("status")).stderr).toContain("[database-unusable]")
    const file = join(folder.path, "backups", `${id}.db`)
    expect((await run("backup", "restore", file, "--yes")).code).toBe(0)
    expect(await nameNow()).toBe("Tendarr")
  })

  it("that is not a database changes nothing", async () => {
    const before = await nameNow()
    const rubbish = join(folder.path, "rubbish.db")
    await writeFile(rubbish, "rubbish")
    const refused = await run("backup", "restore", rubbish, "--yes")
    expect([refused.code, refused.stderr.includes("[backup-unusable]")]).toEqual([1, true])
    expect((await run("backup", "restore", "nothing", "--yes")).stderr).toContain("[backup-not-found]")
    expect(await nameNow()).toBe(before)
  })

  it("a job runs to its end in the directory, and events cannot be followed there", async () => {
    expect((await run("events", "follow")).code).toBe(3)
    expect((await run("jobs", "start", "housekeeping")).stdout).toContain("completed")
  })

  it("can be restored if the database is missing; every command reports that, and none creates a new one", async () => {
    await rm(join(folder.path, "tendarr.db"))
    const status = await run("status")
    expect([status.code, status.stderr.includes("[database-missing]")]).toEqual([1, true])
    const advised = /tendarr backup restore (manual-\S+Z)/.exec(status.stderr)?.[1] ?? ""
    expect(status.stderr).toContain("--start-anew")
    const doctor = await run("doctor")
    expect(doctor.code).toBe(4)
    expect(doctor.stdout).toMatch(/FAIL {2}database: .*tendarr\.db is missing/)
    expect(await readdir(folder.path)).not.toContain("tendarr.db")
    expect((await run("backup", "restore", advised, "--yes")).code).toBe(0)
    expect((await run("status")).code).toBe(0)
  })
})
