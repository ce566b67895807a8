import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { syncJob } from "../../../jobs/JobNames.ts"
import { Jobs } from "../../../jobs/Jobs.ts"
import type { ViewerSummary } from "../../../viewers/Viewer.ts"
import { Viewers } from "../../../viewers/Viewers.ts"
import { everyEntry } from "../../frame/Paging.ts"
import { numberOf, refusing } from "../../frame/Values.ts"
import { whole } from "../Bodies.ts"
import { PrunerrApi } from "../PrunerrApi.ts"

export const UsersHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "users",
  Effect.fn(function* (handlers) {
    const viewers = yield* Viewers
    const jobs = yield* Jobs

    const all = Effect.map(
      everyEntry((cursor) => viewers.list({ limit: 200, ...cursor })),
      (found) => whole(found.map(toUser))
    )

    return handlers.handleAll({
      list: () => refusing(all),
      sync: () =>
        refusing(
          Effect.gen(function* () {
            if ((yield* jobs.get(syncJob)).running === null) yield* jobs.start(syncJob, { startedBy: "person" })
            const users = yield* all
            return { ...users, message: `A sync was started; ${users.total} user(s) are known so far` }
          })
        )
    })
  })
)

const toUser = ({ createdAt, id, name, totals, updatedAt }: ViewerSummary) => ({
  id: numberOf(id),
  plexUserId: null,
  username: name,
  email: null,
  thumbUrl: null,
  isHomeUser: false,
  isOwner: false,
  lastSyncedAt: updatedAt,
  createdAt,
  updatedAt,
  playCount: totals.plays,
  lastWatched: totals.lastPlayedAt
})
