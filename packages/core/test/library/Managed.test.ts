/** Which entries of media servers a manager may know. */
import { assert, describe, it } from "@effect/vitest"
import { ManagedItems } from "../../src/library/Join/Managed.ts"
import { placing } from "../../src/library/Places.ts"

const radarr = { kind: "movie", ids: ["tmdb-movie:1"], title: "Heat", year: 1995 } as const

const managed = (path: string) => {
  const all = new ManagedItems(placing(new Map()))
  all.add("1", { ...radarr, path, filePath: `${path}/Heat.1995.mkv` })
  return all
}

/** An entry that the server takes for another title. */
const entry = (path: string) =>
  ({
    kind: "movie",
    ids: ["tmdb-movie:2"],
    title: "Something else",
    year: null,
    paths: [{ integrationId: "2", path }]
  }) as const

describe("A file of a media server", () => {
  for (const [path, why] of [
    ["/movies/Heat (1995)/Heat.1995.mkv", "is the file"],
    ["/data/films/Heat (1995)/other.mkv", "is in a folder of the same name"],
    ["/data/films/elsewhere/Heat.1995.mkv", "has the same name"],
    ["D:\\Films\\Heat (1995)\\other.mkv", "is in a folder of the same name on Windows"],
    ["D:\\Films\\elsewhere\\HEAT.1995.mkv", "has the same name on Windows"],
    ["\\\\nas\\films\\heat (1995)\\other.mkv", "is in a folder of the same name on a share"]
  ] as const) {
    it(`may be known to a manager if it ${why}`, () => {
      assert.isTrue(managed("/movies/Heat (1995)").mayKnow(entry(path)))
    })
  }

  it("is known to no manager if nothing agrees", () => {
    assert.isFalse(managed("/movies/Heat (1995)").mayKnow(entry("/movies/Ran (1985)/Ran.mkv")))
  })
})
