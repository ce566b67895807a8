/** Consequences for an item of other items in the same file or the same folder. */
import type { LibraryItem } from "../library/Item.ts"
import type { Environment } from "./Decision.ts"

/** The applications delete the whole folder of an item with everything in it, or refuse to. */
export const whyFolderStays = (environment: Environment, item: LibraryItem): string | null => {
  const { folderHolds } = item.data
  if (folderHolds !== undefined) {
    return `Its folder ${item.path ?? ""} also contains "${folderHolds}" of a media server, whose files would be removed with it`
  }
  const other = environment.snapshot.folderSharedWith(item)
  return other === undefined
    ? null
    : `Its folder ${item.path ?? ""} is shared with "${other.title}" (${other.path ?? nameOf(environment, other)}), whose files would be removed with it`
}

/** Sentences about further copies of a title, and about other applications that manage its file. */
export const elsewhere = (environment: Environment, item: LibraryItem): ReadonlyArray<string> => {
  const copies = environment.snapshot.copiesOf(item)
  const places = copies.map(({ path, title }) => path ?? title).join(", ")
  const twins = environment.snapshot.sameFileAs(item)
  const within = twins.filter(({ integrationId }) => integrationId === item.integrationId)
  const managers = twins.filter((twin) => !within.includes(twin)).map((twin) => nameOf(environment, twin))
  return [
    ...(copies.length === 0
      ? []
      : [copies.length === 1 ? `another copy is at ${places}` : `${copies.length} other copies are at ${places}`]),
    ...(within.length === 0
      ? []
      : [
          `its file also contains ${within.map(({ title }) => `"${title}"`).join(" and ")}, which would be removed with it`
        ]),
    ...(managers.length === 0 ? [] : [`the same file is managed by ${managers.join(" and ")} too`])
  ]
}

export const nameOf = (environment: Environment, { integrationId }: LibraryItem): string =>
  environment.live.get(integrationId)?.integration.name ?? `integration ${integrationId}`
