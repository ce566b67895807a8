/** The monitored flag of an entry of a Servarr application. */
import { Effect, Schema } from "effect"
import { type RemovalAction, removalActions } from "../../Kind.ts"
import { UpstreamMalformed } from "../../UpstreamErrors.ts"
import type { ArrAccess } from "./Arr.ts"

/** An unmodified entry: it must be sent back completely, including unknown keys. */
export const RawEntry = Schema.Record(Schema.String, Schema.Unknown)
export type RawEntry = typeof RawEntry.Type

/**
 * Sets the flag of the entry at `path`, if it is the one that is meant: its number may have been reassigned. `destroys`:
 * the request is all that a removal does, so it is beyond recall afterwards.
 */
export const makeMonitoring = ({ integration, upstream }: Pick<ArrAccess, "integration" | "upstream">) =>
  Effect.fn("Arr.setMonitored")(function* (
    path: string,
    isMeant: (entry: RawEntry) => boolean,
    monitored: boolean,
    { destroys = false }: { readonly destroys?: boolean } = {}
  ) {
    const entry = yield* upstream.get(path, RawEntry)
    if (!isMeant(entry)) {
      const detail = `another title has this id now: ${String(entry["title"] ?? entry["sortName"])}`
      return yield* new UpstreamMalformed({ integration, call: `GET ${path}`, detail })
    }
    if (entry["monitored"] !== monitored) yield* upstream.send("PUT", path, { json: { ...entry, monitored }, destroys })
  })

/** Whether an action clears the flag. */
export const unmonitors = (action: RemovalAction | undefined): boolean =>
  action === "unmonitor" || action === "unmonitor-and-delete-files"

/** Whether an action deletes files and keeps the entry. */
export const stripsFiles = (action: RemovalAction | undefined): boolean =>
  action === "delete-files" || action === "unmonitor-and-delete-files"

/** Actions that a part allows: it has no entry of its own. */
export const partActions = removalActions.filter((action) => action !== "remove-entry")
