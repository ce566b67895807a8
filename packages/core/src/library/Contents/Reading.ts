/** Reads one list of a whole, and checks that it is complete. */
import { Effect } from "effect"
import type { LiveIntegration } from "../../integrations/Integrations.ts"
import type { WholeEntry } from "../../integrations/Kind.ts"
import type { CatalogEpisode, ContentsList, WholeFile } from "../../integrations/Observations.ts"
import type { UpstreamError } from "../../integrations/UpstreamErrors.ts"
import { sourceErrorOf } from "../SourceStates.ts"
import type { ContentsOutcome } from "./Store.ts"

/** A whole, with the figures that its lists must match. */
export interface WholeToRead extends WholeEntry {
  readonly sizeBytes: number
  /** Episodes that have a file. */
  readonly episodeCount: number
}

export const readList = (
  live: LiveIntegration,
  list: ContentsList,
  whole: WholeToRead
): Effect.Effect<ContentsOutcome, UpstreamError> => {
  const { episodes, files } = live.connected.contents ?? {}
  if (list === "episodes" && episodes !== undefined) {
    return Effect.map(episodes(whole), (value) => checked({ _tag: "Read", list, value }, whyIncomplete(value, whole)))
  }
  if (list === "files" && files !== undefined) {
    return Effect.map(files(whole), (value) => checked({ _tag: "Read", list, value }, whyFilesMissing(value, whole)))
  }
  return Effect.die(new Error(`${live.integration.name} has no ${list}`))
}

/** The same; a failure is an outcome. `isDown`: the other wholes would fail for the same reason. */
export const attemptList = Effect.fnUntraced(function* (live: LiveIntegration, list: ContentsList, whole: WholeToRead) {
  const asked = yield* Effect.result(readList(live, list, whole))
  const outcome: ContentsOutcome =
    asked._tag === "Success" ? asked.success : { _tag: "Failed", list, failure: sourceErrorOf(asked.failure) }
  return { isDown: asked._tag === "Failure" && isOfApplication(asked.failure), outcome }
})

/** A list that ends too early contradicts what the application reports of the whole. */
const checked = (read: ContentsOutcome, contradiction: string | null): ContentsOutcome =>
  contradiction === null
    ? read
    : { _tag: "Failed", list: read.list, failure: { reason: "source-malformed", detail: contradiction } }

const whyIncomplete = (episodes: ReadonlyArray<CatalogEpisode>, { episodeCount }: WholeToRead): string | null => {
  const listed = episodes.filter(({ hasFile }) => hasFile !== false).length
  return listed < episodeCount ? `it lists ${listed} episodes with a file, and the show has ${episodeCount}` : null
}

/** Figures of files that applications add up for themselves may lag behind a little. */
const leastShareOfBytes = 0.9

const whyFilesMissing = (files: ReadonlyArray<WholeFile>, { sizeBytes }: WholeToRead): string | null => {
  const listed = files.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0)
  const isMeasured = files.every((file) => file.sizeBytes !== null)
  return isMeasured && listed < sizeBytes * leastShareOfBytes
    ? `it lists ${files.length} files of ${listed} bytes, and has ${sizeBytes} on the disk`
    : null
}

const isOfApplication = ({ _tag }: UpstreamError): boolean => _tag !== "UpstreamRefused" && _tag !== "UpstreamMalformed"

/** Share of the age up to which a fact counts, after which a list is read again although nothing shows a change. */
export const refreshAfter = 0.5
