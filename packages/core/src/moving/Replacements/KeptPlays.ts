/** The plays on a media server that is replaced, as they go on counting on the new one. */
import type { PlaybackEntry, ViewerObservation } from "../../integrations/Observations.ts"
import type { FormerPlays } from "../../library/FormerPlays.ts"
import type { LibraryItem } from "../../library/Item.ts"
import type { StoredIdentity } from "../../viewers/PersonMatcher.ts"
import type { PlaysOfViewer } from "../../viewers/Plays.ts"

/** The accounts of the former server by their keys. */
export type FormerAccounts = ReadonlyMap<string, StoredIdentity>

/** `null` = it was not played there. `plays` are those of all accounts of the item. */
export const keptPlaysOf = (
  item: LibraryItem,
  plays: ReadonlyArray<PlaysOfViewer>,
  server: { readonly formerId: string; readonly successorId: string; readonly source: string },
  accounts: FormerAccounts
): FormerPlays | null => {
  const { kind } = item
  const { playback } = item.data
  if (playback === null || (kind !== "movie" && kind !== "show" && kind !== "season")) return null
  const own = plays.filter(({ serverId }) => serverId === server.formerId)
  const isThere = item.data.onServers.some(({ integrationId }) => integrationId === server.formerId)
  const counted = plays.reduce((sum, one) => sum + one.plays, 0)
  // Plays without a viewer: if it is not known on which server they were, they count as plays of this one.
  const nameless = isThere ? Math.max(0, playback.plays - counted) : 0
  const untold = isThere ? (item.data.untold?.playCount ?? item.data.untold?.plays) : undefined
  const total = own.reduce((sum, one) => sum + one.plays, 0) + nameless
  if (total === 0 && untold === undefined) return null
  const last = [...own.map(({ lastPlayedAt }) => lastPlayedAt), nameless > 0 ? playback.lastPlayedAt : null].reduce(
    (latest, at) => (at !== null && (latest === null || at > latest) ? at : latest),
    null
  )
  const entry: PlaybackEntry = {
    serverItemId: "",
    kind,
    seasonNumber: kind === "season" ? (item.data.catalog.seasonNumber ?? null) : null,
    plays: total,
    lastPlayedAt: last,
    ...(own.some(({ undated }) => undated) || (total > 0 && last === null) ? { undated: true } : {}),
    ...(untold === undefined ? {} : { untold }),
    users: own.map((one) => viewerOf(one, accounts.get(one.key)))
  }
  return { serverId: server.formerId, successorId: server.successorId, source: server.source, ids: item.ids, entry }
}

const viewerOf = (play: PlaysOfViewer, stored: StoredIdentity | undefined): ViewerObservation => ({
  name: stored?.name ?? play.viewerName,
  ...(stored === undefined
    ? {}
    : { names: stored.names.filter((name) => name !== stored.name), account: accountOf(stored) }),
  plays: play.plays,
  lastPlayedAt: play.lastPlayedAt,
  ...(play.firstPlayedAt === null ? {} : { firstPlayedAt: play.firstPlayedAt }),
  ...(play.undated ? { undated: true } : {}),
  ...(play.seen === null ? {} : { seen: play.seen, lastSeenAt: play.lastSeenAt }),
  ...(play.furthest === null ? {} : { furthest: play.furthest })
})

/** What identifies it again. */
const accountOf = ({ keys, sharedIds }: StoredIdentity): NonNullable<ViewerObservation["account"]> => {
  const [id, login] = ["id:", "login:"].map((prefix) =>
    keys.find((key) => key.startsWith(prefix))?.slice(prefix.length)
  )
  return {
    ...(id === undefined ? {} : { id }),
    ...(login === undefined ? {} : { login }),
    ...(sharedIds.length === 0 ? {} : { sharedIds })
  }
}
