/** `tendarr dialects`, `tendarr collections` and `tendarr activity`, without a server. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { cli, cliJson, patient } from "./support/Cli.ts"
import { type LocalFolder, localFolder } from "./support/LocalFolder.ts"

describe("dialects", patient, () => {
  let folder: LocalFolder
  const run = (...words: ReadonlyArray<string>) => cli([...words, "--data-dir", folder.path])
  beforeAll(async () => {
    folder = await localFolder()
  }, patient.timeout)
  afterAll(() => folder.stop())

  it("are listed, switched on with a port, and off", async () => {
    expect((await run("dialects", "list")).stdout).toMatch(/prunerr +Prunerr +no/)
    const on = await run("dialects", "enable", "prunerr", "--port", "3000")
    expect(on.stdout).toMatch(/prunerr +Prunerr +yes +– +3000/)
    expect(on.stdout).toContain("It is served when the server runs")
    const { items } = await cliJson<{ items: Array<{ name: string; enabled: boolean; port: number | null }> }>([
      "dialects",
      "list",
      "--data-dir",
      folder.path
    ])
    expect(items.filter(({ enabled }) => enabled)).toMatchObject([{ name: "prunerr", port: 3000 }])
    expect((await run("dialects", "disable", "prunerr")).stdout).toContain("Prunerr is switched off")
  })

  it("have a key that is shown again, and replaced only on purpose", async () => {
    const key = async () => (await run("dialects", "key", "prunerr")).stdout.trim()
    const before = await key()
    expect(before).toMatch(/^[0-9a-f]{64}$/)
    expect(await key()).toBe(before)
    expect((await run("dialects", "key", "prunerr", "--renew")).code).not.toBe(0)
    expect(await key()).toBe(before)
    const renewed = (await run("dialects", "key", "prunerr", "--renew", "--yes")).stdout.trim()
    expect(renewed).not.toBe(before)
    expect(await key()).toBe(renewed)
  })

  it("refuse names that are none", async () => {
    const wrong = await run("dialects", "enable", "prunrr")
    expect(wrong.code).not.toBe(0)
    expect(wrong.stderr).toContain("prunerr")
  })

  it("leave their traces in the activity", async () => {
    const shown = await run("activity", "--types", "dialect-key.", "--limit", "1")
    expect(shown.stdout).toContain("The key of the dialect Prunerr was replaced")
    expect(shown.stdout).toMatch(/1 to 1 of \d+/)
    expect((await run("activity", "--search", "no such text")).stdout).toContain("Nothing happened")
  })

  it("do not need a library: its collections are listed, and one that is not there is named", async () => {
    expect((await run("collections", "list")).code).toBe(0)
    const lost = await run("collections", "remove", "No such collection", "--yes")
    expect(lost.code).not.toBe(0)
    expect(lost.stderr).toContain('There is no collection "No such collection"')
  })
})
