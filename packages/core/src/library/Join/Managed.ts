/**
 * Decides which entries of media servers a manager knows, or may know: by a shared id, by a file or folder that either
 * lists, and, since two applications may see the same files under different paths, by the names of files and folders.
 * Only an entry about which nothing of this is true may become an item of its media server.
 */
import type { CatalogItem, ItemKind, ServerItem, TypedId } from "../../integrations/Observations.ts"
import { fold } from "../../problems/Fold.ts"
import type { Placing } from "../Places.ts"
import type { JoinLookup } from "./Lookup.ts"

/** What a manager reports about one of its items. */
export interface ManagedItem extends Pick<CatalogItem, "kind" | "ids" | "path" | "filePath" | "files"> {
  readonly title: string
  readonly year: number | null
}

/** An entry of a media server, with everything that any media server knows about it. */
export interface Unclaimed {
  readonly kind: ItemKind
  readonly ids: ReadonlyArray<TypedId>
  readonly title: string
  readonly year: number | null
  readonly paths: ReadonlyArray<{ readonly integrationId: string; readonly path: string }>
}

export class ManagedItems {
  readonly #place: Placing
  readonly #ids = new Set<string>()
  readonly #paths = new Set<string>()
  /** Every folder above one of the paths. */
  readonly #above = new Set<string>()
  readonly #names = new Set<string>()
  /** Years by title. */
  readonly #titles = new Map<string, Array<number | null>>()

  constructor(place: Placing) {
    this.#place = place
  }

  add(integrationId: string, item: ManagedItem): void {
    for (const id of item.ids) this.#ids.add(`${sharedKind(item.kind)}|${id}`)
    // Parts are in the folder of their whole.
    if (item.kind === "season" || item.kind === "album" || item.kind === "book") return
    const title = titleKey(item.kind, item.title)
    const years = this.#titles.get(title)
    if (years === undefined) this.#titles.set(title, [item.year])
    else years.push(item.year)
    for (const path of [item.path, item.filePath, ...(item.files ?? []).map((file) => file.path)]) {
      if (path === null || path === undefined || path === "") continue
      const placed = this.#place(integrationId, path)
      if (this.#paths.has(placed)) continue
      this.#paths.add(placed)
      this.#names.add(nameKey(placed))
      for (const folder of foldersAbove(placed)) {
        if (this.#above.has(folder)) break
        this.#above.add(folder)
      }
    }
  }

  /** Whether a manager knows it, or nothing proves that none does. */
  mayKnow(entry: Unclaimed): boolean {
    // Its file may be one that a manager lists.
    return entry.paths.length === 0 || this.seemsToKnow(entry)
  }

  /** As `mayKnow`, for entries in a list that does not contain their files: then their ids decide. */
  seemsToKnow({ ids, kind, paths, title, year }: Unclaimed): boolean {
    if (ids.some((id) => this.#ids.has(`${sharedKind(kind)}|${id}`))) return true
    const isListed = paths.some(({ integrationId, path }) => {
      const placed = this.#place(integrationId, path)
      const folders = foldersAbove(placed)
      return (
        this.#paths.has(placed) ||
        this.#above.has(placed) ||
        folders.some((folder) => this.#paths.has(folder)) ||
        this.#names.has(nameKey(placed)) ||
        // The folder of a file; the one of a show is its path.
        (kind === "movie" && this.#names.has(nameKey(folders[0] ?? "")))
      )
    })
    if (isListed) return true
    // Without an id, a title is no proof that it is another one.
    return (
      ids.length === 0 &&
      (this.#titles.get(titleKey(kind, title)) ?? []).some(
        (other) => year === null || other === null || Math.abs(year - other) <= 1
      )
    )
  }
}

/** As `Unclaimed`, of an entry in the list of a media server. */
export const unclaimedOf = (integrationId: string, item: ServerItem): Unclaimed => ({
  kind: item.kind,
  ids: item.ids,
  title: item.title,
  year: item.year,
  paths: (item.paths ?? []).map((path) => ({ integrationId, path }))
})

/** Whether a manager knows a movie or a show of a media server, by everything that any media server knows about it. */
export const mayBeManaged = (
  managed: ManagedItems,
  lookup: Pick<JoinLookup, "serverItemsOf">,
  integrationId: string,
  item: CatalogItem
): boolean => {
  const found = lookup.serverItemsOf(integrationId, item)
  const own = [item.path, item.filePath].flatMap((path) =>
    path === null || path === undefined ? [] : [{ integrationId, path }]
  )
  const { ids, kind, title, year } = item
  return managed.mayKnow({
    kind,
    title,
    year,
    ids: [...ids, ...found.flatMap((one) => one.item.ids)],
    paths: [...own, ...found.flatMap((one) => unclaimedOf(one.integrationId, one.item).paths)]
  })
}

const sharedKind = (kind: ItemKind): ItemKind => (kind === "season" ? "show" : kind)

const titleKey = (kind: ItemKind, title: string): string => `${kind}|${fold(title.trim())}`

/** Without case: one application may see a share of Windows, where the case of placed paths is lost. */
const nameKey = (placed: string): string => placed.slice(placed.lastIndexOf("/") + 1).toLowerCase()

/** The folders that contain it, the nearest first, without the root of the file system. */
const foldersAbove = (placed: string): ReadonlyArray<string> => {
  const folders: Array<string> = []
  for (let at = placed.lastIndexOf("/"); at > 0; at = placed.lastIndexOf("/", at - 1)) folders.push(placed.slice(0, at))
  return folders
}
