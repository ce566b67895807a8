/**
 * A kind of act: what a folder defines to destroy or change something in an application under the promises that hold for
 * removals. `Acts.define` gives it a store, the protocol of `CarryOut.ts`, and undo.
 */
import type { Effect, Schema } from "effect"
import type { UpstreamError } from "../integrations/UpstreamErrors.ts"
import type { Verdict } from "./Verdict.ts"

/** What an application says of the subject before and after. `Absent` = nothing is left to do. */
export type Standing<Kept> = { readonly _tag: "Present"; readonly kept: Kept } | { readonly _tag: "Absent" }

/**
 * @example
 * ```ts
 * import type { ActKind, Standing } from "@tendarr/core/acts/ActKind"
 * import type { Verdict } from "@tendarr/core/acts/Verdict"
 * import type { UpstreamError } from "@tendarr/core/integrations/UpstreamErrors"
 * import { type Effect, Schema } from "effect"
 *
 * interface Label {
 *   readonly server: string
 *   readonly item: string
 *   readonly label: string
 * }
 * interface Kept {
 *   readonly labels: ReadonlyArray<string>
 * }
 *
 * declare const readLabels: (label: Label) => Effect.Effect<Standing<Kept>, UpstreamError>
 * declare const writeLabels: (label: Label, labels: ReadonlyArray<string>) => Effect.Effect<void, UpstreamError>
 * declare const isOurs: (label: Label) => Effect.Effect<Verdict>
 *
 * export const takeLabel: ActKind<Label, Kept> = {
 *   name: "take-label",
 *   subject: Schema.Struct({ server: Schema.String, item: Schema.String, label: Schema.String }),
 *   kept: Schema.Struct({ labels: Schema.Array(Schema.String) }),
 *   keyOf: ({ item, label, server }) => `${server}/${item}/${label}`,
 *   titleOf: ({ label }) => `Label ${label}`,
 *   destroys: false,
 *   presence: readLabels,
 *   look: isOurs,
 *   send: (subject, { labels }) => writeLabels(subject, labels.filter((label) => label !== subject.label)),
 *   undo: (subject, { labels }) => writeLabels(subject, labels)
 * }
 * ```
 */
export interface ActKind<Subject, Kept> {
  /** Lower-kebab-case, stable: it stands in the database. */
  readonly name: string
  readonly subject: Schema.Codec<Subject, unknown>
  /** What undoes the act, as it was before the first request. */
  readonly kept: Schema.Codec<Kept, unknown>
  /** Identity of the subject: of one subject at most one act is open. */
  readonly keyOf: (subject: Subject) => string
  /** Name of the subject, for people. */
  readonly titleOf: (subject: Subject) => string
  /** Whether the brake (`removals.deletionsEnabled`) holds it back. */
  readonly destroys: boolean
  /** Asked before, after, and after a crash. */
  readonly presence: (subject: Subject) => Effect.Effect<Standing<Kept>, UpstreamError>
  /**
   * Everything that may speak against it: protections, dry run, rules. Asked when it is due, in the transaction that writes the
   * intent, and directly before each request: it reads the database and memory alone.
   */
  readonly look: (subject: Subject) => Effect.Effect<Verdict>
  /** Reads the facts of the decision again; answers why the act has to wait, `null` = all could be read. */
  readonly refresh?: (subject: Subject) => Effect.Effect<string | null>
  /** Sends the requests, each once. */
  readonly send: (subject: Subject, kept: Kept) => Effect.Effect<unknown, UpstreamError>
  /** Puts back what `send` changes before its last request. Absent = nothing is. */
  readonly putBack?: (subject: Subject, kept: Kept) => Effect.Effect<unknown, UpstreamError>
  /** Makes it as it was; asked again after a lost answer, it changes nothing more. Absent = it cannot be undone. */
  readonly undo?: (subject: Subject, kept: Kept) => Effect.Effect<unknown, UpstreamError>
  /** Whether an error of `send` is an answer by which nothing was done and nothing will be. By default every 4xx but 408. */
  readonly saysNo?: (error: UpstreamError) => boolean
}
