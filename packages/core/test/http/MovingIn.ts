/** Moving in over HTTP: uploaded, previewed in pages, applied once, refused by name. */
import { assert, describe, it } from "vitest"
import { cleanuparrDatabase } from "../moving/CleanuparrDatabase.ts"
import { prunerrDatabase } from "../moving/PrunerrDatabase.ts"
import { assertProblem, at, clientOf, textAt } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

export const movingInTests = (server: () => RunningServer) => {
  const api: ReturnType<typeof clientOf> = (...sent) => clientOf(server().url, adminKey)(...sent)
  const upload = (query: string, raw: Uint8Array) =>
    api("POST", `/moving-in/previews?${query}`, undefined, { raw, contentType: "application/octet-stream" })

  describe("moving in", () => {
    it("previews a file, page by page, and applies it once", async () => {
      const names = (await api("GET", "/moving-in/products")).listAt("items").map((one) => at(one, "name"))
      assert.deepStrictEqual(names, ["prunerr", "maintainerr", "cleanuparr"])
      const items = (await api("GET", "/items?kind=movie&limit=3")).listAt("items")
      const rows = items.map((item) => {
        const ids = at(item, "ids") as ReadonlyArray<string>
        const tmdb = ids.find((id) => id.startsWith("tmdb-movie:"))?.slice("tmdb-movie:".length) ?? "0"
        return { type: "movie", title: textAt(item, "title"), tmdb_id: Number(tmdb), is_protected: 1 }
      })
      const bytes = prunerrDatabase({
        media_items: rows,
        rules: [
          {
            name: "From Prunerr",
            conditions: '[{"field":"play_count","operator":"equals","value":0}]',
            action: "delete"
          }
        ]
      })
      const made = await upload("product=prunerr", bytes)
      assert.strictEqual(made.status, 201, made.text)
      const path = `/moving-in/previews/${made.textAt("id")}`
      assert.strictEqual(made.at("fileBytes"), bytes.length)
      const first = await api("GET", `${path}/entries?section=protections&limit=2`)
      assert.lengthOf(first.listAt("items"), 2)
      const rest = await api("GET", `${path}/entries?section=protections&limit=2&cursor=${first.textAt("nextCursor")}`)
      assert.lengthOf(rest.listAt("items"), rows.length - 2)
      assert.isNull(rest.at("nextCursor"))
      const applied = await api("POST", `${path}/apply`)
      assert.strictEqual(applied.status, 200, applied.text)
      const rule = (await api("GET", "/rules")).listAt("items").find((one) => at(one, "name") === "From Prunerr")
      assert.strictEqual(at(rule, "enabled"), false)
      assertProblem(await api("POST", `${path}/apply`), 409, "move-in-applied")
      assert.strictEqual((await api("DELETE", `/rules/${textAt(rule, "id")}`)).status, 204)
      assert.strictEqual((await api("DELETE", path)).status, 204)
      assertProblem(await api("GET", path), 404, "move-in-not-found")
    })

    it("makes connections with the keys of a file, which no answer contains", async () => {
      const key = "fedcba9876543210fedcba9876543210"
      const made = await upload(
        "product=cleanuparr",
        cleanuparrDatabase({
          arr_configs: [{ id: "1", type: "radarr" }],
          arr_instances: [
            {
              id: "1",
              arr_config_id: "1",
              name: "From Cleanuparr",
              url: "http://127.0.0.1:9",
              api_key: key,
              enabled: 0
            }
          ]
        })
      )
      assert.strictEqual(made.status, 201, made.text)
      const path = `/moving-in/previews/${made.textAt("id")}`
      const shown = await api("GET", `${path}/entries?section=connections`)
      const [entry] = shown.listAt("items")
      assert.deepStrictEqual(at(entry, "connection"), {
        kind: "radarr",
        name: "From Cleanuparr",
        url: "http://127.0.0.1:9",
        enabled: false,
        secrets: ["apiKey"]
      })
      const applied = await api("POST", `${path}/apply`)
      assert.strictEqual(applied.status, 200, applied.text)
      const listed = await api("GET", "/integrations")
      for (const answer of [made, shown, applied, listed]) assert.notInclude(answer.text, key)
      const created = listed.listAt("items").find((one) => at(one, "name") === "From Cleanuparr")
      assert.strictEqual(at(created, "enabled"), false)
      assert.strictEqual((await api("DELETE", `/integrations/${textAt(created, "id")}`)).status, 204)
      assert.strictEqual((await api("DELETE", path)).status, 204)
    })

    it("replaces only a media server, only by another one, and only as previewed", async () => {
      const all = (await api("GET", "/integrations")).listAt("items")
      const idOf = (kind: string) =>
        textAt(
          all.find((one) => at(one, "kind") === kind),
          "id"
        )
      const path = `/integrations/${idOf("plex")}/replacement`
      const wrong = await api("POST", `${path}/preview`, { successorId: idOf("radarr") })
      assertProblem(wrong, 400, "invalid-request")
      assert.include(wrong.text, "is not a media server")
      assertProblem(await api("POST", path, { successorId: idOf("radarr") }), 400, "invalid-request")
      assertProblem(
        await api("POST", "/integrations/999/replacement/preview", { successorId: "1" }),
        404,
        "integration-not-found"
      )
      assertProblem(await api("GET", path), 404, "replacement-not-found")
      assertProblem(await api("DELETE", path), 404, "replacement-not-found")
    })

    it("refuses other files and products, each by name", async () => {
      const wrong = await upload("product=prunerr", new TextEncoder().encode("nothing"))
      assertProblem(wrong, 422, "moving-file-unusable")
      assert.strictEqual(wrong.at("fault"), "not-a-database")
      assertProblem(await upload("product=plunger", new Uint8Array(1)), 400, "invalid-request")
      assertProblem(await upload("product=prunerr&library=nonsense", new Uint8Array(1)), 400, "invalid-request")
    })
  })
}
