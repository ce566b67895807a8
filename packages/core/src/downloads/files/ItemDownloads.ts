/**
 * The downloads of items of the library: those that were fetched for them, by the history of their application, and those
 * whose files are hard links of theirs.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { go, spare, type Verdict, wait } from "../../acts/Verdict.ts"
import type { QueueTarget } from "../../integrations/QueueCapability.ts"
import type { LibraryItem } from "../../library/Item.ts"
import { Snapshots } from "../../library/Snapshots.ts"
import { RemovalsSettings } from "../../settings/RemovalsSettings.ts"
import { Settings } from "../../settings/Settings.ts"
import { ReadSql } from "../../storage/Database.ts"
import { type Downloading, ownerOf, possibleOwnersOf } from "../Downloading.ts"
import { Downloads } from "../Downloads.ts"
import { isComplete } from "../Observation.ts"
import { Obligation, Obligations } from "../Obligations.ts"
import { commonPaths } from "./ClientPaths.ts"
import { LinkStore } from "./LinkStore.ts"
import { fileKey, makeRealFiles } from "./RealFiles.ts"

export const ItemDownload = Schema.Struct({
  downloadId: Schema.String,
  name: Schema.String,
  client: Schema.String,
  by: Schema.Literals(["history", "link"]).annotate({
    description:
      "How it is known: `history` = it was fetched for the item; `link` = its files are hard links of those of the item."
  }),
  obligation: Obligation
}).annotate({ identifier: "ItemDownload" })
export type ItemDownload = typeof ItemDownload.Type

type Item = Pick<LibraryItem, "id" | "integrationId" | "externalId" | "kind"> & {
  readonly data: Pick<LibraryItem["data"], "filePath">
}

/** Whether what was fetched is for an item, or for a part of it. */
export const isFor = ({ partId, seasonNumber, wholeId }: QueueTarget, { externalId }: Pick<Item, "externalId">) => {
  const [, whole, letter, number] = /^([^:]+)(?::([a-z])(\d+))?$/.exec(externalId) ?? []
  if (whole !== wholeId) return false
  if (letter === undefined) return true
  return letter === "s" ? seasonNumber === undefined || seasonNumber === Number(number) : partId === number
}

export class ItemDownloads extends Context.Service<
  ItemDownloads,
  {
    /** By the last readings; the files of the items are looked at now. */
    readonly of: (items: ReadonlyArray<Item>) => Effect.Effect<ReadonlyArray<ItemDownload>>
    /** Why `of` may not have all downloads of some item; `null` = it has them as far as applications and clients know. */
    readonly unclear: Effect.Effect<string | null>
    /** Whether a download may go because its item was removed, by the last readings. */
    readonly mayGo: (one: Downloading) => Effect.Effect<Verdict>
  }
>()("tendarr/downloads/ItemDownloads") {
  static readonly layer = Layer.effect(
    ItemDownloads,
    Effect.gen(function* () {
      const downloads = yield* Downloads
      const obligations = yield* Obligations
      const reader = yield* ReadSql
      const settings = yield* Settings
      const snapshots = yield* Snapshots
      const sql = yield* SqlClient.SqlClient
      const store = yield* LinkStore
      const { see } = yield* makeRealFiles
      const toCommonNow = yield* commonPaths

      /** Device and inode of the files of items, as far as they can be seen. */
      const filesOf = Effect.fnUntraced(function* (items: ReadonlyArray<Item>) {
        const toCommon = yield* toCommonNow
        const owners = new Map(items.map(({ id, integrationId }) => [id, integrationId]))
        const rows = yield* Effect.orDie(
          reader<{ readonly item: number; readonly path: string }>`SELECT item_id AS item, path FROM item_files
            WHERE path IS NOT NULL AND ${sql.in("item_id", [...owners.keys()].map(Number))}`
        )
        const paths = new Set([
          ...items.flatMap(({ data, integrationId }) =>
            data.filePath == null ? [] : [toCommon(integrationId, data.filePath)]
          ),
          ...rows.map(({ item, path }) => toCommon(owners.get(String(item)) ?? "", path))
        ])
        const keys = new Set<string>()
        for (const path of paths) {
          const seen = yield* see(path)
          if (seen._tag === "File") keys.add(fileKey(seen.file))
        }
        return keys
      })

      const of: ItemDownloads["Service"]["of"] = Effect.fn("ItemDownloads.of")(function* (items) {
        const all = yield* downloads.current
        if (items.length === 0 || all.length === 0) return []
        const keys = yield* filesOf(items)
        const links = yield* store.all
        const found: Array<ItemDownload> = []
        for (const one of all) {
          const isFetched = possibleOwnersOf(one).some(({ integrationId, targets }) =>
            items.some((item) => item.integrationId === integrationId && targets.some((target) => isFor(target, item)))
          )
          const reading = links.get(one.id)?.reading
          const isLinked = reading?._tag === "Read" && reading.files.some((file) => keys.has(fileKey(file)))
          if (!isFetched && !isLinked) continue
          found.push({
            downloadId: one.id,
            name: one.download.name,
            client: one.clientName,
            by: isFetched ? "history" : "link",
            obligation: yield* obligations.of(one)
          })
        }
        return found
      })

      const unclear = Effect.gen(function* () {
        const unread = yield* downloads.unread
        if (unread !== null) return unread
        for (const one of yield* downloads.current) {
          const { ownership } = one
          if (ownership._tag !== "Unknown" || possibleOwnersOf(one).length > 0) continue
          if ((yield* obligations.of(one))._tag === "Free") continue
          return `it is not known for what "${one.download.name}" was fetched: ${ownership.because}`
        }
        return null
      })

      const mayGo: ItemDownloads["Service"]["mayGo"] = Effect.fnUntraced(function* (one) {
        if (!(yield* settings.get(RemovalsSettings)).downloadsToo) return spare("the setting was switched off")
        if (one.ownership._tag === "Unknown") return wait(one.ownership.because)
        const owner = ownerOf(one)
        if (!isComplete(one.download)) return spare("it is not complete, so it is not what was removed")
        if (owner?.entry != null) return wait(`it is in the queue of ${owner.name}`)
        const { items } = yield* snapshots.get
        const own = items.filter(
          (item) =>
            item.integrationId === owner?.integrationId &&
            item.sizeBytes > 0 &&
            owner.targets.some((target) => isFor(target, item))
        )
        const wholes = new Set(own.map(({ parentExternalId }) => parentExternalId))
        const left = own.find(({ externalId }) => !wholes.has(externalId))
        if (left !== undefined) return spare(`"${left.title}", for which it was fetched, is still in the library`)
        if ((one.links?.outside ?? 0) > 0) return spare("its files are hard links of others that are still there")
        const obligation = yield* obligations.of(one)
        return obligation._tag === "Free" ? go : wait(obligation.because)
      })

      return ItemDownloads.of({ of, unclear, mayGo })
    })
  )
}
