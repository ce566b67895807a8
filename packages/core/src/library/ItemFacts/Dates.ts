/** When an item and its files were added. */
import { wholeKindOf } from "../../integrations/Observations.ts"
import { type Fact, inapplicable } from "../Facts.ts"
import { daysSince, wholeDaysSince } from "../Facts/Derivations.ts"
import type { LibraryItem } from "../Item.ts"
import { catalog, type ItemContext, type ItemFacts, managed, manager, unreadable } from "./Definition.ts"
import { notMatched, through } from "./Through.ts"

/** For a part, the date usually comes from a media server; for anything else, from the manager. */
const addedAtFact = (item: LibraryItem, { sources }: ItemContext): Fact => {
  const { addedAt } = item.data
  const catalog = sources.catalog(item.integrationId)
  if (wholeKindOf(item.kind) === null) return addedAt === undefined ? inapplicable : through(catalog, addedAt)
  const servers = sources.servers(item.kind)
  if (addedAt === undefined) {
    const believed = servers._tag === "None" ? catalog : servers
    return notMatched(believed, `no application reports when this ${item.kind} was added`)
  }
  return through(catalog._tag === "Fresh" && servers._tag === "Unsure" ? servers : catalog, addedAt)
}

export const dates = {
  addedAt: {
    type: "date",
    title: "Added at",
    description: "When it was added to the library; an upgrade of its file does not change this.",
    aliases: ["date_added", "added"],
    source:
      "movies: the earliest of the dates from media servers and the date of the file, or else the date in the manager's list; parts: the latest date that any source reports for the part",
    unknown: "no application reports the date of a part",
    ofPart: "the part",
    read: addedAtFact,
    derived: {
      timeInLibrary: {
        type: "number",
        title: "Time in library",
        description:
          "Days since it was added, with fractions; negative if that date is in the future. None if there is no date, in which case only isEmpty holds.",
        unit: "days",
        elapsed: true,
        read: daysSince
      },
      daysSinceAdded: {
        type: "number",
        title: "Days since added",
        description: "Whole days since it was added; negative if that date is in the future.",
        unit: "days",
        elapsed: true,
        read: wholeDaysSince
      }
    }
  },
  fileAddedAt: {
    type: "date",
    title: "File added at",
    description: "When its newest file was added: the first one, or an upgrade.",
    aliases: ["date_imported", "file_date"],
    source: manager,
    unknown: `${unreadable}; for a part, the application may not report it at all`,
    ofPart: "the part",
    read: catalog("fileAddedAt"),
    derived: {
      daysSinceFileAdded: {
        type: "number",
        title: "Days since its file was added",
        description: "Whole days since its newest file was added; negative if that date is in the future.",
        unit: "days",
        elapsed: true,
        read: wholeDaysSince
      }
    }
  },
  releasedAt: {
    type: "date",
    title: "Released at",
    description: "Date of release.",
    aliases: ["release_date", "released"],
    ...managed,
    read: catalog("releasedAt")
  }
} as const satisfies ItemFacts
