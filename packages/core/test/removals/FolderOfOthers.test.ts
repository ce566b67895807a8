/** Folders with a film that only a media server knows: applications delete the whole folder of an item. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Removals } from "../../src/removals/Removals.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { as, explanationOf, itemIdOf, passTime, runDue, stackTest, states } from "../support/Stack.ts"
import { planned } from "./Stocks.ts"

const folder = "/media/library/Managed"

/** A film that fills the disk; another one is where `path` says. */
const twoFilms = (path: string, title = "Stranger") => {
  const library = new FakeLibrary()
  library.add({ title: "Managed", sizeBytes: 95 * gib, serverPaths: [`${folder}/managed.mkv`] })
  library.add({ title, sizeBytes: 0, unmanaged: true, serverPaths: [path] })
  return library
}

describe("A film whose folder contains another one that only a media server knows", () => {
  for (const path of [`${folder}/stranger.mkv`, `${folder}/Stranger/stranger.mkv`]) {
    it.effect(`stays, also if a person requests its removal: ${path}`, () => {
      const library = twoFilms(path)
      return Effect.gen(function* () {
        yield* planned("auto")
        assert.deepStrictEqual(yield* states, {})
        assert.include((yield* explanationOf("Managed")).summary, 'also contains "Stranger" of a media server')
        const removals = yield* Removals
        const refused = yield* Effect.flip(removals.request(yield* itemIdOf("Managed"))).pipe(as("ann"))
        assert.include(refused.message, "Stranger")
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  for (const [path, title] of [
    ["/media/library/Elsewhere/stranger.mkv", "Stranger"],
    [`${folder}/second version.mkv`, "Managed"]
  ] as const) {
    it.effect(`is removed if it contains no other title: ${path}`, () => {
      const library = twoFilms(path, title)
      return Effect.gen(function* () {
        yield* planned("auto")
        yield* passTime("31 seconds")
        yield* runDue
        assert.deepStrictEqual(library.removed, ["1"])
      }).pipe(Effect.provide(stackTest(library)))
    })
  }
})
