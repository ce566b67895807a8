/**
 * Paths on the machines of the applications, compared as their file systems do: Windows paths (with a drive letter, or
 * the host of a share) ignore case, all others do not; composed and decomposed letters are equal.
 */
import { Schema } from "effect"

/** Most paths need no normalisation. */
const plain = (path: string): boolean => path.length > 1 && path[0] === "/" && !unusual.test(path)
const unusual = /[^ -[\]-~]|\/\/|\/$/

const isOfWindows = (path: string): boolean => /^(?:[a-z]:(?:[\\/]|$)|\\|\/\/[^/])/i.test(path)

/** For display: one kind of slash, none at the end. Case and letters are kept. */
export const normalisePath = (path: string): string => {
  if (plain(path)) return path
  if (isOfWindows(path)) {
    // `\\?\` only means that the path is used literally.
    const forward = path
      .replace(/\\/g, "/")
      .replace(/^\/\/\?\/UNC\//i, "//")
      .replace(/^\/\/\?\//, "")
    const host = forward.startsWith("//") ? "/" : ""
    return `${host}${forward.replace(/\/+/g, "/")}`.replace(/\/$/, "") || "/"
  }
  return path.replace(/\/+/g, "/").replace(/(?<=.)\/$/, "") || "/"
}

/** Equal for two paths exactly if they name the same location on one machine. */
export const pathKey = (path: string): string => {
  if (plain(path)) return path
  const normalised = normalisePath(path).normalize("NFC")
  return isOfWindows(path) ? normalised.toLowerCase() : normalised
}

/** Whether the first key is the second one or a folder above it. */
export const isAbove = (base: string, target: string): boolean =>
  base === "/"
    ? target.startsWith("/") && !target.startsWith("//")
    : target.startsWith(base) && (target.length === base.length || target[base.length] === "/")

/** Whether `folder` is `path` or above it. */
export const holds = (folder: string, path: string): boolean => isAbove(pathKey(folder), pathKey(path))

/** Finds the folder, out of many, that is nearest above a path. */
export const nearestFinder = <A extends { readonly path: string }>(
  folders: ReadonlyArray<A>
): ((path: string) => A | undefined) => {
  const nearestFirst = folders
    .map((folder) => ({ folder, base: pathKey(folder.path) }))
    .toSorted((one, other) => other.base.length - one.base.length)
  return (path) => {
    const target = pathKey(path)
    return nearestFirst.find(({ base }) => isAbove(base, target))?.folder
  }
}

const absolute = Schema.makeFilter((path: string) =>
  path.startsWith("/") || isOfWindows(path) ? undefined : "must be an absolute path"
)
const Folder = Schema.Trim.check(Schema.isBetweenLength(1, 4096), absolute)

/** A folder as one application sees it, and its common path. */
export const PathMapping = Schema.Struct({
  from: Folder.annotate({
    description: "A folder as this application names it, such as `/movies`."
  }),
  to: Folder.annotate({
    description: "The same folder as the other applications name it, such as `/data/movies`."
  })
}).annotate({ identifier: "PathMapping" })
export type PathMapping = typeof PathMapping.Type

export const PathMappings = Schema.Array(PathMapping).check(
  Schema.isMaxLength(50),
  Schema.makeFilter((mappings: ReadonlyArray<PathMapping>) =>
    new Set(mappings.map(({ from }) => pathKey(from))).size === mappings.length
      ? undefined
      : "names one folder twice in `from`"
  )
)

/** Maps the paths of an application to the common ones; the mapping that is nearest above a path applies. */
export const mapperOf = (mappings: ReadonlyArray<PathMapping>): ((path: string) => string) => {
  if (mappings.length === 0) return (path) => path
  const find = nearestFinder(mappings.map((mapping) => ({ ...mapping, path: mapping.from })))
  return (path) => {
    const mapping = find(path)
    if (mapping === undefined) return path
    const rest = normalisePath(path).normalize("NFC").slice(normalisePath(mapping.from).normalize("NFC").length)
    const to = normalisePath(mapping.to)
    return normalisePath(`${to}/${rest}`)
  }
}

/** The way back: maps common paths to those of an application. A Windows path has backslashes, as the application writes it. */
export const unmapperOf = (mappings: ReadonlyArray<PathMapping>): ((path: string) => string) => {
  const map = mapperOf(mappings.map(({ from, to }) => ({ from: to, to: from })))
  return (path) => {
    const mapped = map(path)
    return isOfWindows(mapped) ? mapped.replaceAll("/", "\\") : mapped
  }
}
