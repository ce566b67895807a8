/** Episodes and files of shows: the first reading, the reading of one show that has changed, and a rule over many. */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { type Context, engineRuns } from "./Context.ts"
import { atMost, below, type Measure, measure } from "./Measure.ts"
import { newFolder, runJob, type Server, type Simulated, startServer } from "./Stack.ts"

interface Synced {
  readonly contents: ReadonlyArray<{ readonly list: string; readonly read: number; readonly calls: number }>
}

const condition = (field: string, operator: string, value: unknown) => ({
  kind: "condition" as const,
  field,
  operator,
  value
})

/** A rule of no consequence that names facts of both lists. */
const rule = {
  name: "episodes",
  enabled: true,
  effect: "lean-keep",
  condition: {
    kind: "group",
    logic: "AND",
    children: [condition("absentEpisodes", "greaterThan", 0), condition("cutoffMet", "equals", false)]
  }
}

const total = (synced: Synced, key: "read" | "calls"): number => synced.contents.reduce((sum, one) => sum + one[key], 0)

/** Deletes one file of a show, as a person does in the application. */
const changeOne = async ({ integrations }: Simulated): Promise<void> => {
  const sonarr = integrations.find(({ kind }) => kind === "sonarr")
  if (sonarr === undefined) throw new Error("The simulated stack has no Sonarr")
  const headers = { "x-api-key": String((sonarr["config"] as { readonly apiKey: string }).apiKey) }
  const ask = async (path: string, method = "GET") => {
    const response = await fetch(`${String(sonarr["url"])}/api/v3/${path}`, { method, headers })
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`)
    return response.json()
  }
  const shows = (await ask("series")) as ReadonlyArray<{
    readonly id: number
    readonly statistics: { readonly episodeFileCount: number }
  }>
  const show = shows.find(({ statistics }) => statistics.episodeFileCount > 1)
  const files = (await ask(`episodefile?seriesId=${show?.id ?? 0}`)) as ReadonlyArray<{ readonly id: number }>
  await ask(`episodefile/${files[0]?.id ?? 0}`, "DELETE")
}

const wanted = 300_000

/** Stores that many episodes with their files, over all shows of a synced library that no server holds. */
const fill = (folder: string): number => {
  const database = new DatabaseSync(join(folder, "tendarr.db"))
  const shows = database
    .prepare(
      `SELECT id, external_id, json_extract(data, '$.contentsSign') AS sign FROM items
      WHERE kind = 'show' AND gone_at IS NULL AND json_extract(data, '$.contentsSign') IS NOT NULL`
    )
    .all()
  const each = Math.ceil(wanted / shows.length)
  const now = new Date().toISOString()
  const episode = database.prepare(
    `INSERT INTO item_episodes (item_id, season, place, episode_id, number, title, airs_at, air_date_read, monitored,
      has_file, file_id) VALUES (?, ?, ?, ?, ?, 'An episode of some length', '2020-01-01T00:00:00.000Z', 1, 1, 1, ?)`
  )
  const file = database.prepare(
    `INSERT INTO item_files (item_id, position, path, size_bytes, quality, release_group, languages, audio_languages,
      subtitle_languages, video_codec, audio_codec, added_at, custom_format_score, file_id, part, cutoff_met)
      VALUES (?, ?, ?, 1000000000, 'WEBDL-1080p', 'GROUP', '["English"]', '["eng"]', '["eng"]', 'x265', 'AAC',
      '2020-01-01T00:00:00.000Z', 10, ?, ?, 1)`
  )
  const state = database.prepare(
    "INSERT OR REPLACE INTO item_contents (item_id, list, sign, read_at, attempted_at) VALUES (?, ?, ?, ?, ?)"
  )
  database.exec("BEGIN; DELETE FROM item_contents")
  for (const { external_id: externalId, id, sign } of shows) {
    const item = Number(id)
    for (let index = 0; index < each; index += 1) {
      const [season, number] = [1 + (index % 5), Math.floor(index / 5)]
      const key = `${season}-${number}`
      episode.run(item, season, number, key, number, key)
      file.run(
        item,
        index,
        `/data/tv/A show of some length/Season ${season}/${key}.mkv`,
        key,
        `${String(externalId)}:s${season}`
      )
    }
    for (const list of ["episodes", "files"]) state.run(item, list, String(sign), now, now)
  }
  database.exec("COMMIT")
  database.close()
  return each * shows.length
}

const named = (server: Server) => server.call("POST", "/rules", rule)

interface Listed {
  readonly items: ReadonlyArray<{ readonly id: string; readonly kind: string }>
}

/** Makes every episode an item, and syncs twice: first all of them are read, then nothing has changed. */
const single = async (server: Server) => {
  const before = server.memory().residentMb ?? 0
  const { items } = (await server.call("GET", "/integrations")) as Listed
  const sonarr = items.find(({ kind }) => kind === "sonarr")
  await server.call("PATCH", `/integrations/${sonarr?.id ?? ""}`, { options: { episodeItems: "all" } })
  const first = await sync(server)
  const again = await sync(server)
  return { first, again, memory: (server.memory().residentMb ?? 0) - before }
}

const sync = async (server: Server) => {
  const started = performance.now()
  const { pauses, value } = await server.watching(() => runJob<Synced>(server, "library-sync", {}))
  return { seconds: (performance.now() - started) / 1000, result: value.result, pauses }
}

export const episodes = async (context: Context): Promise<ReadonlyArray<Measure>> => {
  const stack = await context.simulated(context.items)
  const first: Array<Awaited<ReturnType<typeof sync>>> = []
  const same: Array<number> = []
  const later: Array<Awaited<ReturnType<typeof sync>>> = []
  const memory: Array<number> = []
  for (let run = 0; run < context.runs; run += 1) {
    const server = await context.synced(context.items)
    same.push((await sync(server)).seconds)
    await named(server)
    first.push(await sync(server))
    memory.push(server.memory().residentMb ?? 0)
    await changeOne(stack)
    later.push(await sync(server))
    await server.stop()
  }
  const broken = await context.synced(context.items)
  const items = await single(broken)
  await broken.stop()
  const folder = newFolder(await context.library(context.items))
  const stored = fill(folder)
  const server = await startServer({ runtime: context.runtime, dataDir: folder, watched: true })
  await engineRuns(server, 5)
  const before = server.memory().residentMb ?? 0
  const { pauses: pausesWithout, value: without } = await server.watching(() => engineRuns(server, 10))
  await named(server)
  await engineRuns(server, 2)
  const { pauses, value: runs } = await server.watching(() => engineRuns(server, 10))
  const after = server.memory()
  await server.stop()
  const read = total(first[0]!.result, "read")
  const pausesOf = (all: ReadonlyArray<{ readonly pauses: { readonly cpuMillis: number | null } }>) =>
    all.flatMap((one) => one.pauses.cpuMillis ?? [])
  const count = (number: number) => number.toLocaleString("en")
  return [
    measure(
      "episodes",
      `sync, with the first reading of ${count(read)} lists of episodes and files`,
      "s",
      first.map(({ seconds }) => seconds)
    ),
    measure("episodes", "… the same sync without it", "s", same),
    measure(
      "episodes",
      "… calls for them",
      "calls",
      first.map(({ result }) => total(result, "calls")),
      { goal: atMost(Math.ceil(read * 1.01)) }
    ),
    measure("episodes", "… longest pause, in processor time of its thread", "ms", pausesOf(first), {
      goal: atMost(20)
    }),
    measure("episodes", "… memory after it", "MB", memory),
    measure(
      "episodes",
      "calls after one show has changed",
      "calls",
      later.map(({ result }) => total(result, "calls")),
      {
        goal: atMost(2)
      }
    ),
    measure(
      "episodes",
      "… the sync",
      "s",
      later.map(({ seconds }) => seconds)
    ),
    measure("episodes", "sync that makes every episode an item", "s", [items.first.seconds]),
    measure("episodes", "… the next one, without a change", "s", [items.again.seconds]),
    measure("episodes", "… longest pause of it, in processor time of its thread", "ms", pausesOf([items.again])),
    measure("episodes", "… more memory after it", "MB", [items.memory]),
    measure("episodes", `engine run with a rule over ${count(stored)} stored episodes and files`, "ms", runs),
    measure("episodes", "… without the rule", "ms", without),
    measure(
      "episodes",
      "… its longest pause, in processor time of its thread",
      "ms",
      pausesOf([{ pauses: pausesWithout }])
    ),
    measure("episodes", "… longest pause with it, in processor time of its thread", "ms", pausesOf([{ pauses }]), {
      goal: atMost(20)
    }),
    measure("episodes", "… more memory than without it", "MB", [(after.residentMb ?? 0) - before], { goal: below(60) })
  ]
}
