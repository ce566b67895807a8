/** Folders that removed movies leave, on a real file system. */
import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { TestClock } from "effect/testing"
import * as nodePath from "node:path"
import { Acts } from "../../src/acts/Acts.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { whyFolderIsKept } from "../../src/removals/LeftoverFolders/Fences.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { as, connectFakes, itemIdOf, passTime, removalOf, runDue, setDisk, stackTest, sync } from "../support/Stack.ts"

const long = new Date("2026-01-01T00:00:00.000Z")

interface Place {
  readonly library: FakeLibrary
  /** The folder of the film. */
  readonly folder: string
  readonly write: (name: string, at?: Date) => Effect.Effect<void>
  readonly exists: (name: string) => Effect.Effect<boolean>
  readonly fs: FileSystem.FileSystem
}

/** A film on a disk that is a real folder, with an .nfo and an image next to it. */
const withFilm = <E>(use: (place: Place) => Effect.Effect<void, E>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const disk = yield* fs.realPath(yield* fs.makeTempDirectoryScoped())
      const library = new FakeLibrary({ [disk]: 100 * gib })
      const folder = nodePath.join(disk, "library", "Film")
      library.add({ title: "Film", sizeBytes: 10 * gib, filePath: nodePath.join(folder, "Film.mkv") })
      const write: Place["write"] = (name, at = long) =>
        Effect.gen(function* () {
          const file = nodePath.join(folder, name)
          yield* fs.makeDirectory(nodePath.dirname(file), { recursive: true })
          yield* fs.writeFileString(file, "x")
          yield* fs.utimes(file, at, at)
          if (nodePath.dirname(file) !== folder) yield* fs.utimes(nodePath.dirname(file), at, at)
        }).pipe(Effect.orDie)
      yield* write("Film.nfo")
      yield* write("extras/poster.JPG")
      const exists: Place["exists"] = (name) => Effect.orDie(fs.exists(nodePath.join(disk, "library", name)))
      yield* use({ library, folder, write, exists, fs })
    })
  ).pipe(Effect.provide(NodeFileSystem.layer))

/** When the test files were created cannot be chosen, so the removal is after that. */
const afterFiles = Date.now() + 3_600_000

const switchOn = Effect.gen(function* () {
  yield* TestClock.setTime(afterFiles)
  yield* connectFakes({ without: ["screen", "wishes"] })
  yield* (yield* Settings).patch(RemovalsSettings, { leftoverFolders: true })
  yield* sync
  yield* setDisk({ mode: "auto" })
})

const removeFilm = Effect.gen(function* () {
  yield* (yield* Removals).request(yield* itemIdOf("Film")).pipe(as("ann"))
  yield* passTime("31 seconds")
  yield* runDue
  assert.strictEqual((yield* removalOf("Film")).state, "removed")
})

const acts = Effect.flatMap(Acts, (service) => Effect.map(service.page({ limit: 50 }), ({ items }) => items))

/** Removes the film with the option on, after `before`. */
const stays = (before: (place: Place) => Effect.Effect<unknown, unknown>) =>
  withFilm((place) =>
    Effect.gen(function* () {
      yield* switchOn
      yield* Effect.orDie(before(place))
      yield* removeFilm
      assert.isTrue(yield* place.exists("Film"), "the folder stays")
      assert.isFalse(yield* place.exists(".tendarr-leftovers"))
      assert.deepStrictEqual(yield* acts, [])
    }).pipe(Effect.provide(stackTest(place.library)))
  )

