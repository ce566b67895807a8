/** The simulated Plex's history of complete plays by all of its accounts, and what is being played. */
import { seasonName } from "../../world/Titles.ts"
import type { SandboxWorld } from "../../SandboxWorld.ts"
import type { Play } from "../../world/WorldModel.ts"
import { episodeTitle } from "../arr/SeriesAnswers.ts"
import { queryInt } from "../Reply.ts"
import { type AppContext, type Call, playsOn, route, type Route } from "../SandboxApp.ts"
import { entryOf, keysOf, sectionOfPlay } from "./PlexKeys.ts"
import { containerPage } from "./PlexReplies.ts"

export const plexHistoryRoutes = (context: AppContext): ReadonlyArray<Route> => [
  route("GET", "/status/sessions/history/all", (call) => {
    const wanted = historyFilter(call)
    const rows = playsOn(context, "plex").filter((play) => isWatchedPlay(play) && wanted(play))
    if (call.query.get("sort") !== "viewedAt") rows.reverse()
    return containerPage(call, {}, "Metadata", rows, (play) => historyAnswer(context.world, play))
  })
]

/** Unfinished plays are recorded in the entry, and only for the owner. */
export const isWatchedPlay = ({ percent }: Play): boolean => percent >= 90

const historyFilter = (call: Call) => {
  const account = call.query.get("accountID")
  const section = call.query.get("librarySectionID")
  const item = queryInt(call.query, "metadataItemID", 0)
  return (play: Play): boolean =>
    (account === null || play.person.accountId === Number(account)) &&
    (section === null || section === sectionOfPlay(play)) &&
    (item === 0 || keysOf(play).includes(item))
}

/** A play of a deleted item keeps its title and loses its keys. */
const historyAnswer = (world: SandboxWorld, play: Play) => {
  const [key = 0, parent, grandparent] = keysOf(play)
  const present = entryOf(world, key) !== undefined
  return {
    historyKey: `/status/sessions/history/${play.id}`,
    ...(present ? { key: `/library/metadata/${key}`, ratingKey: String(key) } : {}),
    librarySectionID: sectionOfPlay(play),
    ...(present && parent !== undefined ? { parentKey: `/library/metadata/${parent}` } : {}),
    ...(present && grandparent !== undefined ? { grandparentKey: `/library/metadata/${grandparent}` } : {}),
    title: play.movie === null ? episodeTitle(play.episode) : play.movie.work.title,
    ...(play.season === null
      ? {}
      : {
          parentTitle: seasonName(play.season.work.number),
          grandparentTitle: play.season.show.work.title,
          index: play.episode,
          parentIndex: play.season.work.number
        }),
    type: play.movie === null ? "episode" : "movie",
    thumb: `/library/metadata/${key}/thumb/1700000000`,
    originallyAvailableAt: world.iso((play.movie?.work ?? play.season?.show.work)?.releasedAt ?? 0).slice(0, 10),
    viewedAt: world.epoch(play.startedAt + play.durationSeconds * 1000),
    accountID: play.person.accountId,
    deviceID: 1
  }
}
