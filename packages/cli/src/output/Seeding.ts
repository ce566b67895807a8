/** Formats what the rules about seeding want of downloads. */
import type { GuardedFolder, Seeding, SeedingDetail, SeedingNote } from "@tendarr/sdk-client"
import { bytes, clean, moment } from "./Format.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"

const amount = (value: number | null, unit = ""): string =>
  value === null ? "?" : `${Number(value.toFixed(2))}${unit}`

const noteText = ({ because, outcome, rule, step }: SeedingNote): string =>
  `${outcome}${step === null ? "" : ` ${step}`}${rule === null ? "" : ` by "${rule}"`}: ${because}`

/** What is to be done first, then why nothing is. */
const firstNote = ({ notes }: Seeding): string => {
  const [first] = notes
  return first === undefined ? "" : noteText(first)
}

const owedText = ({ obligations }: Seeding): string =>
  obligations.length === 0 ? "" : obligations.every(({ state }) => state === "met") ? "met" : "owed"

export const seedingTable = (
  items: ReadonlyArray<Seeding>,
  style: Style,
  width: number | null
): ReadonlyArray<string> =>
  table<Seeding>(
    [
      { header: "ID", align: "right", cell: ({ downloadId }) => downloadId },
      { header: "NAME", flexible: true, cell: ({ name }) => name },
      { header: "CLIENT", cell: ({ client }) => client },
      { header: "RATIO", align: "right", cell: ({ ratio }) => amount(ratio) },
      { header: "HOURS", align: "right", cell: ({ seedingHours }) => amount(seedingHours) },
      { header: "TRACKER", cell: owedText, paint: style.warn },
      { header: "GOAL", cell: ({ goal }) => (goal === null ? "none" : goal.met) },
      { header: "NEXT", flexible: true, cell: firstNote }
    ],
    items,
    { style, width }
  )

export const seedingLines = (one: SeedingDetail, style: Style): ReadonlyArray<string> => [
  `${style.bold(clean(one.name))} in ${clean(one.client)}`,
  `Download ${one.downloadId}: ${one.state}, ratio ${amount(one.ratio)}, ${amount(one.seedingHours, " h")} of seeding, of which ${amount(one.creditedHours, " h")} count`,
  one.goal === null
    ? "No rule has a goal for it"
    : `Goal by "${clean(one.goal.rule)}": ${one.goal.met}, ${clean(one.goal.because)}`,
  ...one.obligations.map(({ because, rule, state }) => `Tracker by "${clean(rule)}": ${state}, ${clean(because)}`),
  ...one.notes.map((note) => `Next: ${clean(noteText(note))}`),
  ...(one.rules.length === 0 ? [] : ["", "Rules about seeding that match it:"]),
  ...one.rules.map(
    ({ effect, rule, truth }) => `${clean(rule)} (${effect})${truth === "true" ? "" : ", or not: that is not known"}`
  ),
  ...(one.set.length === 0 ? [] : ["", "Set by Tendarr:"]),
  ...one.set.map(
    ({ aspect, at, rule, state }) => `${style.dim(moment(at))} ${clean(aspect)} by "${clean(rule)}": ${state}`
  ),
  ...(one.habits.length === 0 ? [] : ["", "What its client does by itself:"]),
  ...one.habits.map((habit) => clean(habit))
]

export const spaceTable = (
  folders: ReadonlyArray<GuardedFolder>,
  style: Style,
  width: number | null
): ReadonlyArray<string> =>
  table<GuardedFolder>(
    [
      { header: "CLIENT", cell: ({ client }) => client },
      { header: "FOLDER", flexible: true, cell: ({ path }) => path },
      { header: "FREE", align: "right", cell: ({ freeBytes }) => (freeBytes === null ? "?" : bytes(freeBytes)) },
      { header: "STILL NEEDED", align: "right", cell: ({ neededBytes }) => bytes(neededBytes) },
      {
        header: "PAUSED",
        align: "right",
        cell: ({ paused }) => (paused === 0 ? "" : String(paused)),
        paint: style.warn
      }
    ],
    folders,
    { style, width }
  )
