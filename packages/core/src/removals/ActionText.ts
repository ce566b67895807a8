/** How messages name what a removal does to its item. */
import type { RemovalAction } from "../integrations/Kind.ts"

export interface ActionText {
  /** What it is done to, within a sentence: `the files of "Alien"`. */
  readonly object: string
  /** The beginning of a sentence: `The files of "Alien" are`, `… were`, `… would be`. */
  readonly is: string
  readonly was: string
  readonly would: string
  /** The participle: `deleted`. */
  readonly done: string
  /** `Deleting the files of "Alien"`. */
  readonly doing: string
}

export const actionTextOf = ({
  action,
  title
}: {
  readonly action: RemovalAction
  readonly title: string
}): ActionText => {
  switch (action) {
    case "unmonitor":
      return text(`"${title}"`, "unmonitored", "Unmonitoring")
    case "delete-files":
      return {
        object: `the files of "${title}"`,
        is: `The files of "${title}" are`,
        was: `The files of "${title}" were`,
        would: `The files of "${title}" would be`,
        done: "deleted",
        doing: `Deleting the files of "${title}"`
      }
    default:
      return text(`"${title}"`, "removed", "Removing")
  }
}

const text = (object: string, done: string, doing: string): ActionText => ({
  object,
  is: `${object} is`,
  was: `${object} was`,
  would: `${object} would be`,
  done,
  doing: `${doing} ${object}`
})

/** Whether files are deleted; otherwise nothing becomes free, and the item stays in the library. */
export const deletesFiles = (action: RemovalAction): boolean => action !== "unmonitor"
