/** How a set-up ends: the first candidates with their reasons, and what to do next. */
import type { CapacityPreviewResponse } from "@tendarr/sdk-client"
import type { Place } from "../connection/Place.ts"
import { defaultDataDir } from "../connection/Place.ts"
import { bytes, clean, count } from "../output/Format.ts"
import type { Style } from "../output/Style.ts"

/** The best three; each with its reason, on a line of its own. */
export const outlookLines = (preview: CapacityPreviewResponse, style: Style): ReadonlyArray<string> => {
  const { items, summary } = preview
  if (items.length === 0) {
    return [
      summary.evaluated === 0
        ? "The library is empty: nothing was read that could be removed."
        : summary.undecided.items > 0
          ? `Nothing could go yet: of ${count(summary.undecided.items, "item")} a fact is unknown, and what is unknown stays.`
          : "Nothing could go: everything is kept, protected, or cannot be removed."
    ]
  }
  return [
    style.bold("What would go first, and why"),
    ...items.flatMap(({ reason, score, sizeBytes, title, year }, index) => [
      `  ${index + 1}. ${style.bold(clean(title))}${year === null ? "" : ` (${year})`}, ${bytes(sizeBytes)}, score ${score.toFixed(2)}`,
      `     ${clean(reason)}`
    ]),
    `  ${
      summary.bytesToFree === 0
        ? "No disk is over its limits: a run now would take nothing."
        : `${bytes(summary.bytesToFree)} to free; a run now would plan ${count(summary.planned.items, "item")} of ${bytes(summary.planned.bytes)}.`
    }`
  ]
}

/** Commands that make sense now, as they have to be typed for this place. */
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
    ...(first === undefined ? [] : ([[`explain ${first.itemId}`, "why that one, in full"]] as const)),
    ["preview --status planned", "everything that a run would take"],
    ["disks set DISK --mode approval", "when the preview is right: remove what you approve"],
    ["doctor", "is everything well?"]
  ]
  const typed = commands.map(([command]) => `tendarr ${command}${where}`)
  const width = Math.max(...typed.map((each) => each.length))
  return [
    style.bold("Next"),
    ...commands.map(([, why], index) => `  ${(typed[index] ?? "").padEnd(width)}  ${style.dim(why)}`)
  ]
}
