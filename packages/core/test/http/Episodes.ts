/** Episodes over HTTP: pages by season and number, and what has none. */
import { assert, describe, it } from "vitest"
import { assertNames, assertProblem, at, clientOf, textAt } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

export const episodeTests = (server: () => RunningServer) => {
  const api: ReturnType<typeof clientOf> = (...request) => clientOf(server().url, adminKey)(...request)
  const first = async (kind: string) =>
    textAt((await api("GET", `/items?kind=${kind}&limit=1`)).listAt("items")[0], "id")

  const walk = async (path: string, limit: number) => {
    const all: Array<unknown> = []
    for (let cursor = ""; ;) {
      const page = await api("GET", `${path}?limit=${limit}${cursor === "" ? "" : `&cursor=${cursor}`}`)
      assert.strictEqual(page.status, 200, page.text)
      all.push(...page.listAt("items"))
      if (page.at("nextCursor") === null) return all
      cursor = page.textAt("nextCursor")
    }
  }
  const placeOf = (episode: unknown) => [Number(at(episode, "seasonNumber")), Number(at(episode, "number"))] as const

  describe("episodes", () => {
    it("are listed by season and number, in pages of any size, each with its file", async () => {
      const path = `/items/${await first("show")}/episodes`
      const all = await walk(path, 200)
      assert.isAbove(all.length, 3)
      assert.deepStrictEqual(await walk(path, 2), all)
      const places = all.map(placeOf)
      assert.deepStrictEqual(
        places.toSorted(([season, one], [other, two]) => season - other || one - two),
        places
      )
      const page = await api("GET", path)
      assert.isNull(page.at("outdated"))
      assert.isString(page.at("readAt"))
      for (const episode of all) assert.strictEqual(at(episode, "hasFile"), at(episode, "file") !== null)
      const [there] = all.filter((episode) => at(episode, "hasFile") === true)
      assert.isString(at(there, "file", "path"))
      assert.isNumber(at(there, "file", "sizeBytes"))
      assert.isArray(at(there, "file", "languages"))
    })

    it("of a season are its own, as are those of a show with the number of one", async () => {
      const season = await first("season")
      const { parentId } = (await api("GET", `/items/${season}`)).body as { readonly parentId: string }
      const own = await walk(`/items/${season}/episodes`, 200)
      const numbers = [...new Set(own.map((episode) => placeOf(episode)[0]))]
      assert.lengthOf(numbers, 1)
      const selected = await api("GET", `/items/${parentId}/episodes?limit=200&season=${numbers[0]!}`)
      assert.deepStrictEqual(selected.listAt("items"), own)
    })

    it("are refused for other items, and invalid requests name the field", async () => {
      assertProblem(await api("GET", `/items/${await first("movie")}/episodes`), 404, "no-episodes")
      assertProblem(await api("GET", "/items/99999999/episodes"), 404, "item-not-found")
      const path = `/items/${await first("show")}/episodes`
      assertNames(await api("GET", `${path}?season=-1`), ["query", "season"])
      assertNames(await api("GET", `${path}?season=one`), ["query", "season"])
      assertNames(await api("GET", `${path}?limit=0`), ["query", "limit"])
      const { nextCursor } = (await api("GET", `${path}?limit=1`)).body as { readonly nextCursor: string }
      assertNames(await api("GET", `${path}?season=1&cursor=${nextCursor}`), ["query", "cursor"])
    })
  })
}
