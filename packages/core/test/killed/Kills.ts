/**
 * A server that is killed at random moments while people talk to it: at some exchange with its applications, or right after it
 * has answered a word. What was answered holds over the death, nothing is deleted twice, and nothing stays half-done. The
 * stack lives on, and the applications' side is the witness.
 */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LoopbackListener } from "../../src/sandbox/LoopbackListener.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { SeededRandom } from "../../src/sandbox/world/SeededRandom.ts"
import { Layer, ManagedRuntime } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import type { ServerCommand } from "../http/ServerProcess.ts"
import { type HoldingProxy, holdingProxy } from "./HoldingProxy.ts"
import { type ServerProcess, startServer } from "./ServerProcess.ts"

interface Item {
  readonly id: string
  readonly kind: string
  readonly externalId: string
  readonly title: string
}

interface Removal {
  readonly id: string
  readonly itemId: string
  readonly title: string
  readonly state: string
  readonly reason: string | null
}

interface List<A> {
  readonly items: ReadonlyArray<A>
}

interface Told {
  readonly beyondRecall?: ReadonlyArray<string>
}

/** How often it is killed, and by which seed; a failure names both. */
const kills = Number(process.env["TENDARR_KILLS"] ?? 5)
const seed = process.env["TENDARR_KILLS_SEED"] ?? "kills"

const words = ["protect", "cancel", "reject", "brake", "none"] as const satisfies ReadonlyArray<string>

