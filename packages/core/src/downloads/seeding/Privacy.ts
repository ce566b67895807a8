/**
 * Some clients say only for single torrents whether they are private. They are asked for those of which it is not known,
 * some at a time: the connection remembers it, so that the next reading has it.
 */
import { Clock, Effect } from "effect"
import type { Integrations } from "../../integrations/Integrations.ts"
import type { Downloading } from "../Downloading.ts"

/** Torrents of one client that are asked about in one run: each costs two calls. */
const askedAtOnce = 200
/** After this, it is asked again about those of which it has not said it: it may not have answered, or cannot say. */
const againMillis = 6 * 3_600_000

/** Says whether any client has said something new, so that it is to be read again. */
export const makePrivacy = (integrations: Integrations["Service"]) => {
  /** Downloads about which each client was asked, since a time in epoch milliseconds. */
  const asked = new Map<string, { readonly since: number; readonly ids: ReadonlySet<string> }>()

  const askOne = Effect.fnUntraced(function* (integrationId: string, ids: ReadonlyArray<string>) {
    const live = yield* integrations.connect(integrationId)
    const client = live?.can("downloads") === true ? live.connected.downloads : undefined
    if (client === undefined) return false
    const now = yield* Clock.currentTimeMillis
    const known = asked.get(integrationId)
    const before =
      known !== undefined && Math.abs(now - known.since) < againMillis ? known : { since: now, ids: new Set<string>() }
    const left = ids.filter((id) => !before.ids.has(id)).slice(0, askedAtOnce)
    if (left.length === 0) return false
    asked.set(integrationId, { since: before.since, ids: new Set([...before.ids, ...left]) })
    // A client that does not answer leaves it unknown, which keeps.
    const told = yield* Effect.catch(client.details(left, { files: true, trackers: true }), () => Effect.succeed([]))
    return told.some((one) => one.private !== null)
  })

  return Effect.fn("Seeding.askPrivacy")(function* (downloads: ReadonlyArray<Downloading>) {
    const unknown = new Map<string, Array<string>>()
    for (const { download, integrationId } of downloads) {
      if (download.protocol !== "torrent" || download.private !== null || download.state === "metadata") continue
      const own = unknown.get(integrationId)
      if (own === undefined) unknown.set(integrationId, [download.id])
      else own.push(download.id)
    }
    let isNews = false
    for (const [integrationId, ids] of unknown) if (yield* askOne(integrationId, ids)) isNews = true
    return isNews
  })
}