describe("The folder of a removed film", () => {
  it.effect("is moved aside with its remnants, which are listed, and comes back when that is undone", () =>
    withFilm(({ exists, folder, library }) =>
      Effect.gen(function* () {
        yield* switchOn
        yield* removeFilm
        assert.isFalse(yield* exists("Film"))
        const { id } = yield* removalOf("Film")
        assert.isTrue(yield* exists(`.tendarr-leftovers/${id} Film/extras/poster.JPG`))
        const service = yield* Acts
        const [act] = yield* acts
        assert.deepInclude(act, { kind: "leftover-folder", state: "done", undoable: true })
        const { undo } = yield* service.get(act!.id)
        assert.deepInclude(undo.kept as object, {
          files: [nodePath.join(folder, "Film.nfo"), nodePath.join(folder, "extras/poster.JPG")]
        })
        yield* service.undo(act!.id).pipe(as("ann"))
        assert.isTrue(yield* exists("Film/extras/poster.JPG"))
        assert.isFalse(yield* exists(`.tendarr-leftovers/${id} Film`))
      }).pipe(Effect.provide(stackTest(library)))
    )
  )

  it.effect("stays unless the setting is on", () =>
    stays(
      () =>
        Effect.flatMap(Settings, (settings) => settings.patch(RemovalsSettings, { leftoverFolders: false })) as never
    )
  )

  it.effect("stays if a video is left in it", () => stays(({ write }) => write("Trailer.mp4")))
  it.effect("stays if a video is left in a subfolder of it", () => stays(({ write }) => write("extras/Making of.MKV")))
  it.effect("stays if music is left in it", () => stays(({ write }) => write("Theme.mp3")))
  it.effect("stays if a file without a known extension is left in it", () => stays(({ write }) => write("notes")))
  it.effect("stays if something in it is newer than the removal", () =>
    stays(({ write }) => write("Film.srt", new Date(afterFiles + 86_400_000)))
  )
  it.effect("stays if it contains a symbolic link", () =>
    stays(({ folder, fs }) =>
      Effect.gen(function* () {
        const outside = nodePath.join(nodePath.dirname(nodePath.dirname(folder)), "outside.jpg")
        yield* fs.writeFileString(outside, "x")
        yield* fs.utimes(outside, long, long)
        yield* fs.symlink(outside, nodePath.join(folder, "link.jpg"))
      })
    )
  )
  it.effect("stays if it is a symbolic link itself", () =>
    stays(({ folder, fs }) =>
      Effect.gen(function* () {
        const elsewhere = nodePath.join(nodePath.dirname(nodePath.dirname(folder)), "elsewhere")
        yield* fs.rename(folder, elsewhere)
        yield* fs.symlink(elsewhere, folder)
      })
    )
  )
  it.effect("stays if nothing proves that the deleted file was in it", () =>
    withFilm(({ exists, library }) =>
      Effect.gen(function* () {
        delete library.byTitle("Film")!.filePath
        yield* switchOn
        yield* removeFilm
        assert.isTrue(yield* exists("Film"))
      }).pipe(Effect.provide(stackTest(library)))
    )
  )
  it.effect("stays if another item is in it", () =>
    withFilm(({ exists, folder, library }) =>
      Effect.gen(function* () {
        library.add({ title: "Other", filePath: nodePath.join(folder, "Other.mkv") })
        yield* switchOn
        yield* removeFilm
        assert.isTrue(yield* exists("Film"))
        assert.deepStrictEqual(yield* acts, [])
      }).pipe(Effect.provide(stackTest(library)))
    )
  )
  it.effect("stays while the brake is on, and is moved afterwards", () =>
    withFilm(({ exists, library }) =>
      Effect.gen(function* () {
        yield* switchOn
        const settings = yield* Settings
        library.onRemove = () => Effect.orDie(settings.patch(RemovalsSettings, { deletionsEnabled: false }))
        yield* removeFilm
        assert.isTrue(yield* exists("Film"))
        yield* settings.patch(RemovalsSettings, { deletionsEnabled: true })
        yield* runDue
        assert.isFalse(yield* exists("Film"))
      }).pipe(Effect.provide(stackTest(library)))
    )
  )
})

describe("The fences of a leftover folder", () => {
  const roots = ["/data/movies", "/data/more"]
  const film = { folder: "/data/movies/Film", file: "/data/movies/Film/Film.mkv" }
  const kept = (leftover: Partial<typeof film>, places: ReadonlyArray<string> = []) =>
    whyFolderIsKept({ ...film, ...leftover }, { roots, places })

  it("let a folder of its own pass", () => {
    assert.isNull(kept({}, ["/data/movies/Other", "/data/movies/Film 2"]))
  })

  it("keep root folders, what contains one, and what is outside of all", () => {
    assert.match(kept({ folder: "/data/movies" }) ?? "", /is a root folder/)
    assert.match(kept({ folder: "/data" }) ?? "", /contains one/)
    assert.match(kept({ folder: "/data/music/Film", file: "/data/music/Film/a.mkv" }) ?? "", /outside/)
    assert.match(whyFolderIsKept(film, { roots: ["/"], places: [] }) ?? "", /outside/)
  })

  it("keep paths that are not plain", () => {
    for (const folder of ["/data/movies/../Film", "/data/movies/Film/", "movies/Film", "C:\\movies\\Film"]) {
      assert.match(kept({ folder }) ?? "", /not a plain one/, folder)
    }
  })

  it("keep a folder that does not contain the deleted file", () => {
    for (const file of ["/data/movies/Film.mkv", "/data/movies/Film 2/Film.mkv", "/data/movies/Film"]) {
      assert.match(kept({ file }) ?? "", /nothing proves/, file)
    }
  })

  it("keep the folder of another item, one that contains another, and one that is in another", () => {
    for (const place of ["/data/movies/Film", "/data/movies/Film/Part 2/a.mkv"]) {
      assert.match(kept({}, [place]) ?? "", /folder of another item/, place)
    }
    assert.match(
      kept({ folder: "/data/movies/Set/Film", file: "/data/movies/Set/Film/a.mkv" }, ["/data/movies/Set"]) ?? "",
      /in the folder of another item/
    )
  })
})
