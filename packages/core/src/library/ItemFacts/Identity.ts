/** What an item is and where its files are. */
import { itemKinds } from "../../integrations/Observations.ts"
import { catalog, type ItemFact, type ItemFacts, managed, managedWhole, manager } from "./Definition.ts"
import { through } from "./Through.ts"

const own =
  (name: "title" | "kind" | "year" | "path"): ItemFact["read"] =>
  (item, { sources }) =>
    through(sources.catalog(item.integrationId), item[name])

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
