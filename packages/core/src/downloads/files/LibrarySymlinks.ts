/** Files of the library that are symbolic links: what these lead to is in use, although no hard link says so. */
import { Effect, FileSystem, Option } from "effect"
import { Snapshots } from "../../library/Snapshots.ts"
import { ReadSql } from "../../storage/Database.ts"
import type { ToCommon } from "./ClientPaths.ts"

/** Returns the real paths of these files, of the items of all applications. */
export const librarySymlinks = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const reader = yield* ReadSql
  const snapshots = yield* Snapshots
  return Effect.fn("LibrarySymlinks.read")(function* (toCommon: ToCommon) {
    const { items } = yield* snapshots.get
    const owners = new Map(items.map(({ id, integrationId }) => [id, integrationId]))
    const rows = yield* Effect.orDie(
      reader<{ readonly item: number; readonly path: string }>`SELECT item_id AS item, path FROM item_files
        WHERE path IS NOT NULL`
    )
    const files = [
      ...items.flatMap(({ data, integrationId }) =>
        data.filePath == null ? [] : [toCommon(integrationId, data.filePath)]
      ),
      ...rows.flatMap(({ item, path: at }) => {
        const owner = owners.get(String(item))
        return owner === undefined ? [] : [toCommon(owner, at)]
      })
    ]
    const found = yield* Effect.forEach(
      new Set(files),
      (file) =>
        Effect.map(Effect.option(fs.realPath(file)), (real) =>
          Option.isSome(real) && real.value !== file ? [real.value] : []
        ),
      { concurrency: 16 }
    )
    return found.flat()
  })
})
