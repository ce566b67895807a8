/** Formats acts. */
import type { Act, ActDetail } from "@tendarr/sdk-client"
import { ago, clean, count, moment } from "./Format.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"

export const actTable = (acts: ReadonlyArray<Act>, style: Style, width: number | null): ReadonlyArray<string> =>
  table<Act>(
    [
      { header: "ID", align: "right", cell: ({ id }) => id },
      { header: "KIND", cell: ({ kind }) => kind },
      { header: "TITLE", flexible: true, cell: ({ title }) => title },
      { header: "STATE", cell: ({ state }) => state, paint: (text, { state }) => paintState(style, state)(text) },
      { header: "WHEN", cell: whenOf },
      { header: "REASON", flexible: true, cell: ({ because, reason }) => reason ?? because }
    ],
    acts,
    { style, width }
  )

export const actLines = (act: ActDetail, style: Style, now: number): ReadonlyArray<string> => [
  `${style.bold(clean(act.title))}, ${act.kind} of ${clean(act.key)}`,
  `Act ${act.id}: ${act.state}, ${whenOf(act)}${act.reason === null ? "" : ` (${clean(act.reason)})`}`,
  `Planned by ${clean(act.actor)}: ${clean(act.because)}`,
  `${count(act.attempts, "attempt")}${act.step === null ? "" : `; ${stepTexts[act.step]}`}`,
  act.undo.possible
    ? `Can be undone${act.undo.until === null ? "" : ` until ${moment(act.undo.until)}`}`
    : `Cannot be undone${act.undo.detail === null ? "" : `: ${clean(act.undo.detail)}`}`,
  ...(act.undo.kept === null ? [] : [`Kept to undo it: ${clean(JSON.stringify(act.undo.kept))}`]),
  `Subject: ${clean(JSON.stringify(act.subject))}`,
  "",
  ...act.history.map(
    ({ actor, at, message }) => `${style.dim(ago(at, now))} ${clean(message)} ${style.dim(`(${clean(actor)})`)}`
  )
]

const stepTexts = {
  claimed: "requests that prepare it may have been sent",
  sent: "the request that carries it out may have been sent",
  late: "its request was sent, had no effect yet, and may still have one"
} as const

/** The relevant time of its state. */
const whenOf = ({ dueAt, endedAt, state, updatedAt }: Act): string => {
  if (state === "planned") return `due ${moment(dueAt)}`
  if (state === "failed") return dueAt.startsWith("9999") ? "not tried again" : `again ${moment(dueAt)}`
  return moment(endedAt ?? updatedAt)
}

const paintState = (style: Style, state: Act["state"]): ((text: string) => string) => {
  switch (state) {
    case "failed":
      return style.bad
    case "planned":
    case "executing":
    case "undoing":
      return style.warn
    case "done":
    case "undone":
      return style.good
    default:
      return style.dim
  }
}
