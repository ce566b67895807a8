import { once } from "node:events"
import { rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ask, cli, cliJson, patient, type ServedSandbox, serveSandbox, temporaryFolder } from "./support/Cli.ts"

interface Integration {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly url: string
  readonly enabled: boolean
  readonly config: Readonly<Record<string, unknown>>
  readonly options: Readonly<Record<string, unknown>>
  readonly version: number
}
interface Disk {
  readonly id: string
  readonly mountPath: string
  readonly mode: string
  readonly limits: { readonly type: string; readonly threshold: number; readonly target: number }
  readonly totalBytesOverride: number | null
  readonly allowedUnknown: ReadonlyArray<string>
}

let served: ServedSandbox
let folder: string
beforeAll(async () => {
  served = await serveSandbox(40)
  folder = await temporaryFolder()
}, patient.timeout)
afterAll(async () => {
  await served.stop()
  await rm(folder, { recursive: true })
})

const run = (...args: ReadonlyArray<string>) => cli(args, { env: served.env })
const runWith = (env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
  cli(args, { env: { ...served.env, ...env } })
const json = <A>(...args: ReadonlyArray<string>) => cliJson<A>(args, { env: served.env })
const api = <A>(path: string) => ask<A>(served, "GET", path)

describe("integrations", patient, () => {
  const stored = async (name: string) =>
    (await api<{ items: ReadonlyArray<Integration> }>("/integrations")).items.find((one) => one.name === name)

  it("are listed, shown and described with --json as in the API, and otherwise in tables", async () => {
    expect(await json("integrations", "kinds")).toEqual(await api("/integration-kinds"))
    expect((await json<{ items: ReadonlyArray<object> }>("integrations", "list")).items).toHaveLength(7)
    expect((await run("integrations", "list")).stdout).toMatch(/Radarr\s+radarr\s+http:\/\/127\.0\.0\.1:\d+\s+up/)
    expect((await run("integrations", "kinds")).stdout).toMatch(/radarr\s+7878\s+catalog, disks/)
    const shown = await run("integrations", "show", "sonarr")
    expect(shown.stdout).toMatch(/Used for: catalog, disks, removal[^]*apiKey: \*{8}[^]*catalog\s+ok\s+\d+/)
    expect((await json<Integration>("integrations", "show", "2")).config).toEqual({ apiKey: "********" })
  })

  it("are checked on request; the exit code is 4 if one is down", async () => {
    expect((await run("integrations", "check")).code).toBe(0)
    const seerr = await stored("Seerr")
    await ask(served, "PATCH", `/integrations/${seerr!.id}`, { url: "http://127.0.0.1:9", confirmSecretReuse: true })
    const { code, stdout } = await run("integrations", "check", "Seerr")
    expect([code, /Seerr.*(down|failing)/.test(stdout)]).toEqual([4, true])
    await ask(served, "PATCH", `/integrations/${seerr!.id}`, { url: seerr!.url, confirmSecretReuse: true })
  })

  it("map their paths to the common ones until the mappings are removed", async () => {
    expect((await run("integrations", "edit", "Radarr", "--map-path", "/movies")).code).toBe(2)
    const relative = await run("integrations", "edit", "Radarr", "--map-path", "movies=/data/movies")
    expect([relative.code, relative.stderr.includes("pathMappings")]).toEqual([1, true])
    await run("integrations", "edit", "Radarr", "--map-path", "/movies=/data/movies", "--map-path", "D:\\kids=/kids")
    expect((await stored("Radarr"))?.options.pathMappings).toEqual([
      { from: "/movies", to: "/data/movies" },
      { from: "D:\\kids", to: "/kids" }
    ])
    expect((await run("integrations", "show", "Radarr")).stdout).toContain("its /movies is /data/movies")
    await run("integrations", "edit", "Radarr", "--map-path", "none")
    expect((await stored("Radarr"))?.options.pathMappings).toEqual([])
  })

  it("are added with a key from the environment or a file, and only if they respond", async () => {
    const radarr = await stored("Radarr")
    const address = radarr!.url
    const missing = await run("integrations", "add", "radarr", address)
    expect([missing.code, missing.stderr.includes("TENDARR_KEY_RADARR")]).toEqual([2, true])

    const wrong = await runWith(
      { TENDARR_KEY_RADARR: "wrong" },
      "integrations",
      "add",
      "radarr",
      address,
      "--name",
      "4K"
    )
    expect([wrong.code, wrong.stderr.includes("[connection-failed]")]).toEqual([1, true])
    expect(wrong.stderr).toContain("The key is wrong")
    expect(await stored("4K")).toBeUndefined()

    const twice = await runWith(
      { TENDARR_KEY_4K: "another" },
      "integrations",
      "add",
      "radarr",
      address.replace("127.0.0.1", "localhost"),
      "--name",
      "4K",
      "--untested"
    )
    expect([twice.code, twice.stderr.includes("[already-connected]")]).toEqual([1, true])
    expect(twice.stderr).toContain('already connected as "Radarr"')

    const how = [
      "integrations",
      "add",
      "Radarr",
      "http://127.0.0.1:9",
      "--name",
      "4K",
      "--untested",
      "--whole-shows",
      "--empty-entries",
      "remove",
      "--without",
      "labels"
    ]
    const untested = await runWith({ TENDARR_KEY_4K: "wrong" }, ...how)
    expect([untested.code, untested.stderr]).toEqual([0, ""])
    expect((await stored("4K"))?.options).toMatchObject({
      wholeShows: true,
      emptyEntries: "remove",
      disabledCapabilities: ["labels"]
    })

    const taken = await runWith({ TENDARR_KEY_RADARR: "x" }, "integrations", "add", "radarr", address, "--untested")
    expect([taken.code, taken.stderr.includes("[integration-name-taken]")]).toEqual([1, true])
    const bad = await runWith({ TENDARR_KEY_RADARR: "x" }, "integrations", "add", "radarr", "nas", "--untested")
    expect([bad.code, bad.stderr.includes("payload.url")]).toEqual([1, true])
    expect((await run("integrations", "add", "raddar", address)).stderr).toContain("Did you mean radarr?")
  })

  it("accept no secret on the command line", async () => {
    const { code, stderr } = await run("integrations", "edit", "4K", "--set", "apiKey=secret")
    expect([code, stderr.includes("cannot be given on the command line")]).toEqual([2, true])
    expect((await run("integrations", "edit", "4K", "--set", "nothing=1")).code).toBe(2)
  })

  it("are changed only in the given fields", async () => {
    const before = await stored("4K")
    expect((await run("integrations", "edit", "4K")).code).toBe(2)
    const edited = await json<Integration>("integrations", "edit", "4K", "--name", "Attic", "--no-enabled")
    expect(edited).toMatchObject({ name: "Attic", enabled: false, url: before!.url, options: before!.options })
    const file = join(folder, "key")
    await writeFile(file, "still-wrong\n")
    const refused = await run("integrations", "edit", "Attic", "--key-file", file)
    expect([refused.code, refused.stderr.includes("it was not changed")]).toEqual([1, true])
    expect((await stored("Attic"))?.version).toBe(edited.version)
  })

  it("are tested without being stored", async () => {
    expect((await run("integrations", "test", "Radarr")).stdout).toMatch(/^ok {2}Radarr \S+ answers in \d+ ms\n$/)
    const bad = await run("integrations", "test", "Attic")
    expect([bad.code, bad.stdout.startsWith("no ")]).toEqual([4, true])
    const elsewhere = await run("integrations", "test", "Radarr", "--address", "http://127.0.0.1:9")
    expect([elsewhere.code, elsewhere.stderr]).toEqual([1, expect.stringContaining("--keep-key")])
    const other = await run("integrations", "test", "Radarr", "--address", "http://127.0.0.1:9", "--keep-key")
    expect(other.stdout).toContain("is the address right")
    const sonarr = await stored("Sonarr")
    const draft = await cliJson<{ ok: boolean }>(["integrations", "test", "emby", "--address", sonarr!.url], {
      env: { ...served.env, TENDARR_KEY_EMBY: "x" }
    }).catch((error: Error) => error.message)
    expect(draft).toContain("ended with 4")
  })

  it("are removed after a confirmation, or with --yes", async () => {
    const unasked = await run("integrations", "remove", "Attic")
    expect([unasked.code, unasked.stderr.includes("give --yes")]).toEqual([2, true])
    expect(await json("integrations", "remove", "Attic", "--yes")).toBeNull()
    expect(await stored("Attic")).toBeUndefined()
    expect((await run("integrations", "remove", "Attic", "--yes")).stderr).toContain("[integration-not-found]")
  })

  it("report if there is no held sync to discard", async () => {
    const { code, stderr } = await run("integrations", "discard-sync", "Radarr")
    expect([code, stderr.includes("[nothing-held]")]).toEqual([1, true])
  })
})

describe("disks", patient, () => {
  const disk = async (mountPath: string) =>
    (await api<{ items: ReadonlyArray<Disk> }>("/disk-groups")).items.find((one) => one.mountPath === mountPath)!

  it("are listed, and shown with their usage over time", async () => {
    expect(await json("disks", "list")).toEqual(await api("/disk-groups"))
    const { stdout } = await run("disks", "show", "/data/movies")
    expect(stdout).toContain("Mode dry-run: shows what would be removed and why; nothing is ever removed")
    expect(stdout).toMatch(/100 % │[^]*85 % ┤[▁-█][^]* 0 % │█/)
    expect(await json<Disk>("disks", "show", "1")).toMatchObject({ id: "1" })
    expect((await run("disks", "show", "/nowhere")).stderr).toContain("[disk-group-not-found]")
  })

  it("accept limits as percentages or as free bytes, both or only one", async () => {
    await json("disks", "set", "/data/movies", "--threshold", "90%", "--target", "80")
    expect((await disk("/data/movies")).limits).toEqual({ type: "percent", threshold: 90, target: 80 })
    await json("disks", "set", "/data/movies", "--target", "70")
    expect((await disk("/data/movies")).limits).toEqual({ type: "percent", threshold: 90, target: 70 })
    const { items } = await json<{ items: ReadonlyArray<Disk> }>(
      "disks",
      "set",
      "/data/movies",
      "/data/shows",
      "--threshold",
      "200GiB",
      "--target",
      "400GB"
    )
    const limits = { type: "free-bytes", threshold: 200 * 2 ** 30, target: 400e9 }
    expect(items.map((each) => each.limits)).toEqual([limits, limits])
    expect((await run("disks", "set", "/data/movies", "--threshold", "80")).stderr).toContain("both as percentages")
    expect((await run("disks", "set", "/data/movies", "--threshold", "80", "--target", "85")).code).toBe(2)
    expect((await run("disks", "set", "/data/movies", "--threshold", "lots")).code).toBe(2)
    expect((await run("disks", "set", "/data/movies")).code).toBe(2)
  })

  it("accept capacity and allowances, and reset them", async () => {
    await json("disks", "set", "/data/movies", "--capacity", "1TiB", "--allow-unknown", "lastPlayedAt")
    expect(await disk("/data/movies")).toMatchObject({ totalBytesOverride: 2 ** 40, allowedUnknown: ["lastPlayedAt"] })
    await json("disks", "set", "/data/movies", "--capacity", "whole", "--require", "lastPlayedAt")
    expect(await disk("/data/movies")).toMatchObject({ totalBytesOverride: null, allowedUnknown: [] })
    expect((await run("disks", "set", "1", "--allow-unknown", "weather")).stderr).toContain('no fact "weather"')
  })

  it("are merged if their sizes allow that, or split", async () => {
    const refused = await run("disks", "merge", "/data/movies", "/data/shows")
    expect([refused.code, refused.stderr.includes("differ in size")]).toEqual([1, true])
    const { items } = await json<{ items: ReadonlyArray<Disk> }>("disks", "split", "/data/movies", "/data/shows")
    expect(items.map(({ mountPath }) => mountPath)).toEqual(expect.arrayContaining(["/data/movies", "/data/shows"]))
    expect((await run("disks", "split", "/data/movies", "/nowhere")).stderr).toContain("[disk-group-not-found]")
  })

  it("are switched to a mode that removes only after a confirmation, or with --yes", async () => {
    const unasked = await run("disks", "set", "/data/movies", "--mode", "auto")
    expect([unasked.code, unasked.stderr.includes("removes automatically")]).toEqual([2, true])
    expect((await disk("/data/movies")).mode).toBe("dry-run")
    await json("disks", "set", "/data/movies", "--mode", "sunset", "--yes")
    expect((await disk("/data/movies")).mode).toBe("sunset")
    await json("disks", "set", "/data/movies", "--mode", "approval")
    expect((await disk("/data/movies")).mode).toBe("approval")
    expect((await run("disks", "resume", "/data/movies")).code).toBe(0)
  })
})

describe("keys", patient, () => {
  it("are created and printed once, work within their scope, and are revoked", async () => {
    const { code, stdout } = await run("keys", "create", "dashboard", "--expires", "30d")
    expect(code).toBe(0)
    const key = stdout.split("\n")[0]!
    expect(stdout).toContain("it is not shown again")
    const looking = await cli(["status"], { env: { TENDARR_URL: served.url, TENDARR_API_KEY: key } })
    expect(looking.code).toBe(0)
    const acting = await cli(["sync"], { env: { TENDARR_URL: served.url, TENDARR_API_KEY: key } })
    expect([acting.code, acting.stderr.includes("[insufficient-scope]")]).toEqual([1, true])

    const { items } = await json<{ items: ReadonlyArray<{ name: string; expiresAt: string | null }> }>("keys", "list")
    const listed = items.find(({ name }) => name === "dashboard")
    expect(Date.parse(listed!.expiresAt!) - Date.now()).toBeGreaterThan(29 * 86_400_000)
    const table = await run("keys", "list")
    expect(table.stdout).toMatch(/dashboard\s+read/)
    expect(table.stdout).not.toContain(key)

    expect((await run("keys", "create", "dashboard")).stderr).toContain("[api-key-name-taken]")
    expect((await run("keys", "rename", "dashboard", "wall")).code).toBe(0)
    expect((await run("keys", "revoke", "wall")).code).toBe(2)
    expect(await json("keys", "revoke", "wall", "--yes")).toBeNull()
    const shut = await cli(["status"], { env: { TENDARR_URL: served.url, TENDARR_API_KEY: key } })
    expect([shut.code, shut.stderr.includes("[unauthorized]")]).toEqual([1, true])
    expect((await run("keys", "revoke", "wall", "--yes")).stderr).toContain("[api-key-not-found]")
  })
})

describe("A concurrent change by somebody else", patient, () => {
  it("is not overwritten, and the command prints what to do", async () => {
    const found = await api<{ items: ReadonlyArray<Disk> }>("/disk-groups")
    const conditions: Array<string | undefined> = []
    const server = createServer((request, response) => {
      const refused = request.method === "PATCH"
      if (refused) conditions.push(request.headers["if-match"])
      response
        .writeHead(refused ? 412 : 200, { "content-type": refused ? "application/problem+json" : "application/json" })
        .end(
          JSON.stringify(
            refused
              ? { code: "version-conflict", title: "The resource was changed in the meantime", status: 412, version: 9 }
              : found
          )
        )
    }).listen(0, "127.0.0.1")
    await once(server, "listening")
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, stderr } = await cli(["disks", "set", "1", "--target", "50GiB", "--threshold", "20GiB", "--url", url])
    server.close()
    expect([code, stderr.includes("[version-conflict]"), stderr.includes("read it again")]).toEqual([1, true, true])
    expect(conditions).toEqual([expect.stringMatching(/^"\d+"$/)])
  })
})
