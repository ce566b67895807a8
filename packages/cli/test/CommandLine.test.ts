import { spawnSync } from "node:child_process"
import { rm } from "node:fs/promises"
import { createServer } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { afterAll, describe, expect, it } from "vitest"
import { cli, patient, readByNobody, spawned, temporaryFolder } from "./support/Cli.ts"

const verbs = [
  "init",
  "serve",
  "status",
  "trends",
  "sync",
  "preview",
  "run",
  "explain",
  "removals",
  "acts",
  "protections",
  "users",
  "rules",
  "integrations",
  "disks",
  "jobs",
  "events",
  "keys",
  "settings",
  "backup",
  "doctor",
  "openapi",
  "health"
]

describe("help", patient, () => {
  it("lists every verb, and each verb has help of its own", async () => {
    const help = await spawned(["--help"])
    expect(help.code).toBe(0)
    for (const verb of verbs) expect(help.stdout).toMatch(new RegExp(`^\\s+${verb}\\s+\\S`, "m"))
    for (const verb of verbs) {
      const own = await cli([verb, "--help"])
      expect([verb, own.code, own.stderr]).toEqual([verb, 0, ""])
      expect(own.stdout).toContain(`tendarr ${verb}`)
    }
  })

  it("is printed without a command, and is a usage error if a verb is missing", async () => {
    expect((await spawned([])).code).toBe(0)
    const removals = await spawned(["removals"])
    expect(removals.code).toBe(2)
    expect(removals.stdout).toMatch(/approve.*\n.*reject/)
  })

  it("prints only the version", async () => {
    expect((await spawned(["--version"])).stdout).toMatch(/^tendarr \d+\.\d+\.\d+\S*\n$/)
  })

  it("explains exit codes and the installation of completions in the main help", async () => {
    const { stdout } = await cli(["--help"])
    expect(stdout).toMatch(/EXIT CODES[^]*\n {2}3 {4}no Tendarr was found[^]*SHELL COMPLETIONS\n {2}bash/)
    expect((await cli(["removals", "--help"])).stdout).not.toContain("EXIT CODES")
  })

  it("completes in a shell, down to the flags of the last command", async () => {
    for (const shell of ["bash", "zsh", "fish"]) {
      const script = await cli(["--completions", shell])
      expect([shell, script.code, script.stderr]).toEqual([shell, 0, ""])
      for (const word of ["integrations", "confirm-sync", "all-proposed", "key-file"]) {
        expect(script.stdout).toContain(word)
      }
      // Each installed shell reads the script; bash is always installed.
      const checked = spawnSync(shell, ["-n"], { input: script.stdout, encoding: "utf8" })
      if (shell === "bash" || checked.error === undefined) {
        expect([shell, checked.status, checked.stderr]).toEqual([shell, 0, ""])
      }
    }
    const { stdout } = await cli(["--completions", "bash"])
    const complete = (...words: ReadonlyArray<string>) => {
      const line = words.join(" ")
      const ask = `${stdout}
        COMP_WORDS=(${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${words.length - 1}
        COMP_LINE="${line}"; COMP_POINT=${line.length}
        $(complete -p tendarr | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' "\${COMPREPLY[@]}"`
      return spawnSync("bash", ["--norc"], { input: ask, encoding: "utf8" })
        .stdout.split("\n")
        .map((word) => word.trim())
    }
    expect(complete("tendarr", "int")).toContain("integrations")
    expect(complete("tendarr", "disks", "re")).toContain("resume")
    expect(complete("tendarr", "removals", "approve", "--all")).toContain("--all-proposed")
  })
})

describe("A reader that closes the pipe early", patient, () => {
  it("ends the command silently", async () => {
    const { code, stderr } = await readByNobody(["openapi"])
    expect([code, stderr]).toEqual([0, ""])
  })
})

