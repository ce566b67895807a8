import { assert, describe, it } from "@effect/vitest"
import { type ConnectedServer, serverWatched, type Watcher } from "../../src/integrations/MediaServers.ts"

const server = (integrationId: string, keySpace: string | undefined, identity: string | null = null) =>
  ({ integrationId, name: `Server ${integrationId}`, keySpace, identity }) satisfies ConnectedServer

const watcher = (changes: Partial<Watcher> = {}): Watcher => ({
  name: "Figures",
  watches: ["blue"],
  said: null,
  chosen: null,
  ...changes
})
const saying = (identity: string | null, keySpace: string | null = "blue", name: string | null = null) => ({
  said: { keySpace, identity, name }
})

const found = (integrationId: string) => ({ _tag: "Found", integrationId }) as const
const missing = (detail: string) => ({ _tag: "Missing", detail }) as const

describe("The media server that a statistics application watches", () => {
  it("is the one whose keys it can use, whatever other servers are connected", () => {
    assert.deepStrictEqual(serverWatched(watcher(), [server("1", "blue")]), found("1"))
    assert.deepStrictEqual(serverWatched(watcher(), [server("1", "blue"), server("2", "red")]), found("1"))
    const either = watcher({ watches: ["blue", "red"] })
    assert.deepStrictEqual(
      serverWatched({ ...either, ...saying(null, "red") }, [server("1", "blue"), server("2", "red")]),
      found("2"),
      "it says of which family its server is"
    )
  })

  it("is the one that it names, among several of one family", () => {
    const servers = [server("1", "blue", "aaa"), server("2", "blue", "bbb"), server("3", "blue")]
    assert.deepStrictEqual(serverWatched(watcher(saying("BBB")), servers), found("2"))
    assert.deepStrictEqual(
      serverWatched(watcher(saying("bbb")), [...servers, server("4", "blue", "bbb")]),
      found("2"),
      "one that is connected twice is not ambiguous"
    )
  })

  it("must be chosen by a person only if two would fit", () => {
    const servers = [server("1", "blue"), server("2", "blue")]
    const unclear = missing("Figures could be recording plays of several media servers; choose one in its options")
    assert.deepStrictEqual(serverWatched(watcher(), servers), unclear)
    assert.deepStrictEqual(serverWatched(watcher({ chosen: "2" }), servers), found("2"))
    assert.deepStrictEqual(
      serverWatched(watcher(saying("aaa")), [server("1", "blue", "bbb"), server("2", "blue")]),
      found("2"),
      "the one that is left"
    )
  })

  it("is missing if none matches its report, and the message names the reported one", () => {
    assert.deepStrictEqual(
      serverWatched(watcher(), [server("1", "red")]),
      missing("Figures records plays of a media server, which is not connected")
    )
    assert.deepStrictEqual(
      serverWatched(watcher(saying("aaa", "blue", "Attic")), [server("1", "blue", "bbb")]),
      missing('Figures records plays of the media server "Attic" (aaa), which is not connected')
    )
    assert.deepStrictEqual(
      serverWatched(watcher({ ...saying("aaa"), chosen: "1" }), [server("1", "blue", "bbb")]),
      missing("Figures reports that it records plays of the media server aaa, which is not Server 1"),
      "its own report contradicts the choice"
    )
    assert.strictEqual(serverWatched(watcher({ chosen: "9" }), [server("1", "blue")])._tag, "Missing")
  })

  it("may be any if neither side reports an identity", () => {
    assert.deepStrictEqual(serverWatched(watcher({ watches: undefined }), [server("1", "red")]), found("1"))
    assert.deepStrictEqual(serverWatched(watcher(), [server("1", undefined)]), found("1"))
  })
})
