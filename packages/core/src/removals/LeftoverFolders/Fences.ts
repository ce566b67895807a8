/** Whether a folder was that of a removed movie alone, as far as the library knows. Pure; all paths are common paths. */
import { isAbove, normalisePath, pathKey } from "../../integrations/Paths.ts"

export interface Leftover {
  readonly folder: string
  /** The file that was deleted. */
  readonly file: string | null
}

export interface Surroundings {
  /** Root folders of all applications. */
  readonly roots: ReadonlyArray<string>
  /** Folders and files of everything that is in the library now. */
  readonly places: Iterable<string>
}

/** A sentence, or `null` if nothing speaks against it. */
export const whyFolderIsKept = ({ file, folder }: Leftover, { places, roots }: Surroundings): string | null => {
  const own = pathKey(folder)
  if (!own.startsWith("/") || normalisePath(folder) !== folder || /(^|\/)\.{1,2}(\/|$)/.test(own)) {
    return `its path is not a plain one: ${folder}`
  }
  const bases = roots.map(pathKey)
  if (bases.some((root) => isAbove(own, root))) return `it is a root folder, or contains one: ${folder}`
  if (!bases.some((root) => root !== "/" && isAbove(root, own)))
    return `it is outside the known root folders: ${folder}`
  if (file === null || pathKey(file) === own || !isAbove(own, pathKey(file))) {
    return "nothing proves that the deleted file was in it"
  }
  for (const place of places) {
    const other = pathKey(place)
    if (isAbove(own, other)) return `it is the folder of another item, or contains one: ${place}`
    if (isAbove(other, own) && !bases.includes(other)) return `it is in the folder of another item: ${place}`
  }
  return null
}

/** The nearest root folder above it, in which it is quarantined. */
export const rootOf = (folder: string, roots: ReadonlyArray<string>): string | undefined =>
  roots.filter((root) => isAbove(pathKey(root), pathKey(folder))).toSorted((one, other) => other.length - one.length)[0]
