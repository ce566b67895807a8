import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { cli, cliJson, patient } from "./support/Cli.ts"
import { type LocalFolder, localFolder } from "./support/LocalFolder.ts"

describe("tendarr downloads imports", patient, () => {
  let folder: LocalFolder
  beforeAll(async () => {
    folder = await localFolder(300)
  }, patient.timeout)
  afterAll(() => folder.stop())

  const run = (...args: ReadonlyArray<string>) => cli([...args, "--data-dir", folder.path])
  const json = <A>(...args: ReadonlyArray<string>) => cliJson<A>([...args, "--data-dir", folder.path])

  it("lists what was not imported, explains one download, and changes nothing", async () => {
    expect((await run("downloads", "imports")).stdout).toContain("No downloads")
    const clients = await json<{ items: ReadonlyArray<{ id: string; kind: string }> }>("integrations", "list")
    const client = clients.items.find(({ kind }) => kind === "qbittorrent")
    const started = await run("jobs", "start", "download-imports", "--subject", client!.id, "--wait")
    expect(started.code).toBe(0)
    const { items } = await json<{ items: ReadonlyArray<{ downloadId: string; because: string }> }>(
      "downloads",
      "imports",
      "--outcome",
      "imported"
    )
    expect(items[0]!.because).toMatch(/has imported it$/)
    expect((await run("downloads", "imports", "--outcome", "imported", "--limit", "1")).stdout).toMatch(/OUTCOME/)
    expect((await run("downloads", "show", items[0]!.downloadId)).stdout).toMatch(/Import: imported: /)
    expect((await run("acts", "list", "--kind", "import-download")).stdout).toMatch(/^No /)
  })
})
