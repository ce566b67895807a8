/** Files of other products about the library of a server, for the pages about moving in. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { cleanuparrDatabase } from "../../../packages/core/test/moving/CleanuparrDatabase.ts"
import { condition, maintainerrDatabase, value } from "../../../packages/core/test/moving/MaintainerrDatabase.ts"
import { prunerrDatabase } from "../../../packages/core/test/moving/PrunerrDatabase.ts"

interface Movie {
  readonly title: string
  readonly ids: ReadonlyArray<string>
}

/** `prunerr.db` and `maintainerr.sqlite`, each about two movies that the server has, and `cleanuparr.db`. */
export const writeOtherProducts = async (folder: string, url: string, key: string): Promise<void> => {
  const response = await fetch(`${url}/api/v1/items?kind=movie&protected=false&limit=50`, {
    headers: { "X-Api-Key": key }
  })
  const { items } = (await response.json()) as { readonly items: ReadonlyArray<Movie> }
  const [kept, queued] = items.flatMap(({ ids, title }) => {
    const tmdb = ids.find((id) => id.startsWith("tmdb-movie:"))?.slice("tmdb-movie:".length)
    return tmdb === undefined ? [] : [{ title, tmdb: Number(tmdb) }]
  })
  if (kept === undefined || queued === undefined) throw new Error("The library has no movies")
  const movie = (one: typeof kept, plexId: string) => ({
    type: "movie",
    title: one.title,
    tmdb_id: one.tmdb,
    plex_id: plexId,
    library_key: "1"
  })
  const soon = new Date(Date.now() + 40 * 86_400_000).toISOString()
  writeFileSync(
    join(folder, "prunerr.db"),
    prunerrDatabase({
      media_items: [
        { ...movie(kept, "x1"), is_protected: 1, protection_reason: "A favourite" },
        { ...movie(queued, "x2"), status: "pending_deletion", delete_after: soon }
      ],
      rules: [
        {
          name: "Never watched",
          conditions: '[{"field":"play_count","operator":"equals","value":0}]',
          action: "delete",
          grace_period_days: 14
        },
        { name: "By mood", conditions: '[{"field":"mood","operator":"equals","value":"sad"}]', action: "delete" }
      ],
      deletion_history: [
        { title: "Gone", type: "movie", file_size: 7000, deleted_at: "2025-12-01 08:30:00", deletion_type: "automatic" }
      ]
    })
  )
  writeFileSync(
    join(folder, "maintainerr.sqlite"),
    maintainerrDatabase({
      collection: [{ id: 1, libraryId: "1", title: "Leaving soon", deleteAfterDays: 30 }],
      rule_group: [{ id: 1, name: "Unwatched movies", libraryId: "1", collectionId: 1, dataType: "movie" }],
      rules: [{ ruleGroupId: 1, ruleJson: condition([0, 5], 2, value(0, "0")) }],
      exclusion: [{ mediaServerId: "x1", type: "movie" }]
    })
  )
  writeFileSync(
    join(folder, "cleanuparr.db"),
    cleanuparrDatabase({
      arr_configs: [{ id: "1", type: "radarr" }],
      arr_instances: [
        {
          id: "1",
          arr_config_id: "1",
          name: "Radarr 4K",
          url: "http://radarr-4k:7878",
          api_key: "k".repeat(32),
          enabled: 0
        }
      ],
      stall_rules: [
        { id: "1", name: "Stalled", max_strikes: 5 },
        { id: "2", name: "To a category", change_category: 1 }
      ],
      notification_configs: [{ id: "1", name: "Telegram" }]
    })
  )
}
