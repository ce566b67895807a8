/** What an item is and where its files are. */
import { itemKinds } from "../../integrations/Observations.ts"
import type { LibraryItem } from "../Item.ts"
import { catalog, type ItemFact, type ItemFacts, managed, managedWhole, manager } from "./Definition.ts"
import { through } from "./Through.ts"

const own =
  (name: "title" | "kind" | "year" | "path"): ItemFact["read"] =>
  (item, { sources }) =>
    through(sources.catalog(item.integrationId), item[name])

/** The application's own number of an item; of a part, that of its whole. */
const numberOf = ({ externalId }: LibraryItem): number | null => {
  const [digits] = /^\d{1,15}(?=:|$)/.exec(externalId) ?? []
  return digits === undefined ? null : Number(digits)
}

export const identity = {
  title: {
    type: "string",
    title: "Title",
    description: "Title of the item.",
    source: manager,
    unknown: "never",
    ofPart: "the part",
    read: own("title")
  },
  kind: {
    type: "string",
    title: "Kind",
    description: "What the item is.",
    aliases: ["type", "item_kind", "media_type"],
    values: itemKinds,
    source: manager,
    unknown: "never",
    ofPart: "the part",
    read: own("kind")
  },
  managerId: {
    type: "number",
    title: "Number in the application",
    description: "The number by which the managing application knows it; of a part, that of its whole.",
    aliases: ["movie_id", "series_id"],
    source: manager,
    unknown: "never; empty if the application has no numbers",
    ofPart: "the whole",
    read: (item, { sources }) => through(sources.catalog(item.integrationId), numberOf(item))
  },
  year: {
    type: "number",
    title: "Year",
    description: "Year of release.",
    aliases: ["release_year"],
    ...managedWhole,
    read: own("year")
  },
  path: {
    type: "string",
    title: "Path",
    description: "Folder or file as the managing application sees it.",
    aliases: ["file_path"],
    ...managedWhole,
    read: own("path")
  },
  rootFolder: {
    type: "string",
    title: "Root folder",
    description: "Library folder that contains the item.",
    named: "root folder",
    ...managedWhole,
    read: (item, { sources }) => through(sources.catalog(item.integrationId), item.data.rootFolder)
  },
  studio: {
    type: "string",
    title: "Studio",
    description: "Studio or network.",
    aliases: ["network"],
    ...managedWhole,
    read: catalog("studio")
  },
  genres: {
    type: "strings",
    title: "Genres",
    description: "Genres.",
    aliases: ["genre"],
    ...managedWhole,
    read: catalog("genres")
  },
  tags: {
    type: "strings",
    title: "Tags",
    description: "Tags in the managing application.",
    aliases: ["tag"],
    named: "tag",
    ...managedWhole,
    read: catalog("tags")
  },
  language: {
    type: "string",
    title: "Language",
    description: "Original language.",
    aliases: ["original_language"],
    ...managedWhole,
    read: catalog("language")
  },
  contentRating: {
    type: "string",
    title: "Content rating",
    description: "Age rating, such as PG-13.",
    aliases: ["certification"],
    ...managedWhole,
    read: catalog("contentRating")
  },
  runtimeMinutes: {
    type: "number",
    title: "Runtime",
    description: "Length of the movie, of an episode, or of the album.",
    unit: "minutes",
    aliases: ["runtime"],
    ...managedWhole,
    read: catalog("runtimeMinutes")
  },
  monitored: {
    type: "boolean",
    title: "Monitored",
    description: "Whether the managing application monitors it and searches for it.",
    aliases: ["is_monitored"],
    ...managed,
    read: catalog("monitored")
  }
} as const satisfies ItemFacts
