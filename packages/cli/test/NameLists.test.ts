import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { cli, cliJson, patient } from "./support/Cli.ts"
import { type LocalFolder, localFolder } from "./support/LocalFolder.ts"

describe("tendarr name-lists", patient, () => {
  let folder: LocalFolder
  beforeAll(async () => {
    folder = await localFolder(300)
  }, patient.timeout)
  afterAll(() => folder.stop())

  const run = (...args: ReadonlyArray<string>) => cli([...args, "--data-dir", folder.path])
  const lists = (...args: ReadonlyArray<string>) => run("name-lists", ...args)
  const json = <A>(...args: ReadonlyArray<string>) => cliJson<A>([...args, "--data-dir", folder.path])

  it("add, list, show, entries, edit and remove one", async () => {
    expect((await lists("list")).stdout).toContain("There is no list of names")
    const added = await lists("add", "Samples", "--entry", "*sample*", "--entry", "extras/", "--category", "movies")
    expect(added.stdout).toContain("Samples: blocklist 1, applies")
    expect(added.stdout).toContain("2 entries from own entries, read")
    expect(added.stdout).toContain("Applies to categories movies")
    expect((await lists("list")).stdout).toMatch(/1 +Samples +block +applies +2 +.*own entries/)
    expect((await lists("entries", "samples")).stdout).toBe("*sample*\nextras/\n")
    const edited = await lists("edit", "1", "--everywhere", "--no-enabled", "--removes", "--name", "Bad")
    expect(edited.stdout).toContain("Bad: blocklist 1, off")
    expect(edited.stdout).toContain("Applies to all downloads of applications")
    expect(edited.stdout).toContain("One file that matches has the whole download removed")
    expect((await json<{ enabled: boolean }>("name-lists", "show", "Bad")).enabled).toBe(false)
    expect((await lists("remove", "Bad")).code).toBe(2)
    expect((await lists("remove", "Bad", "--yes")).stdout).toContain('The list "Bad" is deleted')
    expect((await lists("show", "Bad")).code).toBe(1)
  })

  it("names what is wrong with a list, and shows the lines that do not apply", async () => {
    expect((await lists("add", "Two", "--entry", ".exe", "--built-in", "video")).code).toBe(2)
    expect((await lists("add", "None")).code).toBe(2)
    expect((await lists("edit", "None")).code).toBe(2)
    const everything = await lists("add", "Everything", "--entry", "*")
    expect(everything.code).not.toBe(0)
    expect(everything.stderr).toContain("it would match every file, or none")
    const missing = await lists("add", "Missing", "--file", "/nowhere/names.txt")
    expect(missing.stdout).toContain("never read")
    expect(missing.stdout).toContain("Its source cannot be read")
    const refreshed = await lists("refresh", "Missing")
    expect(refreshed.code).toBe(1)
    expect(refreshed.stderr).toContain("The list cannot be read")
    await lists("remove", "Missing", "--yes")
  })

  it("say what they do to downloads that are there now, and change nothing", async () => {
    await lists("add", "Video", "--allow", "--built-in", "video", "--no-enabled")
    const clients = await json<{ items: ReadonlyArray<{ id: string; kind: string }> }>("integrations", "list")
    const client = clients.items.find(({ kind }) => kind === "qbittorrent")
    expect((await run("jobs", "start", "malware-blocking", "--subject", client!.id, "--wait")).code).toBe(0)
    const blocked = async (...args: ReadonlyArray<string>) =>
      (
        await json<{ items: ReadonlyArray<{ outcome: string; because: string; downloadId: string }> }>(
          "downloads",
          "blocked",
          ...args
        )
      ).items
    // Without a server, nothing has read the client since.
    const [first] = await blocked("--outcome", "held")
    expect(first!.because).toMatch(/^it holds programs, and nothing that they could accompany; qBittorrent has not/)
    const besides = (some: ReadonlyArray<{ because: string }>) =>
      some.filter(({ because }) => because.includes('Codec.Setup.exe" is not on the list "Video"'))
    expect(besides(await blocked("--list", "Video"))).not.toEqual([])
    expect(besides(await blocked())).toEqual([])
    expect((await run("downloads", "blocked", "--list", "Video")).stdout).toMatch(/OUTCOME/)
    expect((await run("downloads", "blocked", "--list", "None")).code).toBe(1)
    expect((await run("downloads", "show", first!.downloadId)).stdout).toContain("Lists of names: held: it holds")
    expect((await json<{ items: ReadonlyArray<unknown> }>("acts", "list")).items).toEqual([])
  })
})
