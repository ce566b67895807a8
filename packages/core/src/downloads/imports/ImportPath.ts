/** Where the files of a download are as its application sees them. */
import { isAbove, normalisePath, pathKey } from "../../integrations/Paths.ts"
import { type Downloading, type DownloadOwner } from "../Downloading.ts"
import type { ToCommon } from "../files/ClientPaths.ts"

export interface ImportPaths {
  readonly toCommon: ToCommon
  /** A common path as an integration names it. */
  readonly fromCommon: ToCommon
  /** Keys of the common paths of all downloads, with the ids of the stored downloads. */
  readonly contents: ReadonlyArray<{ readonly id: string; readonly key: string }>
}

export type ImportPath = { readonly path: string } | { readonly because: string }

/**
 * What the application says in its queue is mapped already; otherwise the path of the client is. A folder that holds more
 * than this download is never handed over, because an application imports whatever is in it.
 */
export const importPathOf = (
  { client, clientName, download, id, integrationId }: Downloading,
  { entry, integrationId: application, name }: DownloadOwner,
  { contents, fromCommon, toCommon }: ImportPaths
): ImportPath => {
  const { contentPath, incompletePath } = download
  const content = contentPath === null ? null : toCommon(integrationId, contentPath)
  const listed = entry?.outputPath ?? null
  const path = listed ?? (content === null ? null : fromCommon(application, content))
  if (path === null) return { because: `${clientName} does not say where its files are` }
  const places = [toCommon(application, path), ...(content === null ? [] : [content])].map(pathKey)
  const folders = [
    client.savePath,
    client.incompletePath,
    ...client.folders.map((folder) => folder.path),
    ...(client.categories ?? []).map((category) => category.path)
  ].flatMap((folder) => (folder === null || folder === "" ? [] : [pathKey(toCommon(integrationId, folder))]))
  if (places.some((place) => place === "/" || folders.some((folder) => isAbove(place, folder)))) {
    return { because: `${normalisePath(path)} is a folder of ${clientName}, not of this download alone` }
  }
  if (
    places.some((place) =>
      contents.some((other) => other.id !== id && other.key !== place && isAbove(place, other.key))
    )
  ) {
    return { because: `${normalisePath(path)} holds other downloads, too` }
  }
  const partial = incompletePath === null ? null : pathKey(toCommon(integrationId, incompletePath))
  if (content !== null && partial !== null && isAbove(partial, pathKey(content))) {
    return { because: `its files are still in the folder for incomplete ones, so that ${name} may not see them` }
  }
  return { path }
}
