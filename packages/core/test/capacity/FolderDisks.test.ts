import { assert, describe, it } from "vitest"
import { placeFolders, type ReportedMounts } from "../../src/capacity/FolderDisks.ts"
import { holds, nearestFinder, normalisePath } from "../../src/integrations/Paths.ts"

const findDisks = (reports: ReadonlyArray<ReportedMounts>) => placeFolders(reports).disks

const report = (
  integrationId: string,
  disks: Readonly<Record<string, readonly [totalBytes: number, freeBytes: number]>>,
  ...rootFolders: ReadonlyArray<string>
): ReportedMounts => ({
  integrationId,
  at: "2026-01-15T12:00:00.000Z",
  disks: Object.entries(disks).map(([path, [totalBytes, freeBytes]]) => ({ path, totalBytes, freeBytes })),
  rootFolders: rootFolders.map((path) => ({ path }))
})

describe("Mounts", () => {
  it("contain a path only at the boundary of a folder", () => {
    assert.isTrue(holds("/mnt/media", "/mnt/media/Alien (1979)"))
    assert.isTrue(holds("/mnt/media/", "/mnt/media/Alien (1979)/"))
    assert.isTrue(holds("/mnt/media", "/mnt/media"))
    assert.isFalse(holds("/mnt/media", "/mnt/media2/Alien (1979)"))
    assert.isFalse(holds("/mnt/media/films", "/mnt/media"))
    assert.isTrue(holds("/", "/mnt/media"))
    assert.isFalse(holds("/", "C:\\Films"))
  })

  it("accept the paths of Windows hosts", () => {
    assert.strictEqual(normalisePath("D:\\"), "D:")
    assert.isTrue(holds("D:\\", "D:\\Films\\Alien"))
    assert.isFalse(holds("D:\\", "E:\\Films\\Alien"))
    assert.isTrue(holds("\\\\nas\\media", "\\\\nas\\media\\Alien"))
    assert.isFalse(holds("\\\\nas\\media", "\\\\nas\\media2\\Alien"))
  })

  it("ignore trailing slashes, except for the root", () => {
    assert.strictEqual(normalisePath("/mnt/media///"), "/mnt/media")
    assert.strictEqual(normalisePath("/"), "/")
    assert.strictEqual(normalisePath("//"), "/")
    assert.strictEqual(normalisePath(""), "/")
  })

  it("are chosen by the nearest mount above a path", () => {
    const mounts = [{ path: "/" }, { path: "/mnt/media/films/" }, { path: "/mnt/media" }, { path: "/mnt/med" }]
    assert.strictEqual(nearestFinder(mounts)("/mnt/media/films/Alien")?.path, "/mnt/media/films/")
    assert.strictEqual(nearestFinder(mounts)("/mnt/media/shows/Lost")?.path, "/mnt/media")
    assert.strictEqual(nearestFinder(mounts)("/mnt/medium")?.path, "/")
    assert.isUndefined(nearestFinder([{ path: "/a" }])("/b"))
  })

  it("include the disks that contain a library, and no others", () => {
    const found = findDisks([
      report("1", { "/": [100, 50], "/config": [10, 5], "/data/": [1000, 100] }, "/data/movies")
    ])
    assert.deepStrictEqual(found, [
      {
        mountPath: "/data",
        ownerIntegrationId: null,
        totalBytes: 1000,
        freeBytes: 100,
        at: "2026-01-15T12:00:00.000Z",
        sources: [{ integrationId: "1", reportedPath: "/data/" }]
      }
    ])
  })

  it("include the root only if no nearer mount contains the library", () => {
    assert.deepStrictEqual(
      findDisks([report("1", { "/": [100, 50], "/config": [10, 5] }, "/data/movies")]).map((disk) => disk.mountPath),
      ["/"]
    )
    assert.deepStrictEqual(
      findDisks([report("1", { "/": [100, 50], "/data": [10, 5] }, "/data/movies", "/srv/movies")]).map(
        (disk) => disk.mountPath
      ),
      ["/data", "/"]
    )
  })

  it("are one disk if two applications report the same size, with the smaller free space", () => {
    const [disk, ...others] = findDisks([
      report("1", { "/data": [100_000, 9_000] }, "/data/movies"),
      report("2", { "/data/": [100_400, 8_000] }, "/data/shows")
    ])
    assert.deepStrictEqual(others, [])
    assert.strictEqual(disk?.ownerIntegrationId, null)
    assert.strictEqual(disk?.totalBytes, 100_400)
    assert.strictEqual(disk?.freeBytes, 8_000)
    assert.deepStrictEqual(
      disk?.sources.map((source) => [source.integrationId, source.reportedPath]),
      [
        ["1", "/data"],
        ["2", "/data/"]
      ]
    )
  })

  it("are separate for equal paths of two hosts with different sizes, each with its owner", () => {
    const found = findDisks([
      report("1", { "/data": [100_000, 9_000] }, "/data/movies"),
      report("2", { "/data": [250_000, 90_000] }, "/data/shows"),
      report("3", { "/data": [250_100, 80_000] }, "/data/more")
    ])
    assert.deepStrictEqual(
      found.map((disk) => [disk.ownerIntegrationId, disk.freeBytes, disk.sources.length]),
      [
        ["1", 9_000, 1],
        ["2", 80_000, 2]
      ]
    )
  })

  it("are one disk for several root folders on it, and none without a size", () => {
    assert.lengthOf(findDisks([report("1", { "/data": [100, 10] }, "/data/movies", "/data/kids")]), 1)
    assert.lengthOf(findDisks([report("1", { "/data": [0, 0] }, "/data/movies")]), 0)
    assert.lengthOf(findDisks([report("1", { "/data": [100, 10] })]), 0)
  })
})
