import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { cli, cliJson, patient } from "./support/Cli.ts"
import { type LocalFolder, localFolder } from "./support/LocalFolder.ts"

interface Act {
  readonly id: string
  readonly state: string
}

describe("tendarr acts", patient, () => {
  let folder: LocalFolder
  beforeAll(async () => {
    folder = await localFolder()
    await cli(["status", "--data-dir", folder.path])
    // Acts of a program whose kinds are not part of this command.
    const database = new DatabaseSync(join(folder.path, "tendarr.db"))
    const insert =
      database.prepare(`INSERT INTO acts (kind, key, title, subject, state, step, because, reason, kept, attempts,
      due_at, actor, created_at, updated_at, ended_at) VALUES ('take-label', ?, ?, '{"label":"x"}', ?, ?, 'it is over', ?, ?, ?,
      '2026-01-02T03:04:05.000Z', 'job:labels', '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z', ?)`)
    const end = "2026-01-02T03:05:00.000Z"
    insert.run("a", "Alpha", "planned", null, null, null, 0, null)
    insert.run("b", "Beta", "executing", "sent", null, '{"label":"x"}', 1, null)
    insert.run("c", "Gamma", "failed", "late", "not yours", '{"label":"x"}', 3, null)
    insert.run("d", "Delta", "done", null, null, '{"label":"x"}', 1, end)
    database.close()
  }, patient.timeout)
  afterAll(() => folder.stop())

  const run = (...args: ReadonlyArray<string>) => cli(["acts", ...args, "--data-dir", folder.path])
  const json = <A>(...args: ReadonlyArray<string>) => cliJson<A>(["acts", ...args, "--data-dir", folder.path])

  it("list prints the acts, filtered and as JSON", async () => {
    const { code, stdout } = await run("list")
    expect(code).toBe(0)
    expect(stdout).toMatch(/ID +KIND +TITLE +STATE +WHEN +REASON/)
    expect(stdout).toMatch(/1 +take-label +Alpha +planned +due 2026-01-02 03:04 UTC +it is over/)
    const ids = async (...flags: ReadonlyArray<string>) =>
      (await json<{ items: ReadonlyArray<Act> }>("list", ...flags)).items.map(({ id }) => id)
    expect(await ids("--open")).toEqual(["3", "2", "1"])
    expect(await ids("--state", "done")).toEqual(["4"])
    expect(await ids("--search", "ALPH", "--kind", "take-label", "--key", "a")).toEqual(["1"])
    expect(await ids("--since", "2026-02-01T00:00:00Z")).toEqual([])
    expect((await run("list", "--kind", "other")).stdout).toContain("No acts")
    expect((await run("list", "--state", "gone")).code).toBe(2)
  })

  it("show explains one act", async () => {
    const { stdout } = await run("show", "3")
    expect(stdout).toContain("Act 3: failed")
    expect(stdout).toContain("(not yours)")
    expect(stdout).toContain("Planned by job:labels: it is over")
    expect(stdout).toContain("3 attempts; its request was sent, had no effect yet, and may still have one")
    expect(stdout).toContain("Cannot be undone: it is failed, and only an act that is done can be undone")
    expect((await run("show", "99")).code).toBe(1)
  })

  it("cancel names acts for which it is too late, and refused ones", async () => {
    const { code, stderr, stdout } = await run("cancel", "1", "2", "3", "4", "99")
    expect(code).toBe(1)
    expect(stdout).toContain("2 acts cancelled")
    expect(stdout).toContain("Too late for act 3: the request has been sent to the application")
    expect(stdout).toMatch(/Act 2: .*\[act-beyond-recall\]/)
    expect(stdout).toMatch(/Act 4: .*\[act-conflict\]/)
    expect(stdout).toMatch(/Act 99: .*\[act-not-found\]/)
    expect(stderr).toContain("3 acts not cancelled")
  })

  it("retry and undo are refused where nothing carries out acts of the kind", async () => {
    expect((await run("retry", "3")).stdout).toContain("[act-conflict]")
    const { code, stdout } = await run("undo", "99", "--json")
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { succeeded: [], failed: [{ id: "99", code: "act-not-found" }] }
    ])
    expect((await run("undo", "4")).stdout).toContain("acts of this kind cannot be undone [undo-failed]")
  })
})
