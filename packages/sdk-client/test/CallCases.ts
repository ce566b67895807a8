/** Cases of calls and lists. */
import type { PreviewedItem } from "../src/TendarrClient.ts"
import { type Case, equal, setUp } from "./Case.ts"

export const lists: ReadonlyArray<Case> = [
  {
    name: "yields every item of a list once, page after page",
    run: async (surroundings) => {
      const { asked, tendarr } = setUp(surroundings)
      const { data } = await tendarr.library.items({ query: { limit: 200 } })
      await asked()
      const ids: Array<string> = []
      for await (const item of tendarr.all(tendarr.library.items, { query: { limit: 7 } })) ids.push(item.id)
      equal(ids.length, data.items.length, "the number of items")
      equal(new Set(ids).size, ids.length, "the number of different items")
      equal((await asked()).length, Math.ceil(ids.length / 7), "the number of requests")
    }
  },
  {
    name: "requests no more pages of a list than the loop uses",
    run: async (surroundings) => {
      const { asked, tendarr } = setUp(surroundings)
      await asked()
      let seen = 0
      for await (const item of tendarr.all(tendarr.library.items, { query: { limit: 2, sort: "size" } })) {
        equal(typeof item.sizeBytes, "number")
        if (++seen === 3) break
      }
      equal((await asked()).length, 2, "the number of requests")
    }
  },
  {
    name: "stops at a limit over all pages",
    run: async (surroundings) => {
      const { tendarr } = setUp(surroundings)
      const sizes: Array<number> = []
      for await (const page of tendarr.pages(tendarr.library.items, { query: { limit: 4 }, limit: 10 })) {
        sizes.push(page.items.length)
      }
      equal(sizes, [4, 4, 2], "the sizes of the pages")
      for await (const _ of tendarr.all(tendarr.library.items, { limit: 0 })) throw new Error("0 is nothing")
    }
  },
  {
    name: "yields all items of the preview, which are those of its pages",
    run: async (surroundings) => {
      const { tendarr } = setUp(surroundings)
      const { jsonLines } = surroundings.sdk
      const lines: Array<unknown> = []
      const { data } = await tendarr.capacity.previewItems()
      for await (const item of jsonLines<PreviewedItem>(data)) lines.push(item)
      const items: Array<unknown> = []
      for await (const item of tendarr.all(tendarr.capacity.preview, { query: { limit: 50 } })) items.push(item)
      equal(lines, items, "the items")
      const { data: none } = await tendarr.capacity.previewItems({ query: { diskGroupId: "999999" } })
      for await (const _ of jsonLines(none)) throw new Error("There is no such disk")
    }
  },
  {
    name: "ends a list when the signal is aborted, with an error that says so",
    run: async (surroundings) => {
      const { failure, tendarr } = setUp(surroundings)
      const { signal, ...controller } = withAbort()
      const work = async () => {
        for await (const _ of tendarr.all(tendarr.library.items, { query: { limit: 1 }, signal })) controller.abort()
      }
      equal((await failure(work())).code, "aborted", "the code")
    }
  }
]

const withAbort = () => {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

export const images: ReadonlyArray<Case> = [
  {
    name: "returns a poster as an image of the requested width",
    run: async (surroundings) => {
      const { tendarr } = setUp(surroundings)
      const { data } = await tendarr.library.items({ query: { limit: 1, kind: "movie" } })
      const path = { id: data.items[0]?.id ?? "" }
      const whole = await tendarr.library.poster({ path })
      const small = await tendarr.library.poster({ path, query: { width: 100 } })
      equal(whole.data.type, "image/png", "the type of the poster")
      equal(small.data.type, "image/webp", "the type of the small one")
      equal(small.data.size > 0 && small.data.size < whole.data.size, true, "that it is smaller")
    }
  },
  {
    name: "fails with the problem if there is no poster",
    run: async (surroundings) => {
      const { failure, tendarr } = setUp(surroundings)
      equal((await failure(tendarr.library.poster({ path: { id: "999999" } }))).code, "item-not-found", "the code")
    }
  }
]

export const errors: ReadonlyArray<Case> = [
  {
    name: "rejects with the problem, whose code determines its fields",
    run: async (surroundings) => {
      const { failure, tendarr } = setUp(surroundings)
      const error = await failure(tendarr.library.item({ path: { id: "999999" } }))
      equal([error.status, error.method], [404, "GET"])
      if (!surroundings.sdk.isTendarrError(error, "item-not-found", "run-not-found")) throw new Error(error.code)
      equal("itemId" in error.problem && error.problem.itemId, "999999")
      equal(surroundings.sdk.isTendarrError(error, "network"), false)
    }
  },
  {
    name: "names invalid values by their path",
    run: async (surroundings) => {
      const { failure, tendarr } = setUp(surroundings)
      const error = await failure(tendarr.library.items({ query: { limit: 5000 } }))
      equal([error.code, Object.keys(error.errorsByPath)], ["invalid-request", ["query.limit"]])
    }
  },
  ...(
    [
      ["a connection that breaks", "network", { destroy: true }],
      ["an answer that never comes", "timeout", { hold: true }],
      ["an answer that breaks off", "network", { answer: cut('{"status":') }],
      ["an answer that is not JSON", "unreadable", { answer: { status: 200, body: "<h1>Welcome</h1>" } }],
      ["a redirect", "redirected", { answer: { status: 302, headers: { location: "/elsewhere" } } }],
      ["a proxy without Tendarr behind", "unknown", { answer: { status: 502, body: "<h1>Bad gateway</h1>" } }]
    ] as const
  ).map(([what, code, step]): Case => ({
    name: `calls ${what} "${code}"`,
    run: async (surroundings) => {
      const { asked, failure, steps, tendarr } = setUp(surroundings, { timeoutMillis: 300 })
      await asked()
      // Several, since browsers and Bun retry by themselves if a reused connection breaks.
      await steps("/api/v1/health", ...Array.from({ length: 10 }, () => step))
      equal((await failure(tendarr.health.live())).code, code, "the code")
      equal([...new Set(await asked())], ["GET /api/v1/health"], "what was asked")
    }
  })),
  {
    name: "reports that a call was aborted, whatever the reason of the signal",
    run: async (surroundings) => {
      const { failure, steps, tendarr } = setUp(surroundings)
      await steps("/api/v1/health", { hold: true })
      const controller = new AbortController()
      const call = failure(tendarr.health.live({ signal: controller.signal }))
      controller.abort("enough")
      equal((await call).code, "aborted", "the code")
    }
  }
]

function cut(body: string) {
  return { status: 200, headers: { "content-type": "application/json", "content-length": "1000" }, body, breaks: true }
}
