/**
 * Where the files of items are, by path: the same file that two applications manage is one thing, and a folder in which
 * another title stands cannot be deleted. Applications may see other paths; their mappings lead to the common ones.
 */
import { wholeKindOf } from "../integrations/Observations.ts"
import { mapperOf, type PathMapping, pathKey } from "../integrations/Paths.ts"
import type { LibraryItem } from "./Item.ts"

/** Mappings by the id of the integration whose paths they turn into the common ones. */
export type MappingsOf = ReadonlyMap<string, MappingList>
type MappingList = ReadonlyArray<PathMapping>

export const mappingsOf = (
  integrations: ReadonlyArray<{ readonly id: string; readonly options: { readonly pathMappings: MappingList } }>
): MappingsOf =>
  new Map(
    integrations.flatMap(({ id, options }) => (options.pathMappings.length === 0 ? [] : [[id, options.pathMappings]]))
  )

/** A path of an integration as it compares with those of the others. */
export type Placing = (integrationId: string, path: string) => string

export const placing = (mappings: MappingsOf): Placing => {
  const mappers = new Map([...mappings].map(([id, each]) => [id, mapperOf(each)]))
  return mappers.size === 0
    ? (_, path) => pathKey(path)
    : (integrationId, path) => pathKey(mappers.get(integrationId)?.(path) ?? path)
}

const seasonOf = ({ data }: LibraryItem): number | null => data.catalog.seasonNumber ?? null

/**
 * Whether two items are the same files. Their own files say so where both are known; else it takes the same folder and
 * the same title, since several titles may stand in one folder.
 */
export const samePlace = (place: Placing, one: LibraryItem, other: LibraryItem): boolean => {
  if (one.kind !== other.kind || seasonOf(one) !== seasonOf(other)) return false
  const [file, otherFile] = [one.data.filePath ?? null, other.data.filePath ?? null]
  if (file !== null && otherFile !== null)
    return place(one.integrationId, file) === place(other.integrationId, otherFile)
  if (one.path === null || other.path === null) return false
  return (
    one.ids.some((id) => other.ids.includes(id)) &&
    place(one.integrationId, one.path) === place(other.integrationId, other.path)
  )
}

export interface Places {
  /** The items of other applications that are the same files. */
  readonly sameFileAs: (item: LibraryItem) => ReadonlyArray<LibraryItem>
  /** Another title whose folder is that of this one, or lies in it: it would go with the folder. */
  readonly folderSharedWith: (item: LibraryItem) => LibraryItem | undefined
}

const none: ReadonlyArray<LibraryItem> = []

/** Built when it is first asked for. */
export const placesIn = (items: ReadonlyArray<LibraryItem>, mappings: MappingsOf): Places => {
  let built: Places | undefined
  const places = () => (built ??= build(items, placing(mappings)))
  return {
    sameFileAs: (item) => places().sameFileAs(item),
    folderSharedWith: (item) => places().folderSharedWith(item)
  }
}

const build = (items: ReadonlyArray<LibraryItem>, place: Placing): Places => {
  const folders = new Map<string, Array<LibraryItem>>()
  const files = new Map<string, Array<LibraryItem>>()
  for (const item of items) {
    if (item.path !== null) push(folders, place(item.integrationId, item.path), item)
    const file = item.data.filePath ?? null
    if (file !== null) push(files, place(item.integrationId, file), item)
  }
  const twins = new Map<string, ReadonlyArray<LibraryItem>>()
  for (const groups of [folders, files]) {
    for (const group of groups.values()) addTwins(twins, group, place)
  }
  const sameFileAs = (item: LibraryItem) => twins.get(item.id) ?? none
  const shared = sharedFolders(folders, sameFileAs)
  return { sameFileAs, folderSharedWith: (item) => shared.get(item.id) }
}

/** Among the items of one path: those of one title, or of one file, in several applications. */
const addTwins = (
  twins: Map<string, ReadonlyArray<LibraryItem>>,
  group: ReadonlyArray<LibraryItem>,
  place: Placing
): void => {
  const [first] = group
  if (group.length < 2 || group.every((item) => item.integrationId === first?.integrationId)) return
  const byTitle = new Map<string, Array<LibraryItem>>()
  for (const item of group) {
    const file = item.data.filePath ?? null
    const keys = file === null ? item.ids : [...item.ids, place(item.integrationId, file)]
    for (const key of keys) push(byTitle, `${item.kind}|${seasonOf(item) ?? ""}|${key}`, item)
  }
  for (const alike of byTitle.values()) {
    if (alike.length < 2) continue
    for (const item of alike) {
      const before = twins.get(item.id) ?? none
      const more = alike.filter(
        (other) =>
          other.integrationId !== item.integrationId && !before.includes(other) && samePlace(place, item, other)
      )
      if (more.length > 0) twins.set(item.id, [...before, ...more])
    }
  }
}

/** Parts stand in the folder of their whole, and their removal leaves it; only what has a folder of its own counts. */
const sharedFolders = (
  folders: ReadonlyMap<string, ReadonlyArray<LibraryItem>>,
  sameFileAs: Places["sameFileAs"]
): ReadonlyMap<string, LibraryItem> => {
  const shared = new Map<string, LibraryItem>()
  const owners = new Map<string, ReadonlyArray<LibraryItem>>()
  for (const [folder, group] of folders) {
    const wholes = group.length === 1 ? group : group.filter(({ kind }) => wholeKindOf(kind) === null)
    if (wholes.length > 0 && wholeKindOf(wholes[0]!.kind) === null) owners.set(folder, wholes)
  }
  const note = (item: LibraryItem, others: ReadonlyArray<LibraryItem>) => {
    if (shared.has(item.id)) return
    const other = others.find((one) => one !== item && !sameFileAs(item).includes(one))
    if (other !== undefined) shared.set(item.id, other)
  }
  // Most folders stand side by side: what is above them is looked for once.
  const above = new Map<string, ReadonlyArray<ReadonlyArray<LibraryItem>>>()
  const ownersAbove = (folder: string): ReadonlyArray<ReadonlyArray<LibraryItem>> => {
    const parent = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))
    if (parent === "" || parent === folder) return rootOwners
    const known = above.get(parent)
    if (known !== undefined) return known
    const own = owners.get(parent)
    const found = own === undefined ? ownersAbove(parent) : [own, ...ownersAbove(parent)]
    above.set(parent, found)
    return found
  }
  const atRoot = owners.get("/")
  const rootOwners = atRoot === undefined ? [] : [atRoot]
  for (const [folder, group] of owners) {
    if (group.length > 1) for (const item of group) note(item, group)
    for (const outer of ownersAbove(folder)) {
      if (outer === group) continue
      for (const item of outer) note(item, group)
    }
  }
  return shared
}

const push = <A>(map: Map<string, Array<A>>, key: string, value: A) => {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
