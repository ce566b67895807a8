/**
 * Some clients say only for single torrents whether they are private. They are asked for those of which it is not known,
 * some at a time: the connection remembers it, so that the next reading has it.
 */
import { Effect } from "effect"
import type { Integrations } from "../../integrations/Integrations.ts"
import type { Downloading } from "../Downloading.ts"

/** Torrents of one client that are asked about in one run: each costs two calls. */
const askedAtOnce = 200

/** Whether any client was asked, so that it is to be read again. */
export const askPrivacy = Effect.fn("Seeding.askPrivacy")(function* (
  integrations: Integrations["Service"],
  downloads: ReadonlyArray<Downloading>
) {
  const unknown = new Map<string, Array<string>>()
  for (const { download, integrationId } of downloads) {
    if (download.protocol !== "torrent" || download.private !== null || download.state === "metadata") continue
    unknown.set(integrationId, [...(unknown.get(integrationId) ?? []), download.id])
  }
  let asked = false
  for (const [integrationId, ids] of unknown) {
    const live = yield* integrations.connect(integrationId)
    const client = live?.can("downloads") === true ? live.connected.downloads : undefined
    if (client === undefined) continue
    // A client that does not answer leaves it unknown, which keeps.
    const known = yield* Effect.catch(client.details(ids.slice(0, askedAtOnce), { files: true, trackers: true }), () =>
      Effect.succeed([])
    )
    if (known.some((one) => one.private !== null)) asked = true
  }
  return asked
})
