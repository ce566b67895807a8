/** The end of a set-up: what a run would remove, according to the plan of the run itself, and what to do next. */
import type { CapacityPreviewResponse } from "@tendarr/sdk-client"
import { Effect } from "effect"
import type { Ask } from "../connection/Connection.ts"
import type { Place } from "../connection/Place.ts"
import { defaultDataDir } from "../connection/Place.ts"
import { planText, standingLines } from "../output/Counts.ts"
import { bytes, clean } from "../output/Format.ts"
import type { Style } from "../output/Style.ts"
import { previewed } from "../Previewed.ts"

/** What a run would remove now; if that is nothing, the first candidates. */
export const outlookOf = Effect.fnUntraced(function* (ask: Ask) {
  const planned = yield* previewed(ask, Number.POSITIVE_INFINITY, { status: "planned" })
  return planned.items.length > 0 ? planned : yield* previewed(ask, shown, { status: "candidate" })
})

const shown = 3

/** The first three, with the reason of each on a separate line. */
export const outlookLines = (preview: CapacityPreviewResponse, style: Style): ReadonlyArray<string> => {
  const { items, summary } = preview
  const standing = standingLines(summary)
  if (items.length === 0) {
    return summary.evaluated === 0
      ? ["The library is empty: nothing was read that could be removed."]
      : [
          ...standing,
          summary.undecided.items > 0
            ? "Nothing could be removed yet: items with an unknown fact are undecided, and are kept."
            : "Nothing could be removed: everything is kept, protected, or cannot be removed."
        ]
  }
  const more = summary.planned.items - shown
  return [
    style.bold(summary.planned.items > 0 ? "What a run would remove, and why" : "What would be removed first, and why"),
    ...items
      .slice(0, shown)
      .flatMap(({ reason, score, sizeBytes, title, year }, index) => [
        `  ${index + 1}. ${style.bold(clean(title))}${year === null ? "" : ` (${year})`}, ${bytes(sizeBytes)}, score ${score.toFixed(2)}`,
        `     ${clean(reason)}`
      ]),
    ...(more > 0 ? [`  and ${more} more: \`tendarr preview --status planned\``] : []),
    "",
    ...standing,
    whatRunTakes(summary)
  ]
}

const whatRunTakes = (summary: CapacityPreviewResponse["summary"]): string =>
  summary.bytesToFree === 0 ? "No disk is over its limits: a run would remove nothing now." : planText(summary)

/** Useful next commands, as they have to be typed for this installation. */
export const nextLines = (
  place: Place,
  served: boolean,
  preview: CapacityPreviewResponse | null,
  style: Style
): ReadonlyArray<string> => {
  const where =
    place._tag === "Server" ? ` --url ${place.url}` : place.path === defaultDataDir ? "" : ` --data-dir ${place.path}`
  const [first] = preview?.items ?? []
  const commands: ReadonlyArray<readonly [string, string]> = [
    ...(served ? [] : ([["serve", "run the server: schedules, the API, its reference page"]] as const)),
    ...(preview === null ? ([["sync", "read the library"]] as const) : []),
    ...(first === undefined ? [] : ([[`explain ${first.itemId}`, "the full explanation of the first one"]] as const)),
    ["preview --status planned", "everything that a run would remove"],
    ["disks set DISK --mode approval", "once the preview is right: remove what you approve"],
    ["doctor", "check for problems"]
  ]
  const typed = commands.map(([command]) => `tendarr ${command}${where}`)
  const width = Math.max(...typed.map((each) => each.length))
  return [
    style.bold("Next"),
    ...commands.map(([, why], index) => `  ${(typed[index] ?? "").padEnd(width)}  ${style.dim(why)}`)
  ]
}
