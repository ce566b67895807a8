/**
 * Where the files of items are, by path: the same file that two applications manage is one thing, and a folder in which
 * another title stands cannot be deleted. Applications may see other paths; their mappings lead to the common ones.
 */
import { Effect } from "effect"
import { wholeKindOf } from "../integrations/Observations.ts"
import { mapperOf, type PathMapping, pathKey } from "../integrations/Paths.ts"
import { makeTurns } from "../integrations/Pauses.ts"
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

const fileOf = ({ data }: LibraryItem): string | null => data.filePath ?? null

const seasonOf = ({ data }: LibraryItem): number | null => data.catalog.seasonNumber ?? null

/**
 * Whether two items are the same files. Their own files say so where both are known; else it takes the same folder and
 * the same title, since several titles may stand in one folder.
 */
export const samePlace = (place: Placing, one: LibraryItem, other: LibraryItem): boolean => {
  if (one.kind !== other.kind || seasonOf(one) !== seasonOf(other)) return false
  const [file, otherFile] = [fileOf(one), fileOf(other)]
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

/**
 * Whether another of the entries that are summed is the same file and counts instead: applications may differ in what they
 * say of its size, and the larger counts.
 */
export const countsElsewhere = (
  sameFileAs: Places["sameFileAs"],
  summed: { readonly has: (item: LibraryItem) => boolean },
  item: LibraryItem
): boolean =>
  sameFileAs(item).some(
    (twin) =>
      summed.has(twin) &&
      (twin.sizeBytes > item.sizeBytes || (twin.sizeBytes === item.sizeBytes && Number(twin.id) < Number(item.id)))
  )

const none: ReadonlyArray<LibraryItem> = []

/** Built when it is first asked for, at once; `inTurns` builds it before that, and lets others have their turn. */
export const placesIn = (
  items: ReadonlyArray<LibraryItem>,
  mappings: MappingsOf
): Places & { readonly inTurns: Effect.Effect<void> } => {
  let built: Places | undefined
  const places = () => {
    if (built !== undefined) return built
    const steps = build(items, placing(mappings))
    let step = steps.next()
    while (step.done !== true) step = steps.next()
    return (built = step.value)
  }
  return {
    sameFileAs: (item) => places().sameFileAs(item),
    folderSharedWith: (item) => places().folderSharedWith(item),
    inTurns: Effect.gen(function* () {
      const turns = makeTurns()
      const steps = build(items, placing(mappings))
      for (let step = steps.next(); built === undefined; step = steps.next()) {
        if (step.done === true) built = step.value
        else if (turns.isOver()) yield* turns.next
      }
    })
  }
}

/** The items of each path; most paths have one. */
type ByPath = Map<string, LibraryItem | Array<LibraryItem>>

/** Steps after each of which one may pause. */
type Steps<A> = Generator<undefined, A, void>

const build = function* (items: ReadonlyArray<LibraryItem>, place: Placing): Steps<Places> {
  const folders: ByPath = new Map()
  const files: ByPath = new Map()
  for (const item of items) {
    if (item.path !== null) add(folders, place(item.integrationId, item.path), item)
    const file = fileOf(item)
    if (file !== null) add(files, place(item.integrationId, file), item)
    yield
  }
  const twins = new Map<string, Array<LibraryItem>>()
  for (const groups of [folders, files]) {
    for (const group of groups.values()) {
      if (Array.isArray(group)) addTwins(twins, group, place)
      yield
    }
  }
  const sameFileAs = (item: LibraryItem) => twins.get(item.id) ?? none
  const shared = yield* sharedFolders(folders, sameFileAs)
  return { sameFileAs, folderSharedWith: (item) => shared.get(item.id) }
}

const add = (map: ByPath, path: string, item: LibraryItem): void => {
  const before = map.get(path)
  if (before === undefined) map.set(path, item)
  else if (Array.isArray(before)) before.push(item)
  else map.set(path, [before, item])
}

/** Among the items of one path: those of one title, or of one file, in several applications. */
const addTwins = (twins: Map<string, Array<LibraryItem>>, group: ReadonlyArray<LibraryItem>, place: Placing): void => {
  const first = group[0]!.integrationId
  if (group.every((item) => item.integrationId === first)) return
  const alike = new Map<string, Array<LibraryItem>>()
  for (const item of group) {
    const part = `${item.kind}|${seasonOf(item) ?? ""}`
    const file = fileOf(item)
    if (file !== null) push(alike, `${part}|${place(item.integrationId, file)}`, item)
    for (const id of item.ids) push(alike, `${part}|${id}`, item)
  }
  for (const candidates of alike.values()) {
    for (const [index, one] of candidates.entries()) {
      for (const other of candidates.slice(index + 1)) {
        if (one.integrationId === other.integrationId || twins.get(one.id)?.includes(other) === true) continue
        if (!samePlace(place, one, other)) continue
        push(twins, one.id, other)
        push(twins, other.id, one)
      }
    }
  }
}

/** Parts stand in the folder of their whole, and their removal leaves it; only what has a folder of its own counts. */
const hasFolder = ({ kind }: LibraryItem): boolean => wholeKindOf(kind) === null

const sharedFolders = function* (
  folders: ByPath,
  sameFileAs: Places["sameFileAs"]
): Steps<ReadonlyMap<string, LibraryItem>> {
  const shared = new Map<string, LibraryItem>()
  const note = (item: LibraryItem, others: ReadonlyArray<LibraryItem>) => {
    if (!hasFolder(item) || shared.has(item.id)) return
    const twins = sameFileAs(item)
    const other = others.find((one) => one !== item && hasFolder(one) && !twins.includes(one))
    if (other !== undefined) shared.set(item.id, other)
  }
  const listOf = (group: LibraryItem | Array<LibraryItem> | undefined): ReadonlyArray<LibraryItem> =>
    group === undefined ? none : Array.isArray(group) ? group : [group]
  // Most folders stand side by side: what is above them is looked for once.
  const above = new Map<string, ReadonlyArray<LibraryItem>>()
  const ownersAbove = (folder: string): ReadonlyArray<LibraryItem> => {
    if (folder === "/") return none
    const parent = folder.slice(0, folder.lastIndexOf("/"))
    if (parent === "") return folder.startsWith("/") ? listOf(folders.get("/")) : none
    const known = above.get(parent)
    if (known !== undefined) return known
    const found = [...listOf(folders.get(parent)), ...ownersAbove(parent)]
    above.set(parent, found)
    return found
  }
  for (const [folder, group] of folders) {
    if (Array.isArray(group)) for (const item of group) note(item, group)
    const outer = ownersAbove(folder)
    if (outer.length > 0) for (const item of outer) note(item, listOf(group))
    yield
  }
  return shared
}

const push = <A>(map: Map<string, Array<A>>, key: string, value: A) => {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
