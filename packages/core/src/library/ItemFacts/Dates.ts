/** When an item and its files were added. */
import { wholeKindOf } from "../../integrations/Observations.ts"
import { type Fact, inapplicable } from "../Facts.ts"
import { daysSince, wholeDaysSince } from "../Facts/Derivations.ts"
import type { LibraryItem } from "../Item.ts"
import { catalog, type ItemContext, type ItemFacts, managed, managedWhole, manager, unreadable } from "./Definition.ts"
import { leftOpen, notMatched, through } from "./Through.ts"

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

/** A season has that of its show; both are unknown if the application left the show's open. */
const firstAiredAtFact = (item: LibraryItem, context: ItemContext): Fact => {
  const show = item.kind === "season" ? context.family.parentOf(item) : item
  return show === undefined ? inapplicable : leftOpen(show, "releasedAt", catalog("releasedAt")(show, context))
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
  },
  inCinemasAt: {
    type: "date",
    title: "In cinemas at",
    description: "When it came, or comes, to cinemas.",
    aliases: ["in_cinemas"],
    kinds: ["movie"],
    ...managed,
    read: catalog("inCinemasAt")
  },
  digitalReleaseAt: {
    type: "date",
    title: "Digital release",
    description: "When it was, or is, released for streaming and download.",
    kinds: ["movie"],
    ...managed,
    read: catalog("digitalReleaseAt")
  },
  physicalReleaseAt: {
    type: "date",
    title: "Physical release",
    description: "When it was, or is, released on disc.",
    kinds: ["movie"],
    ...managed,
    read: catalog("physicalReleaseAt")
  },
  firstAiredAt: {
    type: "date",
    title: "First aired at",
    description: "When the first episode of the show aired.",
    aliases: ["first_air_date"],
    kinds: ["show", "season"],
    ...managedWhole,
    read: (item, context) => firstAiredAtFact(item, context)
  },
  latestReleaseAt: {
    type: "date",
    title: "Latest release",
    description: "When the latest album or book that is out was released; empty if none is out.",
    kinds: ["artist", "author"],
    ...managed,
    read: catalog("latestReleaseAt"),
    derived: {
      daysSinceLatestRelease: {
        type: "number",
        title: "Days since the latest release",
        description: "Whole days since the latest album or book was released.",
        unit: "days",
        elapsed: true,
        read: wholeDaysSince
      }
    }
  },
  nextReleaseAt: {
    type: "date",
    title: "Next release",
    description: "When the next album or book is released; empty if none is announced.",
    kinds: ["artist", "author"],
    ...managed,
    read: catalog("nextReleaseAt")
  }
} as const satisfies ItemFacts
