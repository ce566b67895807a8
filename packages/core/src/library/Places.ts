/**
 * The location of items' files, by path: a file that two applications manage is one file, and a folder that contains
 * another title cannot be deleted. Applications may use different paths; their mappings lead to the common ones.
 */
import { Effect } from "effect"
import { wholeKindOf } from "../integrations/Observations.ts"
import { mapperOf, type PathMapping, pathKey } from "../integrations/Paths.ts"
import { makeTurns } from "../integrations/Pauses.ts"
import type { LibraryItem } from "./Item.ts"

/** Mappings to the common paths, by integration id. */
export type MappingsOf = ReadonlyMap<string, MappingList>
type MappingList = ReadonlyArray<PathMapping>

export const mappingsOf = (
  integrations: ReadonlyArray<{ readonly id: string; readonly options: { readonly pathMappings: MappingList } }>
): MappingsOf =>
  new Map(
    integrations.flatMap(({ id, options }) => (options.pathMappings.length === 0 ? [] : [[id, options.pathMappings]]))
  )

/** Makes the path of an integration comparable with those of other integrations. */
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
 * Whether two items are the same files. If the file of both is known, the files decide; otherwise folder and title must
 * both be equal, since one folder may contain several titles.
 */
export const samePlace = (place: Placing, one: LibraryItem, other: LibraryItem): boolean => {
  if (one.kind !== other.kind || (one.kind !== "episode" && seasonOf(one) !== seasonOf(other))) return false
  const [file, otherFile] = [fileOf(one), fileOf(other)]
  if (file !== null && otherFile !== null)
    return place(one.integrationId, file) === place(other.integrationId, otherFile)
  if (one.path === null || other.path === null || one.kind === "episode") return false
  return (
    one.ids.some((id) => other.ids.includes(id)) &&
    place(one.integrationId, one.path) === place(other.integrationId, other.path)
  )
}

export interface Places {
  /** The items of other applications that are the same files, and other episodes in the file of an episode. */
  readonly sameFileAs: (item: LibraryItem) => ReadonlyArray<LibraryItem>
  /** Another title whose folder equals this one's, or lies within it: it would be removed with the folder. */
  readonly folderSharedWith: (item: LibraryItem) => LibraryItem | undefined
}

/**
 * Whether another one of the given entries is the same file and counts instead: applications may report different
 * sizes, of which the larger counts.
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

/** Built synchronously on first use; `inTurns` builds it beforehand, yielding in between. */
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

/** The items per path; most paths have one. */
type ByPath = Map<string, LibraryItem | Array<LibraryItem>>

/** A computation that may pause after each step. */
type Steps<A> = Generator<undefined, A, void>

const build = function* (items: ReadonlyArray<LibraryItem>, place: Placing): Steps<Places> {
  const folders: ByPath = new Map()
  const files: ByPath = new Map()
  for (const item of items) {
    // An episode is in the folder of its show, and is known by its file alone.
    if (item.path !== null && item.kind !== "episode") add(folders, place(item.integrationId, item.path), item)
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

/**
 * Finds, among the items at one path, those with the same title or the same file in several applications, and the episodes
 * with the same file.
 */
const addTwins = (twins: Map<string, Array<LibraryItem>>, group: ReadonlyArray<LibraryItem>, place: Placing): void => {
  const first = group[0]!.integrationId
  if (group.every((item) => item.integrationId === first && item.kind !== "episode")) return
  const alike = new Map<string, Array<LibraryItem>>()
  for (const item of group) {
    const part = item.kind === "episode" ? item.kind : `${item.kind}|${seasonOf(item) ?? ""}`
    const file = fileOf(item)
    if (file !== null) push(alike, `${part}|${place(item.integrationId, file)}`, item)
    if (item.kind === "episode") continue
    for (const id of item.ids) push(alike, `${part}|${id}`, item)
  }
  for (const candidates of alike.values()) {
    for (const [index, one] of candidates.entries()) {
      for (const other of candidates.slice(index + 1)) {
        const inOneFile = one.kind === "episode" || one.integrationId !== other.integrationId
        if (!inOneFile || twins.get(one.id)?.includes(other) === true) continue
        if (!samePlace(place, one, other)) continue
        push(twins, one.id, other)
        push(twins, other.id, one)
      }
    }
  }
}

/** Parts are in the folder of their whole, which their removal keeps; only items with a folder of their own count. */
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
  // Most folders are siblings, so the folders above them are looked up once.
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
