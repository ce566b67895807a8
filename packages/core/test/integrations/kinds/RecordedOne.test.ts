/** One item, read again from recorded responses of real applications, compared with their lists. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { EntryKeys } from "../../../src/integrations/Kind.ts"
import { plex } from "../../../src/integrations/kinds/plex.ts"
import { RequestPage } from "../../../src/integrations/kinds/seerr/Requests.ts"
import { overseerr, seerr } from "../../../src/integrations/kinds/seerr.ts"
import type { RequestEntry } from "../../../src/integrations/Observations.ts"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { connect, read } from "../support/FakeUpstream.ts"
import { fixture, fixtureText, hasShared } from "../support/Shared.ts"

describe.skipIf(!hasShared)("recorded answers about one item", () => {
  const titles = [
    [overseerr, "movie", "tmdb-movie:1156593", ["16"]],
    [overseerr, "show", "tmdb-show:249522", ["14"]],
    [seerr, "show", "tmdb-show:89641", ["59", "60"]]
  ] as const
  for (const [kind, type, id, requestIds] of titles) {
    it.effect(`${kind.title} returns with ${id} the requests that it lists`, () =>
      Effect.gen(function* () {
        const directory = `${kind.id}/python-overseerr`
        const recorded = Schema.decodeUnknownSync(RequestPage)(fixture(`${directory}/request.json`))
        const fake = yield* connect(kind, { apiKey: "k" }, ({ path }) =>
          path === "/api/v1/request"
            ? { ...recorded, pageInfo: { results: recorded.results.length } }
            : fixture(`${directory}/${path.split("/")[3]}.json`)
        )
        const again = yield* fake.connected.reread!.requests!({ kind: type, ids: [id] }, new OddRecords())
        assert.lengthOf(fake.sent, 1)
        const listed = (yield* read(fake, "requests")).filter((request) => request.ids.includes(id))
        // The recordings use different names for the same people.
        const withoutNames = ({ approvedBy, requester: _, requesterNames, ...request }: RequestEntry) => ({
          ...request,
          by: requesterNames.length,
          approvedBy: approvedBy?.length
        })
        const reread = again.map(withoutNames)
        assert.sameMembers(
          reread.map(({ requestId }) => requestId),
          [...requestIds]
        )
        for (const request of listed.map(withoutNames)) assert.deepInclude(reread, request)
        assert.isAbove(listed.length, 0)
      })
    )
  }

  it.effect("Plex returns the libraries of a movie and a show, and what its owner has seen", () =>
    Effect.gen(function* () {
      const xml = (name: string) =>
        new Response(fixtureText(`plex/home-assistant/${name}`), { headers: { "content-type": "text/xml" } })
      const fake = yield* connect(plex, { token: "t" }, ({ path }) => {
        if (path === "/accounts") return xml("plex_server_accounts.xml")
        if (path.endsWith("/collections")) return { MediaContainer: { size: 0 } }
        return xml(`media_${path.split("/").at(-1)}.xml`)
      })
      const again = (entry: Pick<EntryKeys, "kind" | "serverItemId">) =>
        fake.connected.reread!.serverItems!([{ ...entry, guid: null, title: "", season: null }], new OddRecords())
      const [movie] = yield* again({ kind: "movie", serverItemId: "1" })
      assert.deepInclude(movie, { title: "Movie 1", library: "Movies", ids: ["imdb:tt0123456"], year: 2000 })
      assert.strictEqual(movie?.ownPlays?.lastPlayedAt, "2017-09-21T04:51:49.000Z")
      const [show] = yield* again({ kind: "show", serverItemId: "30" })
      assert.strictEqual(show?.library, "TV Shows")
      // The entry under the key is neither of them.
      assert.deepStrictEqual(yield* again({ kind: "movie", serverItemId: "100" }), [])
    })
  )
})
