/** Viewers over HTTP: pages, entity tags, and what may not be joined or split. */
import { assert, describe, it } from "vitest"
import { assertNames, assertProblem, at, clientOf, textAt } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

export const viewerTests = (server: () => RunningServer) => {
  const api: ReturnType<typeof clientOf> = (...request) => clientOf(server().url, adminKey)(...request)
  const ifMatch = (tag: string) => ({ headers: { "if-match": tag } })

  describe("viewers", () => {
    it("are one for what several applications know by one id", async () => {
      const all = (await api("GET", "/viewers?limit=200")).listAt("items")
      const known = all.map((one) => String(at(one, "integrations")))
      assert.isNotEmpty(known)
      assert.deepStrictEqual([...new Set(known.filter((names) => names.includes("Seerr")))], ["Plex,Seerr"])
    })

    it("come in pages by name, and one by one with their accounts", async () => {
      const all = (await api("GET", "/viewers?limit=200")).listAt("items")
      assert.isAbove(all.length, 3)
      const names: Array<string> = []
      for (let cursor = ""; ;) {
        const page = await api("GET", `/viewers?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`)
        names.push(...page.listAt("items").map((one) => textAt(one, "name")))
        if (page.at("nextCursor") === null) break
        cursor = page.textAt("nextCursor")
      }
      assert.deepStrictEqual(
        names,
        all.map((one) => textAt(one, "name"))
      )
      const id = textAt(all[0], "id")
      const one = await api("GET", `/viewers/${id}`)
      assert.strictEqual(one.headers.get("etag"), `"${String(one.at("version"))}"`)
      assert.deepStrictEqual(one.at("totals"), at(all[0], "totals"))
      assert.isNotEmpty(one.listAt("identities"))
      assertProblem(await api("GET", "/viewers/99999"), 404, "viewer-not-found")
      assertProblem(await api("GET", "/viewers/nobody"), 404, "viewer-not-found")
      assertNames(await api("GET", "/viewers?limit=0"), ["query", "limit"])
      assertNames(await api("GET", "/viewers?cursor=x"), ["query", "cursor"])
    })

    it("have pages of what they have played, requested and marked, and lists can be limited to them", async () => {
      const all = (await api("GET", "/viewers?limit=200")).listAt("items")
      const id = textAt(
        all.find((one) => Number(at(at(one, "totals"), "items")) > 1),
        "id"
      )
      const played = await api("GET", `/viewers/${id}/plays?limit=1`)
      assert.strictEqual(played.listAt("items").length, 1)
      const next = await api("GET", `/viewers/${id}/plays?limit=1&cursor=${played.textAt("nextCursor")}`)
      assert.notDeepEqual(next.listAt("items"), played.listAt("items"))
      const titles = (await api("GET", `/items?viewer=${id}&relation=played&limit=200`)).listAt("items")
      assert.include(
        titles.map((one) => textAt(one, "id")),
        textAt(played.listAt("items")[0], "itemId")
      )
      const requests = (await api("GET", "/requests?limit=200")).listAt("items")
      assert.isNotEmpty(requests)
      const asker = textAt(at(requests[0], "requestedBy"), "viewerId")
      const own = (await api("GET", `/viewers/${asker}/requests?limit=200`)).listAt("items")
      assert.deepStrictEqual(
        own,
        requests.filter((one) => at(at(one, "requestedBy"), "viewerId") === asker)
      )
      assert.deepStrictEqual((await api("GET", `/requests?viewer=${asker}&limit=200`)).listAt("items"), own)
      assert.strictEqual((await api("GET", `/viewers/${id}/watchlist`)).status, 200)
      assert.strictEqual((await api("GET", `/activity?viewer=${id}`)).status, 200)
      assertProblem(await api("GET", "/viewers/99999/plays"), 404, "viewer-not-found")
      assertNames(await api("GET", "/items?relation=played"), ["query", "relation"])
      assertNames(await api("GET", `/items?viewer=${id}&relation=liked`), ["query", "relation"])
      assertNames(await api("GET", "/requests?status=lost"), ["query", "status"])
    })

    it("are joined and split under their entity tag, and invalid requests name the field", async () => {
      const [first, second] = (await api("GET", "/viewers")).listAt("items").map((one) => textAt(one, "id"))
      const read = await api("GET", `/viewers/${first!}`)
      const tag = read.headers.get("etag") ?? ""
      const joined = await api("POST", `/viewers/${first!}/join`, { viewerIds: [second] }, ifMatch(tag))
      assert.strictEqual(joined.status, 200, joined.text)
      const again = await api("POST", `/viewers/${first!}/join`, { viewerIds: [second] }, ifMatch(tag))
      assertProblem(again, 412, "version-conflict")
      assertProblem(await api("GET", `/viewers/${second!}`), 404, "viewer-not-found")
      assertNames(await api("POST", `/viewers/${first!}/join`, { viewerIds: [second] }), ["payload", "viewerIds", 0])
      assertNames(await api("POST", `/viewers/${first!}/join`, { viewerIds: [] }), ["payload", "viewerIds"])
      const identities = joined.listAt("identities").map((one) => textAt(one, "id"))
      assertNames(await api("POST", `/viewers/${first!}/split`, { identityIds: identities }), [
        "payload",
        "identityIds"
      ])
      const last = identities.at(-1)
      const split = await api("POST", `/viewers/${first!}/split`, { identityIds: [last] })
      assert.strictEqual(split.status, 200, split.text)
      assert.strictEqual(split.headers.get("etag"), `"${String(split.at("viewer", "version"))}"`)
      assert.deepStrictEqual(split.at("split", "identities", 0, "id"), last)
      assertNames(await api("POST", `/viewers/${first!}/split`, { identityIds: [last] }), ["payload", "identityIds", 0])
      assertProblem(await api("POST", "/viewers/99999/split", { identityIds: ["1"] }), 404, "viewer-not-found")
    })
  })
}
