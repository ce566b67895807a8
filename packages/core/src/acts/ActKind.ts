/**
 * A kind of act: the definition with which a folder destroys or changes something in an application, under the guarantees
 * that apply to removals. `Acts.define` gives it a store, the protocol of `CarryOut.ts`, and undo.
 */
import type { Effect, Schema } from "effect"
import type { UpstreamError } from "../integrations/UpstreamErrors.ts"
import type { Verdict } from "./Verdict.ts"

/** The state of the subject, as the application reports it. `Absent` = nothing is left to do. */
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
  /** Lower-kebab-case; must not change, because it is stored in the database. */
  readonly name: string
  readonly subject: Schema.Codec<Subject, unknown>
  /** The data that undoes the act: the state before the first request. Shown to people, so it must contain no secrets. */
  readonly kept: Schema.Codec<Kept, unknown>
  /** Identity of the subject: each subject has at most one open act. */
  readonly keyOf: (subject: Subject) => string
  /** Name of the subject, for people. */
  readonly titleOf: (subject: Subject) => string
  /** Whether the brake (`removals.deletionsEnabled`) applies to it. */
  readonly destroys: boolean
  /** Asks the application: before the act, after it, after a crash, and after undoing it. */
  readonly presence: (subject: Subject) => Effect.Effect<Standing<Kept>, UpstreamError>
  /**
   * Checks everything that may forbid it: protections, dry run, rules. Called when it is due, in the transaction that
   * writes the intent, and directly before each request, so it must read only the database and memory. `wasSent`: a
   * request that carries it out may have been sent before.
   */
  readonly look: (subject: Subject, wasSent: boolean) => Effect.Effect<Verdict>
  /** Reads the facts of the decision again; returns why the act has to wait, `null` = all of them could be read. */
  readonly refresh?: (subject: Subject) => Effect.Effect<string | null>
  /** Sends the requests, each once. */
  readonly send: (subject: Subject, kept: Kept) => Effect.Effect<unknown, UpstreamError>
  /** Reverts what `send` changes before its last request. Absent = it changes nothing before it. */
  readonly putBack?: (subject: Subject, kept: Kept) => Effect.Effect<unknown, UpstreamError>
  /** Restores the previous state. Must be idempotent: it is repeated after a lost answer. Absent = it cannot be undone. */
  readonly undo?: (subject: Subject, kept: Kept) => Effect.Effect<unknown, UpstreamError>
  /** Why this one cannot be undone, by what was kept; `null` = it can. Absent = all can for which something was kept. */
  readonly whyNotUndoable?: (subject: Subject, kept: Kept) => string | null
  /** Days after its end for which it can be undone. Absent = as long as it is stored. */
  readonly undoDays?: number
  /**
   * Whether a person who cancels or undoes an act decides about its subject for good, so that the newest such act on a
   * subject is kept for as long as the database. Absent = it is deleted like all others.
   */
  readonly keepsDecisions?: boolean
  /** Whether the application can never be asked again, because it was removed. Absent = it can. */
  readonly isForgotten?: (subject: Subject) => Effect.Effect<boolean>
  /** Whether an error of `send` means that nothing was done and nothing will be. Default: every 4xx except 408. */
  readonly saysNo?: (error: UpstreamError) => boolean
}