export const killsSuite = (runtime: string, command: ServerCommand): void => {
  describe(`A server on ${runtime} that is killed at random`, () => {
    const stack = ManagedRuntime.make(
      Sandbox.layer({ kinds: ["radarr", "sonarr"], items: 60 + kills * 6, seed }).pipe(Layer.provide(LoopbackListener))
    )
    const random = new SeededRandom(`${seed}/${runtime}`)
    let sandbox: Sandbox["Service"]
    let proxies: readonly [HoldingProxy, ...ReadonlyArray<HoldingProxy>]
    let folder: string
    let server: ServerProcess
    let unused: Array<Item>
    /** What somebody was told to stay, by item. */
    const kept = new Map<string, Item>()
    /** Flags of movies and seasons as they were at the start. */
    const flags = new Map<string, boolean>()

    const isThere = ({ externalId, kind }: Item): boolean => {
      if (kind === "movie") return (sandbox.world.movies.get(Number(externalId))?.fileId ?? 0) !== 0
      return (seasonOf(externalId)?.files ?? 0) !== 0
    }

    const freesSpace = ({ externalId, kind }: Item): boolean =>
      kind === "movie"
        ? sandbox.world.movies.get(Number(externalId))?.hardlinked === false
        : seasonOf(externalId)?.show.hardlinked === false

    const isMonitored = ({ externalId, kind }: Item): boolean =>
      (kind === "movie" ? sandbox.world.movies.get(Number(externalId)) : seasonOf(externalId))?.monitored ?? false

    const seasonOf = (externalId: string) => {
      const [show = "", number = ""] = externalId.split(":s")
      return sandbox.world.shows.get(Number(show))?.seasons.find((one) => one.work.number === Number(number))
    }

    const start = async () => {
      server = await startServer(command, folder)
    }

    beforeAll(async () => {
      sandbox = await stack.runPromise(Sandbox)
      folder = await mkdtemp(join(tmpdir(), "tendarr-kills-"))
      await start()
      const [first, ...others] = await Promise.all(sandbox.integrations.map(({ url }) => holdingProxy(url)))
      proxies = [first!, ...others]
      for (const [index, integration] of sandbox.integrations.entries()) {
        await server.call("POST", "/integrations", { ...integration, url: proxies[index]!.url })
      }
      await server.call("PATCH", "/settings/removals", { delaySeconds: 0, spacingSeconds: 0 })
      await server.call("POST", "/jobs/library-sync/runs?wait=60", {})
      for (const { id } of (await server.call<List<{ id: string }>>("GET", "/disk-groups")).items) {
        await server.call("PATCH", `/disk-groups/${id}`, { mode: "approval" })
      }
      const movies = await server.call<List<Item>>("GET", "/items?kind=movie&limit=200")
      const seasons = await server.call<List<Item>>("GET", "/items?kind=season&limit=200")
      // What frees nothing stops its disk, and with it what people ask for there.
      unused = shuffled([...movies.items, ...seasons.items].filter(isThere).filter(freesSpace), random)
      for (const item of unused) flags.set(item.id, isMonitored(item))
    }, 60_000)

    afterAll(async () => {
      await server.kill()
      for (const proxy of proxies) await proxy.close()
      await stack.dispose()
      await rm(folder, { recursive: true, force: true })
    })

    /** Says it, and notes what it promises when the answer came. */
    const say = async (word: (typeof words)[number], asked: ReadonlyArray<Removal>, items: ReadonlyArray<Item>) => {
      const [first, ...others] = asked
      if (first === undefined || word === "none") return undefined
      const removal = random.pick([first, ...others])
      const item = items.find(({ id }) => id === removal.itemId)
      if (item === undefined) return undefined
      if (word === "brake") {
        const { beyondRecall = [] } = await server.call<Told>("PATCH", "/settings/removals", {
          deletionsEnabled: false
        })
        const late = new Set(asked.filter(({ id }) => beyondRecall.includes(id)).map(({ itemId }) => itemId))
        return items.filter((one) => isThere(one) && !late.has(one.id))
      }
      const { beyondRecall = [] } = await (word === "protect"
        ? server.call<Told>("POST", "/protections", { itemId: item.id })
        : server.call<Told>("POST", `/removals/${removal.id}/${word}`, {}))
      // It may have gone a moment before.
      if (!beyondRecall.includes(removal.id) && isThere(item)) kept.set(item.id, item)
      return undefined
    }

    it(
      `${kills} times (TENDARR_KILLS_SEED=${seed})`,
      async () => {
        let carriedOut = 0
        for (let round = 0; round < kills; round++) {
          const items = unused.splice(0, 3)
          if (items.length < 3) break
          const about = `round ${round}: ${items.map(({ title }) => title).join(", ")}`
          const asked: Array<Removal> = []
          const word = random.pick(words)
          // Both come after so many exchanges with one of the applications, before or after it has done what was asked.
          const wordAt = holdAt(random, random.pick(proxies))
          // The word may be answered first, or the process may die while it is said; the moment may also never come.
          const killAt = random.chance(0.4) ? null : holdAt(random, random.pick(proxies))
          for (const item of items) {
            // The brake may be on by then, or the item protected.
            const action = item.kind === "movie" && random.chance(0.5) ? "remove-entry" : "unmonitor-and-delete-files"
            const one = await server
              .call<Removal>("POST", "/removals", { itemId: item.id, action })
              .catch(() => undefined)
            if (one !== undefined) asked.push(one)
          }
          const all = settle(server).catch(() => undefined)
          const spoken = wordAt.reached
            .then(() => say(word, asked, items))
            .catch(() => undefined)
            .finally(() => void wordAt.release())
          let isReached = false
          void killAt?.reached.then(() => (isReached = true))
          await Promise.race([killAt === null ? spoken : killAt.reached, all])
          await server.kill()
          // What was on its way arrives at the application now, or late. What never came to it is not waited for.
          if (random.chance(0.5) || !isReached) void killAt?.release()
          void wordAt.release()
          const braked = await Promise.race([spoken, all])
          await start()
          if (braked !== undefined) {
            await settle(server)
            for (const item of braked) assert.isTrue(isThere(item), `${about}: deleted after the brake was answered`)
          }
          await server.call("PATCH", "/settings/removals", { deletionsEnabled: true })
          void killAt?.release()
          await settle(server)
          for (const item of kept.values()) {
            assert.isTrue(isThere(item), `${about}: "${item.title}" was deleted after a word for it was answered`)
          }
          for (const { id, itemId } of asked) {
            let removal = await server.call<Removal>("GET", `/removals/${id}`)
            const item = items.find((one) => one.id === itemId)!
            // A deletion that took effect late is found out when it is tried again.
            if (removal.state === "failed" && !isThere(item)) {
              await server.call("POST", `/removals/${id}/retry`)
              await settle(server)
              removal = await server.call<Removal>("GET", `/removals/${id}`)
            }
            assert.notStrictEqual(removal.state, "executing", `${about}: stuck (${removal.reason})`)
            assert.strictEqual(removal.state === "removed", !isThere(item), `${about}: ${removal.state} is not so`)
            if (isThere(item)) assert.strictEqual(isMonitored(item), flags.get(item.id), `${about}: left half-done`)
          }
          carriedOut += asked.length
          const deleted = sandbox.world.journal.filter(({ destructive, status }) => destructive && status < 300)
          const movies = deleted.filter(({ path }) => /\/movie(file)?\/\d+$/.test(path)).map(({ path }) => path)
          assert.strictEqual(new Set(movies).size, movies.length, `${about}: deleted twice`)
        }
        assert.isAbove(carriedOut, kills * 2, "hardly anything was under way")
      },
      20_000 + kills * 10_000
    )
  })
}

const shuffled = <A>(values: ReadonlyArray<A>, random: SeededRandom): Array<A> =>
  values
    .map((value) => [random.int(0, 1_000_000), value] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, value]) => value)

/** Holds the exchange that many after now. */
const holdAt = (random: SeededRandom, proxy: HoldingProxy) => {
  let left = random.int(0, 14)
  return proxy.hold(random.chance(0.5) ? "request" : "answer", () => left-- === 0)
}

/** Carries out and reconciles until nothing is under way or due. */
const settle = async (server: ServerProcess): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) {
    await server.call("POST", "/jobs/removals/runs?wait=60", {})
    const open = await server.call<List<Removal>>("GET", "/removals?state=executing")
    if (open.items.length === 0) return
  }
}
