/** The event stream: live, by category, resumed without a gap, also over a restart of the server. */
import { afterEach, assert, describe, it } from "vitest"
import { account } from "./Access.ts"
import {
  assertNames,
  at,
  assertProblem,
  clientOf,
  type EventReader,
  isEvent,
  listAt,
  openEvents,
  textAt
} from "./Client.ts"
import { adminKey, type RunningServer, type ServerCommand, startServer, withDirectory } from "./ServerProcess.ts"

const rename = (url: string, instanceName: string) =>
  clientOf(url, adminKey)("PATCH", "/settings/general", { instanceName })

const nameIn = (data: unknown) => at(data, "payload", "after", "instanceName")

export const eventTests = (server: () => RunningServer) => {
  const readers: Array<EventReader> = []
  const events = async (query = "", headers: Record<string, string> = {}): Promise<EventReader> => {
    const reader = await openEvents(server().url, adminKey, query, headers)
    readers.push(reader)
    return reader
  }
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close()
  })

  describe("events", () => {
    it("are streamed after an initial ping", async () => {
      const reader = await events()
      assert.strictEqual(reader.response.status, 200)
      assert.strictEqual(reader.response.headers.get("content-type"), "text/event-stream")
      assert.match(reader.response.headers.get("cache-control") ?? "", /no-cache/)
      assert.isNull(reader.response.headers.get("content-encoding"))
      const ping = await reader.next()
      assert.strictEqual(ping.event, "ping")
      assert.isNull(ping.id)
      assert.isFalse(Number.isNaN(Date.parse(textAt(ping.data, "at"))))
      await rename(server().url, "Live")
      const frame = await reader.next(isEvent("settings.changed"))
      assert.strictEqual(frame.id, textAt(frame.data, "id"))
      assert.strictEqual(nameIn(frame.data), "Live")
    })

    it("resume after the last id of the client, by header or query, without gap or repetition", async () => {
      const reader = await events()
      await reader.next()
      for (const name of ["One", "Two", "Three"]) await rename(server().url, name)
      const first = await reader.next(isEvent("settings.changed"))
      for (const resumed of [
        await events("", { "last-event-id": String(first.id) }),
        await events(`?after=${first.id}`)
      ]) {
        const isChange = isEvent("settings.changed")
        assert.strictEqual(nameIn((await resumed.next(isChange)).data), "Two")
        assert.strictEqual(nameIn((await resumed.next(isChange)).data), "Three")
        await rename(server().url, "Four")
        const live = await resumed.next(isChange)
        assert.strictEqual(nameIn(live.data), "Four")
        await rename(server().url, "Three")
        await resumed.next(isChange)
      }
    })

    it("have listed types, each with a JSON Schema of its payload", async () => {
      const ask = clientOf(server().url, adminKey)
      const types = listAt((await ask("GET", "/event-log/types")).body, "items")
      const removed = types.find((type) => at(type, "type") === "removal.removed")
      assert.strictEqual(at(removed, "category"), "audit")
      assert.deepStrictEqual(at(removed, "subjects"), ["removal"])
      assert.deepStrictEqual(at(removed, "payloadSchema", "properties", "itemId"), { type: "string" })

      const known = new Map(types.map((type) => [textAt(type, "type"), type]))
      for (let cursor = ""; ;) {
        const { body } = await ask("GET", `/event-log?limit=200${cursor}`)
        for (const event of listAt(body, "items")) {
          const type = known.get(textAt(event, "type"))
          assert.strictEqual(at(type, "category"), at(event, "category"), textAt(event, "type"))
          const fields = Object.keys(at(type, "payloadSchema", "properties") ?? {})
          assert.includeMembers(fields, Object.keys(at(event, "payload") ?? {}), textAt(event, "type"))
        }
        const next = at(body, "nextCursor")
        if (typeof next !== "string") break
        cursor = `&cursor=${encodeURIComponent(next)}`
      }
    })

    it("are streamed only for the requested categories", async () => {
      for (const query of ["?categories=rules", "?categories=rules&categories=access"]) {
        const reader = await events(query)
        await reader.next()
        await rename(server().url, `Quiet ${query.length}`)
        const condition = { kind: "condition", field: "year", operator: "gte", value: 2020 }
        const rule = { name: `Heard ${query.length}`, effect: "lean-keep", condition }
        const created = await clientOf(server().url, adminKey)("POST", "/rules", rule)
        const frame = await reader.next(({ event }) => event !== "ping")
        assert.strictEqual(at(frame.data, "category"), "rules")
        await clientOf(server().url, adminKey)("DELETE", `/rules/${created.textAt("id")}`)
      }
    })

    it("are streamed only for the requested types", async () => {
      for (const query of ["?types=rule.removed", "?types=rule.removed&types=rule.reordered"]) {
        const reader = await events(query)
        await reader.next()
        const condition = { kind: "condition", field: "year", operator: "gte", value: 2020 }
        const rule = { name: `Typed ${query.length}`, effect: "lean-keep", condition }
        const created = await clientOf(server().url, adminKey)("POST", "/rules", rule)
        await clientOf(server().url, adminKey)("DELETE", `/rules/${created.textAt("id")}`)
        const frame = await reader.next(({ event }) => event !== "ping")
        assert.strictEqual(frame.event, "rule.removed")
      }
    })

    it("end within a second when the key of the stream is revoked or expires, while other streams continue", async () => {
      const admin = clientOf(server().url, adminKey)
      const open = async (expiresAt: string | null) => {
        const made = await admin("POST", "/api-keys", { name: crypto.randomUUID(), scope: "read", expiresAt })
        const reader = await openEvents(server().url, made.textAt("key"))
        readers.push(reader)
        await reader.next()
        return { reader, key: made.textAt("key"), id: made.textAt("apiKey", "id") }
      }
      const other = await events()
      await other.next()
      const revoked = await open(null)
      const startedAt = performance.now()
      assert.strictEqual((await admin("DELETE", `/api-keys/${revoked.id}`)).status, 204)
      await revoked.reader.ended()
      assert.isBelow(performance.now() - startedAt, 1000)
      assertProblem(await clientOf(server().url, revoked.key)("GET", "/events"), 401, "unauthorized")

      const expiresAt = Date.now() + 1500
      const expiring = await open(new Date(expiresAt).toISOString())
      await expiring.reader.ended()
      assert.isAtLeast(Date.now(), expiresAt)
      assert.isBelow(Date.now() - expiresAt, 1000)

      await rename(server().url, "Still listening")
      assert.strictEqual(nameIn((await other.next(isEvent("settings.changed"))).data), "Still listening")
    })

    it("end within a second when the session is signed out or the password is changed elsewhere", async () => {
      const visitor = clientOf(server().url)
      const signIn = async () => {
        const headers = { authorization: `Bearer ${(await visitor("POST", "/sessions", account)).textAt("token")}` }
        const reader = await openEvents(server().url, null, "", headers)
        readers.push(reader)
        await reader.next()
        return { reader, headers }
      }
      const [first, second, third] = [await signIn(), await signIn(), await signIn()]
      const within = async (reader: EventReader, change: Promise<{ readonly status: number }>) => {
        const startedAt = performance.now()
        assert.strictEqual((await change).status, 204)
        const answeredAt = performance.now()
        await reader.ended()
        assert.isBelow(performance.now() - answeredAt, 1000, `asked ${answeredAt - startedAt} ms before`)
      }
      await within(first.reader, visitor("DELETE", "/sessions/current", undefined, { headers: first.headers }))
      const changed = { currentPassword: account.password, newPassword: "another good password" }
      const back = { currentPassword: changed.newPassword, newPassword: account.password }
      const change = (json: unknown) => visitor("PUT", "/account/password", json, { headers: third.headers })
      await within(second.reader, change(changed))
      assert.strictEqual((await change(back)).status, 204)
      // Its own session continues.
      await rename(server().url, "Third")
      assert.strictEqual(nameIn((await third.reader.next(isEvent("settings.changed"))).data), "Third")
    })

    it("are refused for an invalid id with a problem instead of a stream", async () => {
      const api = clientOf(server().url, adminKey)
      assertNames(await api("GET", "/events?after=yesterday"), ["query", "after"])
      assertNames(await api("GET", "/events?categories=nonsense"), ["query", "categories"])
    })
  })
}

export const restartTests = (command: ServerCommand) => {
  it("resumes the event stream over a restart of the server", () =>
    withDirectory(async (directory) => {
      const start = () => startServer(command, ["--data-dir", directory], { TENDARR_API_KEY: adminKey })
      const first = await start()
      const reader = await openEvents(first.url, adminKey)
      await reader.next()
      await rename(first.url, "Before")
      const seen = await reader.next(isEvent("settings.changed"))
      await rename(first.url, "Unseen")
      const { code, millis } = await first.stop()
      reader.close()
      assert.strictEqual(code, 0)
      assert.isBelow(millis, 2000)

      const second = await start()
      const resumed = await openEvents(second.url, adminKey, "", { "last-event-id": String(seen.id) })
      const missed = await resumed.next(isEvent("settings.changed"))
      assert.strictEqual(nameIn(missed.data), "Unseen")
      await rename(second.url, "After")
      const live = await resumed.next(isEvent("settings.changed"))
      assert.strictEqual(nameIn(live.data), "After")
      assert.isAbove(Number(live.id), Number(missed.id))
      resumed.close()
      await second.stop()
    }))
}
