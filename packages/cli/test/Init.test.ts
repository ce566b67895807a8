import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { keys, ScriptedTerminal } from "../../../scripts/lib/ScriptedTerminal.ts"
import { cli, cliJson, patient, temporaryFolder } from "./support/Cli.ts"
import { type Stack, startStack } from "./support/Stack.ts"

interface Listed<A> {
  readonly items: ReadonlyArray<A>
}
interface Integration {
  readonly name: string
  readonly kind: string
  readonly url: string
}
interface Disk {
  readonly mountPath: string
  readonly mode: string
  readonly limits: object
}

let stack: Stack
let parent: string
beforeAll(async () => {
  stack = await startStack()
  parent = await temporaryFolder()
}, patient.timeout)
afterAll(async () => {
  await stack.stop()
  await rm(parent, { recursive: true })
})

const entry = fileURLToPath(new URL("../src/main.ts", import.meta.url))

/** `tendarr init` at a terminal. */
const init = (dataDir: string, ...args: ReadonlyArray<string>) =>
  new ScriptedTerminal(
    [process.execPath, "--conditions", "tendarr-source", entry, "init", "--data-dir", dataDir, ...args],
    {
      patienceMillis: 30_000,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: parent,
        NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? ""
      }
    }
  )
const lookAt = (...kinds: ReadonlyArray<string>) => kinds.flatMap((kind) => ["--look", stack.app(kind).url])
const connected = async (dataDir: string) =>
  (await cliJson<Listed<Integration>>(["integrations", "list", "--data-dir", dataDir])).items
const namesOf = async (dataDir: string) => (await connected(dataDir)).map(({ name }) => name)

describe("init at a terminal", patient, () => {
  it("finds, tests and connects applications, reads the library, sets the disks, and shows what could be removed", async () => {
    const dataDir = join(parent, "whole")
    await using session = init(dataDir, ...lookAt("radarr", "sonarr", "plex"))
    await session.shows("Found 3 applications")
    await session.answers("Which ones should be connected?", keys.enter)

    // A wrong key is reported as such, and can be entered again.
    await session.answers(/Radarr at http.*\n.*\n.*API key/, `wrong${keys.enter}`)
    await session.shows(/no {2}.*\n.*The key is wrong/)
    await session.answers("How to continue?", keys.enter)
    await session.answers("API key", `${stack.app("radarr").secret}${keys.enter}`)
    await session.shows(/ok {2}Radarr \S+ answers in/)
    // Or the application is skipped.
    await session.answers(/Sonarr at http.*\n.*\n.*API key/, `wrong${keys.enter}`)
    await session.answers("How to continue?", `${keys.down}${keys.down}${keys.enter}`)
    await session.answers(/Plex at http.*\n.*\n\? Token/, `${stack.app("plex").secret}${keys.enter}`)
    await session.shows("ok  Plex Media Server")

    await session.answers("Look on another host", `${stack.app("sonarr").url.replace("http://", "")}${keys.enter}`)
    await session.shows("Found 1 application. 2 integrations connected already")
    await session.answers("Which ones should be connected?", keys.enter)
    await session.answers("API key", `${stack.app("sonarr").secret}${keys.enter}`)
    await session.answers("Look on another host", keys.enter)

    await session.shows(/Radarr\s+applied[^]*items in the library/)
    await session.answers("When is a disk too full", `${keys.down}${keys.enter}`)
    await session.answers("is too full at", `${keys.erase(2)}80${keys.enter}`)
    await session.answers("Bring it down to", `${keys.erase(2)}90${keys.enter}`)
    await session.shows("The target must be below the threshold")
    session.type(`${keys.erase(2)}70${keys.enter}`)
    await session.shows(/approval\s+plans removals, and carries out only those that you approve/)
    await session.answers("What may Tendarr do there?", `${keys.down}${keys.enter}`)
    await session.shows("What a run would remove, and why")
    await session.shows(/1\. .*GiB, score 0\.\d\d\n\s+\S+/)
    await session.shows(`tendarr explain`)
    expect([await session.ends(), session.text.includes(stack.app("radarr").secret)]).toEqual([0, false])

    expect(await namesOf(dataDir)).toEqual(["Radarr", "Plex", "Sonarr"])
    const { items } = await cliJson<Listed<Disk>>(["disks", "list", "--data-dir", dataDir])
    expect(items.map(({ limits, mode }) => [mode, limits])).toEqual(
      items.map(() => ["approval", { type: "percent", threshold: 80, target: 70 }])
    )
  })

  it("keeps dry-run and the limits by default, and adds to existing integrations", async () => {
    const dataDir = join(parent, "twice")
    await using first = init(dataDir, ...lookAt("radarr"))
    await first.answers("Which ones should be connected?", keys.enter)
    await first.answers("API key", `${stack.app("radarr").secret}${keys.enter}`)
    await first.answers("Look on another host", keys.enter)
    await first.answers("When is a disk too full", keys.enter)
    await first.answers("What may Tendarr do there?", keys.enter)
    await first.shows("tendarr doctor")
    expect(await first.ends()).toBe(0)
    const { items } = await cliJson<Listed<Disk>>(["disks", "list", "--data-dir", dataDir])
    expect(new Set(items.map(({ mode }) => mode))).toEqual(new Set(["dry-run"]))

    await using second = init(dataDir, ...lookAt("radarr", "seerr"))
    await second.shows("Found 1 application. 1 integration connected already")
    await second.answers("Which ones should be connected?", keys.enter)
    await second.answers("API key", `${stack.app("seerr").secret}${keys.enter}`)
    await second.shows("ok  Seerr")
    // Quitting now keeps the completed steps, and lists them.
    await second.answers("Look on another host", keys.ctrlC)
    await second.shows("Connected so far: Seerr; the library was not read yet; the disks were left as they are.")
    expect(await second.ends()).toBe(130)
    expect(await namesOf(dataDir)).toEqual(["Radarr", "Seerr"])
    expect(await readdir(dataDir)).not.toContain("tendarr.lock")
  })

  it("changes nothing if the user quits at the first prompt for a key", async () => {
    const dataDir = join(parent, "left")
    await using session = init(dataDir, ...lookAt("radarr"))
    await session.answers("Which ones should be connected?", keys.enter)
    await session.answers("API key", `half${keys.ctrlC}`)
    await session.shows("Nothing was connected, nothing else was changed")
    expect(await session.ends()).toBe(130)
    expect(await namesOf(dataDir)).toEqual([])
  })

  it("accepts an address at which no known application responds, and connects it as soon as one does", async () => {
    const dataDir = join(parent, "strange")
    await using session = init(dataDir, "--look", "127.0.0.1:9", "--no-sync")
    await session.shows("Nothing new was found at 127.0.0.1:9")
    await session.answers("Look on another host", `127.0.0.1:9${keys.enter}`)
    await session.answers("Which one is expected there?", `${keys.down}${keys.enter}`)
    await session.answers(/Radarr at .*\n.*\n.*API key/, `${stack.app("radarr").secret}${keys.enter}`)
    await session.shows("is the address right as seen from Tendarr?")
    await session.answers("How to continue?", `${keys.down}${keys.enter}`)
    await session.answers(
      "Address",
      `${keys.erase("http://127.0.0.1:9".length)}${stack.app("radarr").url}${keys.enter}`
    )
    await session.shows("ok  Radarr")
    await session.answers("Look on another host", keys.enter)
    await session.shows("tendarr sync --data-dir")
    expect(await session.ends()).toBe(0)
    expect((await connected(dataDir)).map(({ url }) => url)).toEqual([stack.app("radarr").url])
  })
})

