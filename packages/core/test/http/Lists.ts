/** Pages of lists: every entry once, in order, by cursors that belong to one query. */
import { assert, describe, it } from "vitest"
import { assertNames, at, clientOf, textAt } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

export const listTests = (server: () => RunningServer) => {
  const api: ReturnType<typeof clientOf> = (...request) => clientOf(server().url, adminKey)(...request)

  /** All pages of a list, concatenated. */
  const walk = async (path: string): Promise<ReadonlyArray<unknown>> => {
    const separator = path.includes("?") ? "&" : "?"
    const all: Array<unknown> = []
    let cursor: unknown = null
    do {
      const query = typeof cursor === "string" ? `${separator}cursor=${encodeURIComponent(cursor)}` : ""
      const page = await api("GET", `${path}${query}`)
      assert.strictEqual(page.status, 200, page.text)
      all.push(...page.listAt("items"))
      cursor = page.at("nextCursor")
    } while (cursor !== null)
    return all
  }

  describe("pages", () => {
    it("contain every item once, with any page size", async () => {
      const stats = await api("GET", "/stats")
      const entries = await walk("/items?limit=7")
      const ids = entries.map((item) => textAt(item, "id"))
      const wholes = new Set(entries.map((item) => at(item, "parentId")))
      // A show is listed next to its seasons, and counts with them.
      assert.strictEqual(ids.filter((id) => !wholes.has(id)).length, stats.at("items"))
      assert.strictEqual(new Set(ids).size, ids.length)
      assert.deepStrictEqual(
        (await walk("/items?limit=200")).map((item) => textAt(item, "id")),
        ids
      )
    })

    it("are in the requested order across pages", async () => {
      const sizes = (await walk("/items?limit=11&sort=size&order=desc")).map((item) => Number(at(item, "sizeBytes")))
      assert.deepStrictEqual(
        sizes,
        sizes.toSorted((left, right) => right - left)
      )
      const movies = await walk("/items?kind=movie&limit=50&sort=year&order=asc")
      assert.isTrue(movies.every((item) => at(item, "kind") === "movie"))
    })

    it("can be searched by the words of a title", async () => {
      const [item] = (await api("GET", "/items?limit=1&kind=movie")).listAt("items")
      const found = await api("GET", `/items?search=${encodeURIComponent(textAt(item, "title"))}`)
      assert.include(
        found.listAt("items").map((each) => at(each, "id")),
        at(item, "id")
      )
      assert.deepStrictEqual((await api("GET", "/items?search=zzzzqqqq")).listAt("items"), [])
      assert.deepStrictEqual((await api("GET", "/items/1")).at("id"), "1")
    })

    it("refuse a cursor of another order, a damaged one, and a limit out of range", async () => {
      const page = await api("GET", "/items?limit=1&sort=size")
      const cursor = encodeURIComponent(page.textAt("nextCursor"))
      assertNames(await api("GET", `/items?sort=title&cursor=${cursor}`), ["query", "cursor"])
      assertNames(await api("GET", `/items?sort=size&cursor=${cursor.slice(2)}`), ["query", "cursor"])
      for (const limit of ["0", "201", "-1", "1.5", "many", ""]) {
        assertNames(await api("GET", `/items?limit=${limit}`), ["query", "limit"])
      }
    })

    it("of events are newest first, like those of runs", async () => {
      const ids = (await walk("/event-log?limit=5")).map((event) => Number(textAt(event, "id")))
      assert.isAbove(ids.length, 5)
      assert.deepStrictEqual(
        ids,
        ids.toSorted((left, right) => right - left)
      )
      const audit = await walk("/event-log?category=integrations")
      assert.isTrue(audit.every((event) => at(event, "category") === "integrations"))
      const runs = await walk("/job-runs?job=capacity&limit=1")
      assert.isTrue(runs.every((run) => at(run, "job") === "capacity"))
    })
  })

  describe("preview and explanation", () => {
    it("rank the candidates, with a reason for each and consistent sums", async () => {
      const page = await api("GET", "/preview?status=planned&limit=200")
      const items = page.listAt("items")
      assert.isAbove(items.length, 0)
      assert.strictEqual(items.length, page.at("summary", "planned", "items"))
      for (const item of items) {
        assert.strictEqual(at(item, "planned"), true)
        assert.isNotEmpty(textAt(item, "reason"))
      }
      const all = await walk("/preview?limit=13")
      assert.strictEqual(all.length, page.at("summary", "evaluated"))
    })

    it("explain an item with facts, factors, rules and a summary", async () => {
      const [item] = (await api("GET", "/preview?status=planned&limit=1")).listAt("items")
      const answer = await api("GET", `/items/${textAt(item, "itemId")}/explanation`)
      assert.strictEqual(answer.at("basis"), "now")
      assert.isNotEmpty(answer.textAt("summary"))
      assert.strictEqual(answer.at("decision", "status"), "candidate")
      assert.isAbove(answer.listAt("decision", "facts").length, 10)
      assert.isAbove(answer.listAt("decision", "score", "factors").length, 3)
      const unknown = await api("GET", "/items/999999/explanation")
      assert.strictEqual(unknown.at("code"), "item-not-found")
    })
  })
}
