/** `tendarr move-in`, without a server. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { cleanuparrDatabase } from "../../core/test/moving/CleanuparrDatabase.ts"
import { prunerrDatabase } from "../../core/test/moving/PrunerrDatabase.ts"
import { cli, cliJson, patient } from "./support/Cli.ts"
import { type LocalFolder, localFolder } from "./support/LocalFolder.ts"

describe("move-in", patient, () => {
  let folder: LocalFolder
  let file: string
  const run = (...words: ReadonlyArray<string>) => cli([...words, "--data-dir", folder.path])
  beforeAll(async () => {
    folder = await localFolder()
    file = join(folder.path, "..", "prunerr.db")
    await writeFile(
      file,
      prunerrDatabase({
        rules: [
          { name: "Unseen", conditions: '[{"field":"play_count","operator":"equals","value":0}]', action: "delete" },
          { name: "By mood", conditions: '[{"field":"mood","operator":"equals","value":"sad"}]', action: "delete" }
        ]
      })
    )
  }, patient.timeout)
  afterAll(() => folder.stop())

  it("shows what would be moved in, and why something is not, and changes nothing", async () => {
    const shown = await run("move-in", "prunerr", file)
    expect(shown.code, shown.stderr).toBe(0)
    expect(shown.stdout).toContain("rules: 1 to create, 0 here already, 1 not carried over")
    expect(shown.stdout).toMatch(/\+ Unseen: matches \d+ items? now/)
    expect(shown.stdout).toContain('- By mood: condition.children.0.field there is no field "mood"')
    expect(shown.stdout).toContain("Nothing was changed. With --apply, exactly this is created.")
    expect((await run("rules", "list")).stdout).not.toContain("Unseen")
  })

  it("moves in on request, switched off, and nothing twice", async () => {
    const done = await run("move-in", "prunerr", file, "--apply", "--yes")
    expect(done.code, done.stderr).toBe(0)
    expect(done.stdout).toContain("Rules that act are switched off")
    const again = await cliJson<{ counts: Array<{ create: number }>; entries: Array<{ outcome: string }> }>([
      "move-in",
      "prunerr",
      file,
      "--data-dir",
      folder.path
    ])
    expect(again.counts.map(({ create }) => create)).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(again.entries.map(({ outcome }) => outcome)).toEqual(["present", "not-carried"])
  })

  it("shows and makes connections without their keys", async () => {
    const cleanuparr = join(folder.path, "..", "cleanuparr.db")
    const key = "0123456789abcdef0123456789abcdef"
    const films = { id: "1", arr_config_id: "1", name: "Films", url: "http://radarr:7878", api_key: key, enabled: 0 }
    await writeFile(
      cleanuparr,
      cleanuparrDatabase({
        arr_configs: [{ id: "1", type: "radarr" }],
        arr_instances: [films],
        stall_rules: [{ id: "1", name: "Stalled" }]
      })
    )
    const shown = await run("move-in", "cleanuparr", cleanuparr, "--json")
    expect(shown.code, shown.stderr).toBe(0)
    expect(shown.stdout).not.toContain(key)
    const done = await run("move-in", "cleanuparr", cleanuparr, "--apply", "--yes")
    expect(done.code, done.stderr).toBe(0)
    expect(done.stdout).toContain("connections: 1 to create, 0 here already, 0 not carried over")
    expect(done.stdout).toContain("+ Films: radarr at http://radarr:7878, switched off")
    expect(done.stdout).toContain("+ Stalled")
    expect(done.stdout).not.toContain(key)
    expect((await run("integrations", "list")).stdout).toContain("Films")
    expect((await run("rules", "list")).stdout).toContain("Stalled")
  })

  it("refuses a database whose log lies beside it, and files of something else", async () => {
    await writeFile(`${file}-wal`, "changes")
    const open = await run("move-in", "prunerr", file)
    expect(open.code).not.toBe(0)
    expect(open.stderr).toContain("prunerr.db-wal contains changes that are not in")
    expect(open.stderr).toContain("Stop prunerr")
    await writeFile(`${file}-wal`, "")
    const other = await run("move-in", "maintainerr", file)
    expect(other.stderr).toContain("is not a database of Maintainerr")
    expect((await run("move-in", "prunerr", "nothing.db")).stderr).toContain("nothing.db cannot be read")
  })
})