describe("a misused command line", patient, () => {
  const misuse = async (...args: ReadonlyArray<string>) => {
    const outcome = await cli(args)
    expect([args, outcome.code, outcome.stdout]).toEqual([args, 2, ""])
    return outcome.stderr
  }

  it("is answered with the nearest valid verb", async () => {
    expect(await misuse("stauts")).toContain("Did you mean status?")
    expect(await misuse("removals", "aprove", "1")).toContain("Did you mean approve?")
    expect(await misuse("integrations", "confirm", "1")).toContain("Did you mean confirm-sync?")
  })

  it("is answered with the complete command if its first word was omitted", async () => {
    expect(await misuse("aprove", "1")).toContain("Did you mean removals approve?")
    expect(await misuse("revoke", "1")).toContain("Did you mean keys revoke?")
    expect(await misuse("frobnicate")).not.toContain("Did you mean")
  })

  it("is answered with the nearest valid flag, including shared ones", async () => {
    expect(await misuse("preview", "--limt", "3")).toContain("Did you mean --limit?")
    expect(await misuse("status", "--jsn")).toContain("Did you mean --json?")
    expect(await misuse("integrations", "add", "--nmae", "x")).toContain("Did you mean --name?")
  })

  it("is answered with the values of a flag", async () => {
    expect(await misuse("preview", "--status", "gone")).toContain('"planned" | "candidate"')
    expect(await misuse("preview", "--limit", "0")).toContain("at least 1")
    expect(await misuse("serve", "--port", "many")).toContain("--port takes a whole number")
    expect(await misuse("explain")).toContain("missing required argument")
    expect(await misuse("status", "--url", "nas:8787")).toContain("is not an address")
  })

  it("is reported if flags contradict each other", async () => {
    expect(await misuse("status", "--url", "http://nas", "--data-dir", "x")).toContain("two different installations")
    expect(await misuse("serve", "--url", "http://nas")).toContain("serve accepts neither")
    expect(await misuse("removals", "snooze", "1")).toContain("either --until or --for")
    expect(await misuse("removals", "reschedule", "1", "--in", "soon")).toContain("not a duration")
    expect(await misuse("removals", "approve", "1", "--all-proposed")).toContain("either ids")
  })
})

describe("A server that is not there", patient, () => {
  const servers: Array<ReturnType<typeof createServer>> = []
  afterAll(() => servers.forEach((server) => server.close()))

  /** Another program on some port. */
  const listening = async (status: number, headers: Record<string, string> = {}, body = "<html>") => {
    const seen: Array<string | undefined> = []
    const server = createServer((request, response) => {
      seen.push(String(request.headers["x-api-key"]))
      response.writeHead(status, headers).end(body)
    }).listen(0, "127.0.0.1")
    servers.push(server)
    await once(server, "listening")
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
  }

  it("makes the command exit with 3, and print the address that it tried", async () => {
    const gone = await spawned(["status", "--url", "http://127.0.0.1:9"])
    expect(gone.code).toBe(3)
    expect(gone.stderr).toContain("http://127.0.0.1:9")
    expect(gone.stdout).toBe("")
    const folder = await temporaryFolder()
    const empty = await cli(["status"], { cwd: folder })
    expect(empty.code).toBe(3)
    expect(empty.stderr).toContain("./tendarr-data")
    await rm(folder, { recursive: true })
  })

  it("is not confused with another program at that address", async () => {
    const { url } = await listening(404)
    const outcome = await cli(["status", "--url", url])
    expect([outcome.code, outcome.stderr.includes("no Tendarr at this address")]).toEqual([3, true])
  })

  it("is not confused with another program that also has a status", async () => {
    const { url } = await listening(200, { "content-type": "application/json" }, '{"version":"2.7.3"}')
    const outcome = await cli(["status", "--url", url])
    expect([outcome.code, outcome.stderr.includes("[unknown-answer]")]).toEqual([1, true])
  })

  it("receives no key through a redirect", async () => {
    const target = await listening(200)
    const { url } = await listening(302, { location: `${target.url}/api/v1/status` })
    const outcome = await cli(["status", "--url", url, "--api-key", "secret-key-of-mine"])
    expect(outcome.code).toBe(3)
    expect(outcome.stderr).not.toContain("secret-key-of-mine")
    expect(target.seen).toEqual([])
  })
})
