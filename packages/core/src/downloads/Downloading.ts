/** A download as the rules see it: what its client and its application last said, and what was observed before. */
import { Schema } from "effect"
import type { ClientState, Download } from "../integrations/Downloads.ts"
import { QueueEntrySchema, QueueTargetSchema } from "./DownloadSchema.ts"
import type { ClientMood, Fault } from "./Fault.ts"
import type { DownloadLinks } from "./files/DownloadLinks.ts"
import type { Observation } from "./Observation.ts"

/** The application that had the download fetched, by its history, or by its queue if no history has it. */
export const DownloadOwner = Schema.Struct({
  integrationId: Schema.String,
  name: Schema.String,
  entry: Schema.NullOr(QueueEntrySchema).annotate({ description: "Its entry in the queue; null = it is in none." }),
  targets: Schema.Array(QueueTargetSchema),
  indexer: Schema.NullOr(Schema.String),
  grabbedAt: Schema.NullOr(Schema.String).annotate({
    description: "When it was last fetched, by the history; null = the history does not have it."
  }),
  importedAt: Schema.NullOr(Schema.String).annotate({
    description: "When its files were imported after it was last fetched; null = not yet."
  }),
  givenUpAt: Schema.optionalKey(Schema.String).annotate({
    description:
      "When its application gave it up, or was told to ignore it, after it was last fetched; absent = it did not."
  })
}).annotate({ identifier: "DownloadOwner" })
export type DownloadOwner = typeof DownloadOwner.Type

/**
 * Whose a download is. `Unknown`: an application could not be read, so that it may be its. `Nobody`: all were read, and
 * none knows it, nor did any before.
 */
export const Ownership = Schema.Union([
  Schema.TaggedStruct("Owned", { owner: DownloadOwner }),
  Schema.TaggedStruct("Unknown", {
    because: Schema.String,
    before: Schema.optionalKey(DownloadOwner).pipe(
      Schema.annotateKey({ description: "Whose it was when that was last known." })
    ),
    claims: Schema.optionalKey(Schema.Array(DownloadOwner)).pipe(
      Schema.annotateKey({ description: "Those of which it is one's, if it is not known whose." })
    )
  }),
  Schema.TaggedStruct("Nobody", {
    asked: Schema.optionalKey(Schema.Array(Schema.String)).pipe(
      Schema.annotateKey({
        description: "The applications that know nothing of it, by their whole history: ids and addresses."
      })
    )
  })
]).annotate({ identifier: "DownloadOwnership" })
export type Ownership = typeof Ownership.Type

export interface Downloading {
  /** Id of the stored download. */
  readonly id: string
  readonly integrationId: string
  /** Name of the download client. */
  readonly clientName: string
  readonly download: Download
  readonly observation: Observation
  readonly client: ClientState
  readonly mood: ClientMood
  readonly ownership: Ownership
  readonly faults: ReadonlyArray<Fault>
  /** Strikes that count. */
  readonly strikes: number
  /** Links of its files; absent = they have not been read. */
  readonly links?: DownloadLinks
  /** When the client was read. */
  readonly at: string
}

export const ownerOf = ({ ownership }: Pick<Downloading, "ownership">): DownloadOwner | null =>
  ownership._tag === "Owned" ? ownership.owner : null

/** All whose it is or may be, as far as they are known. */
export const possibleOwnersOf = ({ ownership }: Pick<Downloading, "ownership">): ReadonlyArray<DownloadOwner> => {
  if (ownership._tag === "Nobody") return []
  if (ownership._tag === "Owned") return [ownership.owner]
  const { before, claims = [] } = ownership
  return before === undefined ? claims : [before, ...claims]
}

export const entryOf = (ownership: Ownership) => (ownership._tag === "Owned" ? ownership.owner.entry : null)
