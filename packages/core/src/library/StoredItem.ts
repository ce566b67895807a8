/**
 * The documents of a stored item. A snapshot reads them for every item, so only their outline is checked: they were
 * complete when they were written. A form that changes gets a version.
 */
import { Result } from "effect"
import type { TypedId } from "../integrations/Observations.ts"
import { type DocumentFormat, isRecord, readDocument, requireDocument, textsIn } from "../storage/StoredDocuments.ts"
import type { ItemData } from "./Item.ts"

/** Die with `StoredDocumentInvalid`. */
export const itemDataOf = (id: number, text: string): ItemData => requireDocument(data, String(id), text)
/** For a page, which shows an item without its data if that is damaged. */
export const readableItemData = (id: number, text: string): ItemData | undefined =>
  Result.getOrUndefined(readDocument(data, String(id), text))
export const itemIdsOf = (id: number, text: string): ReadonlyArray<TypedId> => requireDocument(ids, String(id), text)
export const itemCollectionsOf = (id: number, text: string): ReadonlyArray<string> =>
  requireDocument(collections, String(id), text)

const data: DocumentFormat<ItemData> = {
  table: "item_documents",
  column: "data",
  version: 1,
  read: (value) => (isItemData(value) ? Result.succeed(value) : Result.fail("it is not the data of an item"))
}

const isItemData = (value: unknown): value is ItemData =>
  isRecord(value) &&
  isRecord(value["catalog"]) &&
  Array.isArray(value["onServers"]) &&
  Array.isArray(value["labels"]) &&
  Array.isArray(value["catalogCollections"])

const ids = textsIn("items", "ids")
const collections = textsIn("items", "collections")
