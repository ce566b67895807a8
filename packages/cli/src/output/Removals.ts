/** Formats removals. */
import { usualActionOf } from "@tendarr/core/integrations/Kind"
import type { Removal } from "@tendarr/sdk-client"
import { bytes, clean, count, moment } from "./Format.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"

export const removalTable = (
  removals: ReadonlyArray<Removal>,
  style: Style,
  width: number | null
): ReadonlyArray<string> =>
  table<Removal>(
    [
      { header: "ID", align: "right", cell: ({ id }) => id },
      { header: "TITLE", flexible: true, cell: ({ title }) => title },
      { header: "SIZE", align: "right", cell: ({ freedBytes, sizeBytes }) => bytes(freedBytes ?? sizeBytes) },
      // Only if there is something to tell apart.
      ...(removals.some(({ action, kind }) => action !== usualActionOf(kind))
        ? [{ header: "ACTION", cell: ({ action }: Removal) => action }]
        : []),
      { header: "STATE", cell: ({ state }) => state, paint: (text, { state }) => paintState(style, state)(text) },
      { header: "WHEN", cell: whenOf },
      { header: "REASON", flexible: true, cell: ({ reason }) => reason ?? "" }
    ],
    removals,
    { style, width }
  )

/** The relevant time of its state. */
export const whenOf = (removal: Removal): string => {
  switch (removal.state) {
    case "scheduled":
      return removal.scheduledAt === null ? "" : `due ${moment(removal.scheduledAt)}`
    case "snoozed":
      return removal.snoozedUntil === null ? "" : `until ${moment(removal.snoozedUntil)}`
    case "failed":
      return removal.nextAttemptAt === null ? "not tried again" : `again ${moment(removal.nextAttemptAt)}`
    default:
      return moment(removal.endedAt ?? removal.updatedAt)
  }
}

/** What it does, and what follows. */
export const termsOf = (
  removal: Pick<Removal, "action" | "importExclusion" | "graceDays" | "resetRequest" | "requestReset">
): string => {
  const { action, graceDays, importExclusion, requestReset, resetRequest } = removal
  const reset =
    requestReset === null
      ? "its request is reset afterwards"
      : `reset of its request: ${requestReset.state}${requestReset.reason === null ? "" : ` (${clean(requestReset.reason)})`}`
  return [
    action,
    ...(importExclusion === null
      ? []
      : [importExclusion ? "excluded from import lists" : "not excluded from import lists"]),
    ...(graceDays === null ? [] : [`after ${count(graceDays, "day")}`]),
    ...(resetRequest ? [reset] : [])
  ].join(", ")
}

/** What a person decides about. */
export type DecidedNoun = "removal" | "act" | "orphan"

/** What a decision came too late for. */
export const beyondRecallLines = (
  noun: DecidedNoun,
  ids: ReadonlyArray<string>,
  style: Style
): ReadonlyArray<string> =>
  ids.length === 0
    ? []
    : [
        `${style.bad("!")} Too late for ${ids.length === 1 ? noun : `${noun}s`} ${ids.join(", ")}: ${
          noun === "removal" ? "the deletion" : "the request"
        } has been sent to the application`
      ]

const paintState = (style: Style, state: Removal["state"]): ((text: string) => string) => {
  switch (state) {
    case "failed":
      return style.bad
    case "scheduled":
    case "executing":
      return style.warn
    case "removed":
    case "restored":
      return style.good
    default:
      return style.dim
  }
}
