/**
 * Movies and shows of a media server in the form of a manager's items, for the entries that no manager knows. Shared by
 * the kinds of media servers.
 */
import { Schema } from "effect"
import { configField } from "../ConfigForm.ts"
import type { CatalogFacts, CatalogItem, TypedId } from "../Observations.ts"
import { distinctTexts, folderOf, seasonTitle } from "./Values.ts"

/** The field of a configuration that allows to remove such entries. */
export const manageUnknownField = (permission: string) =>
  Schema.optionalKey(
    configField(Schema.Boolean, {
      title: "Manage what no manager knows",
      description: `Movies and shows of this server that no manager lists become items, which are removed through the server with their files. That cannot be undone. Off unless it is chosen. ${permission}`
    })
  )

/** A file of a movie or of an episode; `null` = the server does not report its size. */
export interface ServerFile {
  readonly path: string
  readonly sizeBytes: number | null
}

interface Described {
  readonly title: string
  readonly year: number | null
  readonly ids: ReadonlyArray<TypedId>
  readonly addedAt: string | null
  readonly runtimeMinutes: number | null
  readonly rootFolders: ReadonlyArray<string>
}

export interface ServerMovie extends Described {
  readonly externalId: string
  readonly files: ReadonlyArray<ServerFile>
  /** The folder that is deleted with it; `null` = only its files are. */
  readonly folder: string | null
}

export interface ServerSeason {
  readonly number: number
  readonly addedAt: string | null
  readonly files: ReadonlyArray<ServerFile>
}

export interface ServerShow extends Described {
  readonly externalId: string
  readonly folders: ReadonlyArray<string>
  /** Of all its episodes, including those whose season is not among the seasons. */
  readonly files: ReadonlyArray<ServerFile>
  readonly seasons: ReadonlyArray<ServerSeason>
}

export const movieItem = (movie: ServerMovie): CatalogItem => {
  const [file, ...more] = movie.files
  const filePath = file === undefined || more.length > 0 ? null : file.path
  const path = movie.folder ?? filePath ?? commonFolder(movie.files)
  return {
    ...described(movie),
    externalId: movie.externalId,
    kind: "movie",
    parentExternalId: null,
    path,
    filePath,
    rootFolder: rootAbove(movie.rootFolders, path),
    ...sized(movie.files),
    facts: facts(movie)
  }
}

/** The show, followed by its seasons. */
export const showItems = (show: ServerShow): ReadonlyArray<CatalogItem> => {
  // Which folder holds which season is not known.
  const path = show.folders.length === 1 ? (show.folders[0] ?? null) : null
  const common = { ...described(show), path, rootFolder: rootAbove(show.rootFolders, path) }
  const latest = Math.max(...show.seasons.map(({ number }) => number))
  return [
    {
      ...common,
      externalId: show.externalId,
      kind: "show",
      parentExternalId: null,
      ...sized(show.files),
      facts: { ...facts(show), seasonCount: show.seasons.length, episodeCount: show.files.length }
    },
    ...show.seasons.map((season): CatalogItem => ({
      ...common,
      externalId: seasonIdOf(show.externalId, season.number),
      kind: "season",
      parentExternalId: show.externalId,
      title: seasonTitle(show.title, season.number),
      wholeTitle: show.title,
      ...sized(season.files),
      facts: {
        ...facts(show),
        addedAt: season.addedAt,
        seasonNumber: season.number,
        episodeCount: season.files.length,
        latestSeason: season.number === latest
      }
    }))
  ]
}

const seasonIdOf = (show: string, number: number): string => `${show}:s${number}`

/** The show and the number of a season. */
export const seasonIn = (externalId: string): { readonly show: string; readonly number: number } | null => {
  const [, show, number] = /^(.+):s(\d+)$/.exec(externalId) ?? []
  return show === undefined ? null : { show, number: Number(number) }
}

/** Of the seasons of a show: those whose number identifies them. Duplicates cannot be told apart by it. */
export const numbered = <A>(
  seasons: ReadonlyArray<A>,
  numberOf: (season: A) => number | null | undefined
): ReadonlyArray<readonly [number, A]> =>
  seasons.flatMap((season): ReadonlyArray<readonly [number, A]> => {
    const number = numberOf(season)
    if (number === null || number === undefined || number < 0) return []
    return seasons.filter((other) => numberOf(other) === number).length > 1 ? [] : [[number, season]]
  })

const described = ({ ids, title, year }: Described) => ({
  title,
  sortTitle: null,
  year,
  ids,
  posterUrl: null,
  collections: []
})

const facts = ({ addedAt, runtimeMinutes }: Described): CatalogFacts => ({
  addedAt,
  ...(runtimeMinutes === null ? {} : { runtimeMinutes })
})

const sized = (files: ReadonlyArray<ServerFile>): Pick<CatalogItem, "sizeBytes" | "untold"> => {
  // One file may hold several episodes.
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]))
  const sizeBytes = [...sizes.values()].reduce<number>((sum, size) => sum + (size ?? 0), 0)
  return [...sizes.values()].includes(null)
    ? { sizeBytes, untold: { sizeBytes: "the server does not report the size of all its files" } }
    : { sizeBytes }
}

const commonFolder = (files: ReadonlyArray<ServerFile>): string | null => {
  const folders = distinctTexts(files.map(({ path }) => folderOf(path)))
  return folders.length === 1 ? (folders[0] ?? null) : null
}

const rootAbove = (roots: ReadonlyArray<string>, path: string | null): string | null =>
  path === null
    ? null
    : (roots.find((root) => path.startsWith(`${root.replace(/[/\\]+$/, "")}/`) || path.startsWith(`${root}\\`)) ?? null)
