/**
 * The environment of the examples of one page. `sandbox`: a server over the simulated stack, which has planned once;
 * `moving`: the same with two media servers, and files of other products about its library;
 * `people`: the same with two media servers that six people use, their plays and requests, and two Radarrs;
 * `empty`: a server over an empty data directory, and the simulated stack to connect; `stack`: the simulated stack alone;
 * `none`: nothing. All of it is built, runs on loopback, and is gone afterwards.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox } from "@tendarr/core/sandbox/Sandbox"
import { Layer, ManagedRuntime } from "effect"
import { writeOtherProducts } from "./OtherProducts.ts"
import { root, type StageName } from "./Page.ts"

export interface Stage {
  /** The folder in which the commands of the page run. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Replaces the addresses of applications in the page with those of the simulated stack. */
  readonly local: (text: string) => string
  readonly stop: () => Promise<void>
}

const apiKey = "key-of-the-documentation"

export const openStage = async (name: StageName): Promise<Stage> => {
  const folder = mkdtempSync(join(tmpdir(), "tendarr-docs-"))
  const stack = name === "empty" || name === "stack" ? await openStack() : null
  const flags = ["--port", "0", "--data-dir", join(folder, "tendarr-data")]
  const servers: Partial<Record<StageName, ReadonlyArray<string>>> = {
    sandbox: [...flags, "--sandbox"],
    moving: [...flags, "--sandbox-apps", "radarr,sonarr,plex,jellyfin,seerr"],
    people: [...flags, "--sandbox-apps", "radarr,radarr,sonarr,plex,jellyfin,tautulli,seerr"],
    empty: flags
  }
  const serving = servers[name]
  const server = serving === undefined ? null : await serve(serving)
  if (name === "moving" && server !== null) await writeOtherProducts(folder, server.url, apiKey)
  return {
    folder,
    env: {
      PATH: [commands(folder), process.env["PATH"] ?? ""].join(delimiter),
      HOME: folder,
      ...stack?.env,
      ...(server === null ? {} : { TENDARR_URL: server.url, TENDARR_API_KEY: apiKey })
    },
    local: (text) => stack?.local(text) ?? text,
    stop: async () => {
      await server?.stop()
      await stack?.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** A folder for PATH: the command as it is installed, and a curl that fails on an error status. */
const commands = (folder: string): string => {
  const bin = join(folder, ".bin")
  mkdirSync(bin)
  const add = (name: string, line: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${line} "$@"\n`)
    chmodSync(join(bin, name), 0o755)
  }
  add("tendarr", `"${process.execPath}" "${join(root, "packages/cli/bin/tendarr.js")}"`)
  add("curl", `env PATH="${process.env["PATH"] ?? ""}" curl --fail-with-body`)
  return bin
}

const openStack = async () => {
  const runtime = ManagedRuntime.make(Sandbox.layer({ items: 400 }).pipe(Layer.provide(LoopbackListener)))
  const { integrations } = await runtime.runPromise(Sandbox)
  const env: Record<string, string> = {}
  for (const { config, kind, url } of integrations) {
    env[`${kind.toUpperCase()}_URL`] = url
    for (const [field, value] of Object.entries(config)) {
      env[`${kind.toUpperCase()}_${field.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`] = String(value)
    }
  }
  return {
    env,
    /** `http://radarr:7878` and similar addresses. */
    local: (text: string) =>
      integrations.reduce(
        (replaced, { kind, url }) => replaced.replaceAll(new RegExp(`http://${kind}:\\d+`, "g"), url),
        text
      ),
    stop: () => runtime.dispose()
  }
}

const serve = async (flags: ReadonlyArray<string>) => {
  const entry = join(root, "packages/http-node/bin/tendarr-server.js")
  const child = spawn(process.execPath, [entry, ...flags], {
    env: { PATH: process.env["PATH"], TENDARR_API_KEY: apiKey },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let printed = ""
  const ready = flags.some((flag) => flag.startsWith("--sandbox")) ? /Why one of them/ : /API reference/
  const url = await new Promise<string>((found, fail) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text
        const address = /^Tendarr is listening on (\S+)$/m.exec(printed)?.[1]
        if (address !== undefined && ready.test(printed)) found(address)
      })
    }
    child.once("close", (code) => fail(new Error(`The server ended with ${code}:\n${printed}`)))
  })
  return {
    url,
    stop: async () => {
      if (child.exitCode !== null) return
      const closed = once(child, "close")
      child.kill("SIGTERM")
      await closed
    }
  }
}
