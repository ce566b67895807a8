/** Posters over HTTP: typed by their content, resized, and cached only by the browser of an authenticated client. */
import { assert, describe, it } from "vitest"
import { assertNames, assertProblem, call, clientOf } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

const png = [0x89, 0x50, 0x4e, 0x47]

export const posterTests = (server: () => RunningServer) => {
  const api: ReturnType<typeof clientOf> = (...request) => clientOf(server().url, adminKey)(...request)
  const fetched = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${server().url}/api/v1${path}`, {
      ...init,
      redirect: "manual",
      headers: { "x-api-key": adminKey, ...init.headers }
    })
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) }
  }
  const idOf = async (kind: string) => (await api("GET", `/items?kind=${kind}&limit=1`)).textAt("items", 0, "id")

  describe("posters", () => {
    it("are returned for items of every kind, with their own type and private caching headers", async () => {
      for (const kind of ["movie", "show", "season", "artist", "album"]) {
        const { bytes, response } = await fetched(`/items/${await idOf(kind)}/poster`)
        assert.strictEqual(response.status, 200, kind)
        assert.deepStrictEqual([...bytes.subarray(0, 4)], png, kind)
        const { headers } = response
        assert.strictEqual(headers.get("content-type"), "image/png")
        assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
        assert.include(headers.get("content-security-policy"), "default-src 'none'")
        assert.match(headers.get("cache-control") ?? "", /^private, max-age=\d+$/)
        assert.match(headers.get("etag") ?? "", /^"[0-9a-f]{32}"$/)
        assert.match(headers.get("age") ?? "", /^\d+$/)
        assert.strictEqual(headers.get("tendarr-poster"), "original")
        assert.strictEqual(headers.get("location"), null)
      }
    })

    it("are at the path in their item, with any base path of the server", async () => {
      const item = await api("GET", `/items/${await idOf("movie")}`)
      const { pathname } = new URL(`${server().url}/api/v1/items/${item.textAt("id")}/poster`)
      assert.strictEqual(item.textAt("posterUrl"), pathname)
      const explained = await api("GET", `/items/${item.textAt("id")}/explanation`)
      assert.strictEqual(explained.textAt("item", "posterUrl"), pathname)
      assert.strictEqual((await api("GET", "/items?kind=movie&limit=1")).textAt("items", 0, "posterUrl"), pathname)
      const { response } = await fetched(pathname.slice(pathname.indexOf("/items/")))
      assert.strictEqual(response.status, 200)
    })

    it("are resized to the requested width, and never enlarged", async () => {
      const path = `/items/${await idOf("movie")}/poster`
      const small = await fetched(`${path}?width=100`)
      assert.deepStrictEqual(
        [
          small.response.status,
          small.response.headers.get("tendarr-poster"),
          small.response.headers.get("content-type")
        ],
        [200, "thumbnail", "image/webp"]
      )
      const large = await fetched(`${path}?width=1000`)
      assert.deepStrictEqual(
        [large.response.headers.get("tendarr-poster"), large.response.headers.get("content-type")],
        ["original", "image/png"]
      )
      assert.notStrictEqual(small.response.headers.get("etag"), large.response.headers.get("etag"))
      assert.deepStrictEqual((await fetched(`${path}?width=100`)).bytes, small.bytes)
    })

    it("are not sent again to clients that have cached them", async () => {
      const path = `/items/${await idOf("movie")}/poster`
      const etag = (await fetched(path)).response.headers.get("etag") ?? ""
      for (const ifNoneMatch of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
        const { bytes, response } = await fetched(path, { headers: { "if-none-match": ifNoneMatch } })
        assert.deepStrictEqual([response.status, bytes.length], [304, 0], ifNoneMatch)
        assert.strictEqual(response.headers.get("etag"), etag)
        assert.match(response.headers.get("cache-control") ?? "", /^private/)
      }
      const other = await fetched(path, { headers: { "if-none-match": '"other"' } })
      assert.strictEqual(other.response.status, 200)
    })

    it("respond to HEAD without a body", async () => {
      const path = `/items/${await idOf("movie")}/poster`
      const whole = await fetched(path)
      const { bytes, response } = await fetched(path, { method: "HEAD" })
      assert.deepStrictEqual([response.status, bytes.length], [200, 0])
      for (const name of ["etag", "content-type"]) {
        assert.strictEqual(response.headers.get(name), whole.response.headers.get(name), name)
      }
    })

    it("are to be requested later if the applications limit the rate, and the response contains nothing of theirs", async () => {
      const faults = async (list: ReadonlyArray<unknown>) => {
        const answer = await call(server().url, "PUT", "/sandbox/faults", { key: adminKey, json: { faults: list } })
        assert.strictEqual(answer.status, 200, answer.text)
      }
      const last = await api("GET", "/items?kind=movie&sort=id&order=desc&limit=1")
      const paths = ["*/mediacover/*", "*/thumb", "*/Images/Primary"]
      await faults(paths.map((path) => ({ kind: "rateLimited", retryAfterSeconds: 120, path })))
      try {
        const answer = await api("GET", `/items/${last.textAt("items", 0, "id")}/poster`)
        assertProblem(answer, 503, "poster-unavailable")
        assert.include(["119", "120"], answer.headers.get("retry-after"))
        assert.strictEqual(answer.headers.get("cache-control"), "no-store")
        assert.notMatch(answer.text, /https?:|127\.0\.0\.1|mediacover|key/i)
      } finally {
        await faults([])
      }
    })

    it("are refused at widths out of range, for unknown items, and without credentials", async () => {
      const path = `/items/${await idOf("movie")}/poster`
      for (const width of ["49", "1001", "100.5", "wide", ""]) {
        assertNames(await api("GET", `${path}?width=${width}`), ["query", "width"])
      }
      for (const width of ["50", "1000"])
        assert.strictEqual((await fetched(`${path}?width=${width}`)).response.status, 200)
      assertProblem(await api("GET", "/items/999999/poster"), 404, "item-not-found")
      assertProblem(await api("GET", "/items/nothing/poster"), 404, "item-not-found")
      assertProblem(await clientOf(server().url)("GET", path), 401)
      assertProblem(await api("POST", path, {}), 405)
    })
  })
}
