/** A lock of the kernel allows one server per data directory: real processes that start at once, are killed, and find old locks. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFile, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import type { ServerCommand } from "../../http/ServerProcess.ts"
import { launch, withPlace } from "./Process.ts"

export const holdingTests = (command: ServerCommand) => {
  describe("A data directory", { timeout: 120_000 }, () => {
    it("is locked by one of eight processes that start at once, and by the next one when that is killed", () =>
      withPlace(async ({ folder }) => {
        const data = join(folder, "data")
        const started = await Promise.all(Array.from({ length: 8 }, () => hold(command, data)))
        const holding = started.filter(({ held }) => held)
        try {
          assert.strictEqual(holding.length, 1, JSON.stringify(started.map(({ output }) => output)))
          for (const { output } of started.filter(({ held }) => !held)) assert.match(output, /is using .*stop it first/)
          assert.isFalse((await hold(command, data)).held)
          await holding[0]!.kill()
          const next = await hold(command, data)
          holding.push(next)
          assert.isTrue(next.held, next.output)
        } finally {
          for (const each of holding) await each.kill()
        }
      }))

    it("is not served by a second process, which reports the holder and since when; it is free once the first is killed", () =>
      withPlace(async ({ folder, launched }) => {
        const start = () => launch(command, { flags: ["--data-dir", join(folder, "data")] }).then(launched)
        const first = await start()
        const second = await start()
        assert.isNull(second.url)
        assert.strictEqual(second.code(), 1)
        assert.match(
          second.output(),
          /^tendarr: Process \d+, since 20\d\d-[^ ]+Z, listening on http:\/\/127\.0\.0\.1:\d+, is using/m
        )
        await first.kill()
        const third = await start()
        assert.strictEqual((await third.api("GET", "/status")).status, 200)
      }))

    it("is not locked by a file that names an unrelated running process", () =>
      withPlace(async ({ folder, launched }) => {
        const data = join(folder, "data")
        const first = launched(await launch(command, { flags: ["--data-dir", data] }))
        await first.stop()
        const lock = join(data, "tendarr.lock")
        for (const holder of [
          { pid: process.pid, url: "http://127.0.0.1:9" },
          { pid: 1, host: hostname(), url: null }
        ]) {
          await writeFile(lock, JSON.stringify(holder))
          const server = launched(await launch(command, { flags: ["--data-dir", data] }))
          assert.isNotNull(server.url, server.output())
          const stored: unknown = JSON.parse(await readFile(lock, "utf8"))
          assert.deepInclude(stored, { host: hostname(), url: server.url })
          await server.kill()
        }
      }))
  })
}

/** A process that only locks the directory. */
const hold = async ({ args, program }: ServerCommand, folder: string) => {
  const child = spawn(program, [...args.slice(0, -1), holder, folder], { stdio: ["ignore", "pipe", "pipe"] })
  const ended = once(child, "close")
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
  }
  await Promise.race([ended, once(child.stdout, "data")])
  return {
    output,
    held: output.startsWith("held"),
    kill: async () => {
      child.kill("SIGKILL")
      await ended
    }
  }
}

const holder = fileURLToPath(new URL("Hold.main.ts", import.meta.url))
