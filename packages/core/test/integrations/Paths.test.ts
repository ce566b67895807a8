import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import {
  holds,
  mapperOf,
  nearestFinder,
  normalisePath,
  pathKey,
  PathMappings,
  unmapperOf
} from "../../src/integrations/Paths.ts"

const same = (one: string, other: string) => pathKey(one) === pathKey(other)

describe("Paths", () => {
  it("of Windows hosts compare without case, and those of others with it", () => {
    assert.isTrue(same("D:\\Films\\Alien", "d:\\films\\alien\\"))
    assert.isTrue(same("D:/Films", "d:\\FILMS"))
    assert.isTrue(same("\\\\NAS\\Media\\Alien", "//nas/media/alien"))
    assert.isFalse(same("/mnt/Media", "/mnt/media"))
    assert.isFalse(same("/d:/films", "/D:/films"), "a colon in a folder's name is not a drive letter")
    assert.isTrue(holds("D:\\", "d:\\Films\\Alien"))
    assert.isFalse(holds("D:\\", "E:\\Films\\Alien"))
    assert.isFalse(holds("\\\\nas\\media", "\\\\nas\\media2\\Alien"))
  })

  it("are equal with composed and decomposed letters", () => {
    assert.isTrue(same("/data/S\u00e9ries", "/data/Se\u0301ries"))
    assert.isTrue(same("D:\\S\u00c9RIES", "d:\\se\u0301ries"))
    assert.isTrue(holds("/data/S\u00e9ries", "/data/Se\u0301ries/f/A"))
    assert.isFalse(same("/data/Series", "/data/S\u00e9ries"))
  })

  it("keep what a POSIX file system distinguishes, and drop what no file system does", () => {
    assert.isFalse(same("/data/a\\b", "/data/a/b"), "a backslash is a letter there")
    assert.isFalse(same("/data/A ", "/data/A"))
    assert.isTrue(same("/data//movies/", "/data/movies"))
    assert.strictEqual(normalisePath("//"), "/")
    assert.strictEqual(normalisePath("\\\\?\\C:\\Films\\"), "C:/Films")
    assert.strictEqual(normalisePath("\\\\?\\UNC\\nas\\media"), "//nas/media")
  })

  it("find the nearest folder above them, whatever the order in which the folders are given", () => {
    const find = nearestFinder([{ path: "/" }, { path: "/mnt/media/films" }, { path: "/mnt/media" }])
    assert.strictEqual(find("/mnt/media/films/Alien")?.path, "/mnt/media/films")
    assert.strictEqual(find("/mnt/media2")?.path, "/")
    assert.isUndefined(find("C:\\Films"))
  })

  it("are mapped to common paths by the nearest mapping, at the boundary of a folder", () => {
    const toCommon = mapperOf([
      { from: "/media", to: "/data/media" },
      { from: "/media/kids/", to: "/kids" },
      { from: "D:\\Films", to: "/data/films" }
    ])
    assert.strictEqual(toCommon("/media/Alien (1979)"), "/data/media/Alien (1979)")
    assert.strictEqual(toCommon("/media"), "/data/media")
    assert.strictEqual(toCommon("/media/kids/Bambi"), "/kids/Bambi")
    assert.strictEqual(toCommon("/media2/Alien"), "/media2/Alien")
    assert.strictEqual(toCommon("d:\\FILMS\\Alien"), "/data/films/Alien")
    assert.strictEqual(mapperOf([{ from: "/", to: "/host" }])("/data/A"), "/host/data/A")
  })

  it("of a mapping are absolute, and each folder is mapped once", () => {
    const refused = (mappings: unknown) => Result.isFailure(Schema.decodeUnknownResult(PathMappings)(mappings))
    assert.isFalse(refused([{ from: " /movies ", to: "D:\\Movies" }]))
    assert.isTrue(refused([{ from: "movies", to: "/data/movies" }]))
    assert.isTrue(refused([{ from: "/movies", to: "" }]))
    assert.isTrue(
      refused([
        { from: "/movies", to: "/a" },
        { from: "/movies/", to: "/b" }
      ])
    )
  })

  it("lead back to the paths of an application, in its own writing", () => {
    const mappings = [
      { from: "D:\\torrents", to: "/host/torrents" },
      { from: "/films", to: "/host/torrents/films" }
    ]
    const back = unmapperOf(mappings)
    assert.strictEqual(back("/host/torrents/A/b.mkv"), "D:\\torrents\\A\\b.mkv")
    assert.strictEqual(back("/host/torrents/films/A"), "/films/A")
    assert.strictEqual(back("/elsewhere/A"), "/elsewhere/A")
    assert.strictEqual(mapperOf(mappings)(back("/host/torrents/A")), "/host/torrents/A")
  })
})
