import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { cli, cliJson, patient } from "./support/Cli.ts"
import { type LocalFolder, localFolder } from "./support/LocalFolder.ts"

interface Page {
  readonly items: ReadonlyArray<{ readonly id: string; readonly state: string; readonly path: string }>
  readonly nextCursor: string | null
}

describe("tendarr orphans", patient, () => {
  let folder: LocalFolder
  let downloads: string
  beforeAll(async () => {
    folder = await localFolder()
    downloads = join(realpathSync(folder.path), "downloads")
    await cli(["status", "--data-dir", folder.path])
    // As runs have left them: one found, two in quarantine, of which one is no longer there, and one deleted.
    const quarantine = join(downloads, ".tendarr-orphans")
    mkdirSync(join(quarantine, "2 Old.Film"), { recursive: true })
    writeFileSync(join(quarantine, "2 Old.Film", "old.mkv"), "x")
    const database = new DatabaseSync(join(folder.path, "tendarr.db"))
    const at = "2026-01-02T03:04:05.000Z"
    const orphan = database.prepare(`INSERT INTO orphans (path, folder, state, files, bytes, frees_bytes, newest_at,
      identity, found_at, seen_at, reason, quarantine, quarantined_at, delete_at, ended_at, act_id)
      VALUES (?, ?, ?, 1, 2048, ?, '2025-12-01T00:00:00.000Z', '1:2', ?, ?, ?, ?, ?, ?, ?, ?)`)
    const act = database.prepare(`INSERT INTO acts (kind, key, title, subject, state, because, kept, attempts, due_at,
      actor, created_at, updated_at, ended_at) VALUES ('quarantine-orphan', ?, 'Orphaned', ?, 'done', 'nothing knows it', ?, 1,
      ?, 'job:orphaned-files', ?, ?, ?)`)
    const add = (id: number, name: string, state: string, reason: string | null, freesBytes = 2048) => {
      const path = join(downloads, name)
      const moved = join(quarantine, `${id} ${name}`)
      const deleteAt = state === "quarantined" ? "2099-01-16T03:04:05.000Z" : null
      const inQuarantine = state === "quarantined" || state === "deleted"
      if (inQuarantine) {
        const subject = { orphanId: String(id), path, quarantine: moved, identity: "1:2", newestMillis: 0 }
        const kept = { path, quarantine: moved, files: 1, bytes: 2048 }
        act.run(String(id), JSON.stringify(subject), JSON.stringify(kept), at, at, at, at)
      }
      const { n } = database.prepare("SELECT count(*) AS n FROM acts").get() as { n: number }
      const since = inQuarantine ? at : null
      const endedAt = state === "deleted" ? at : null
      orphan.run(
        path,
        downloads,
        state,
        freesBytes,
        at,
        at,
        reason,
        since && moved,
        since,
        deleteAt,
        endedAt,
        since && n
      )
    }
    add(1, "New.Film", "found", "it has not been orphaned for 48 hours")
    add(2, "Old.Film", "quarantined", null, 0)
    add(3, "Lost.Film", "quarantined", null)
    add(4, "Gone.Film", "deleted", null)
    database.close()
  }, patient.timeout)
  afterAll(() => folder.stop())

  const run = (...args: ReadonlyArray<string>) => cli(["orphans", ...args, "--data-dir", folder.path])
  const json = <A>(...args: ReadonlyArray<string>) => cliJson<A>(["orphans", ...args, "--data-dir", folder.path])

  it("list prints them newest first, filtered, in pages and as JSON", async () => {
    const { code, stdout } = await run("list")
    expect(code).toBe(0)
    expect(stdout).toMatch(/ID +STATE +SINCE +SIZE +PATH +WHY/)
    expect(stdout).toMatch(
      /1 +found +2026-01-02 03:04 UTC +2(\.0)? KiB +\S+New\.Film +it has not been orphaned for 48 hours/
    )
    expect(stdout).toMatch(/2 +quarantined .*deleted after 2099-01-16 03:04 UTC/)
    const ids = async (...flags: ReadonlyArray<string>) =>
      (await json<Page>("list", ...flags)).items.map(({ id }) => id)
    expect(await ids()).toEqual(["4", "3", "2", "1"])
    expect(await ids("--state", "quarantined")).toEqual(["3", "2"])
    expect(await ids("--search", "OLD.")).toEqual(["2"])
    const page = await json<Page>("list", "--limit", "1")
    expect(page.items.map(({ id }) => id)).toEqual(["4"])
    expect(await ids("--cursor", page.nextCursor ?? "")).toEqual(["3", "2", "1"])
    expect((await run("list", "--search", "nothing")).stdout).toContain("No orphaned files")
    expect((await run("list", "--state", "lost")).code).toBe(2)
    expect((await run("list", "--help")).stdout).toContain("--state")
  })

  it("show explains one", async () => {
    const { stdout } = await run("show", "2")
    expect(stdout).toContain("Orphan 2: quarantined")
    expect(stdout).toContain("of which deletion frees 0 B: the rest has further hard links")
    expect(stdout).toContain("tendarr orphans restore 2")
    const { code, stderr } = await run("show", "99")
    expect(code).toBe(1)
    expect(stderr).toContain("orphan-not-found")
  })

  it("restore moves back what is in quarantine, and names what it could not", async () => {
    const { code, stderr, stdout } = await run("restore", "1", "2", "3", "99")
    expect(code).toBe(1)
    expect(stdout).toContain("1 orphan restored")
    expect(stdout).toMatch(/Orphan 1: .*\[orphan-conflict\]/)
    expect(stdout).toMatch(/Orphan 3: .*not there any more.*\[undo-failed\]/)
    expect(stdout).toMatch(/Orphan 99: .*\[orphan-not-found\]/)
    expect(stderr).toContain("3 orphans not restored")
    expect(existsSync(join(downloads, "Old.Film", "old.mkv"))).toBe(true)
    expect(await json("show", "2")).toMatchObject({ state: "restored" })
  })

  it("keep lets one stay where it is", async () => {
    expect(await json("keep", "1")).toEqual({ succeeded: ["1"], beyondRecall: [], failed: [] })
    expect(await json("show", "1")).toMatchObject({ state: "kept" })
    expect((await run("keep", "4")).stdout).toContain("[orphan-conflict]")
  })

  it("run says why nothing was looked for", async () => {
    const { code, stdout } = await run("run", "--dry-run")
    expect(code).toBe(0)
    expect(stdout).toContain("Nothing was looked for: ")
    expect(stdout).toContain("Nothing was written (--dry-run)")
  })
})