describe("init in a script", patient, () => {
  const keyOf = (kind: string) => ({ [`TENDARR_KEY_${kind.toUpperCase()}`]: stack.app(kind).secret })

  it("prints what is required if it cannot prompt", async () => {
    const { code, stderr } = await cli(["init", "--data-dir", join(parent, "asked")])
    expect([code, stderr.includes("TENDARR_KEY_RADARR")]).toEqual([2, true])
    expect(await readdir(parent)).not.toContain("asked")
  })

  it("connects the named applications with keys from the environment, sets the disks, and prints one JSON document", async () => {
    const dataDir = join(parent, "script")
    const disks = ["--threshold", "80", "--target", "60", "--mode", "approval"]
    const args = [
      "init",
      "--yes",
      "--integration",
      `radarr=${stack.app("radarr").url}`,
      "--integration",
      `sonarr:Shows=${stack.app("sonarr").url}/`,
      ...disks,
      "--data-dir",
      dataDir
    ]
    const env = { ...keyOf("radarr"), TENDARR_KEY_SHOWS: stack.app("sonarr").secret }
    const output = await cliJson<{
      added: ReadonlyArray<Integration>
      refused: ReadonlyArray<object>
      run: { status: string }
      diskGroups: ReadonlyArray<Disk>
      preview: { items: ReadonlyArray<object>; summary: { planned: { items: number } } }
    }>(args, { env })
    expect(output.added.map(({ name }) => name)).toEqual(["Radarr", "Shows"])
    expect([output.refused, output.run.status]).toEqual([[], "completed"])
    expect(output.preview.items).toHaveLength(output.preview.summary.planned.items)
    expect(output.diskGroups.map(({ mode }) => mode)).toEqual(output.diskGroups.map(() => "approval"))

    const again = await cliJson<typeof output>(args, { env })
    expect(again.added).toEqual([])
    expect(await namesOf(dataDir)).toEqual(["Radarr", "Shows"])
  })

  it("connects the applications for which it has a key, and names those whose key is missing or wrong", async () => {
    const dataDir = join(parent, "found")
    const env = { ...keyOf("radarr"), TENDARR_KEY_SONARR: "wrong" }
    const where = lookAt("radarr", "sonarr", "seerr")
    const { code, stderr, stdout } = await cli(["init", "--yes", ...where, "--data-dir", dataDir], { env })
    expect(code).toBe(4)
    expect(stdout).toMatch(/Radarr\s+radarr/)
    expect(stderr).toMatch(/The key is wrong/)
    expect(stderr).toContain("is not in TENDARR_KEY_SEERR")
    expect(await namesOf(dataDir)).toEqual(["Radarr"])
  })

  it("fails if nothing could be connected, and reports misuse before anything is attempted", async () => {
    const dataDir = join(parent, "nothing")
    const none = await cli(["init", "--yes", "--look", "127.0.0.1:9", "--data-dir", dataDir])
    expect([none.code, none.stderr.includes("[nothing-connected]")]).toEqual([1, true])
    const named = ["init", "--yes", "--data-dir", dataDir, "--integration"]
    expect((await cli([...named, `radarr=${stack.app("radarr").url}`])).stderr).toContain("TENDARR_KEY_RADARR")
    expect((await cli([...named, "radarr"])).code).toBe(2)
    expect((await cli([...named, "raddar=http://x:1"])).stderr).toContain("Did you mean radarr?")
  })
})
