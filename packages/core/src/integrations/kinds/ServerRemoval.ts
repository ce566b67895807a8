/** Removing entries through a media server, which deletes their files and keeps nothing to restore them from. */
import { Effect } from "effect"
import type { Presence, RemovalCapability, RemovalTarget } from "../Kind.ts"
import type { CatalogItem } from "../Observations.ts"
import { OddRecords } from "../OddRecords.ts"
import { type UpstreamError, UpstreamMalformed, UpstreamRefused } from "../UpstreamErrors.ts"

export interface ServerRemoval {
  readonly integration: string
  /** As `Rereading.catalog`. */
  readonly catalog: (target: RemovalTarget, odd: OddRecords) => Effect.Effect<ReadonlyArray<CatalogItem>, UpstreamError>
  /** The server's current key of the target; `null` if it no longer has it. */
  readonly keyOf: (target: RemovalTarget) => Effect.Effect<string | null, UpstreamError>
  readonly remove: (key: string) => Effect.Effect<void, UpstreamError>
}

export const serverRemoval = ({ catalog, integration, keyOf, remove }: ServerRemoval): RemovalCapability => {
  const fails = (call: string, detail: string) => Effect.fail(new UpstreamMalformed({ integration, call, detail }))
  return {
    kinds: ["movie", "show", "season"],
    irreversible: true,
    presence: Effect.fn("ServerRemoval.presence")(function* (target): Effect.fn.Return<Presence, UpstreamError> {
      const listed = yield* catalog(target, new OddRecords())
      const found = listed.find(({ externalId }) => externalId === target.externalId)
      if (found === undefined) return { _tag: "Absent" }
      const { ids, path, sizeBytes, title } = found
      return { _tag: "Present", title, ids, sizeBytes, path, restore: null }
    }),
    remove: Effect.fn("ServerRemoval.remove")(function* (target) {
      const key = yield* keyOf(target)
      if (key === null) return yield* fails("DELETE", `"${target.title}" is not there any more`)
      // The key is accepted for everything else: it is the deletion that is not allowed.
      yield* Effect.catchTag(remove(key), "UpstreamUnauthorized", ({ call, detail, status }) =>
        Effect.fail(
          new UpstreamRefused({
            integration,
            call,
            status,
            detail: `it does not allow that media is deleted: ${detail}`
          })
        )
      )
    }),
    restore: () => fails("restore", "a media server cannot add again what it has deleted"),
    isBack: () => Effect.succeed(null)
  }
}
