/**
 * Figures about downloads with ten million events, and with ten thousand over the same time: the database itself makes the
 * events. The rows are not in the table, and take five gigabytes and some minutes.
 */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { Context } from "./Context.ts"
import { atMost, type Measure, measure, spreadOf } from "./Measure.ts"
import { apiKey, dropFolder, newFolder, type Server, startServer } from "./Stack.ts"

const sizes = { few: 10_000, many: 10_000_000 }
/** Events of one transaction. */
const atOnce = 500_000

const days = 390
const types = ["download.struck", "download.struck", "download.struck", "download.strikes-ended", "download.removed"]
const faults = ["stalled", "slow", "metadata", "failed-import"]

const listed = (names: ReadonlyArray<string>, by: string) =>
  `CASE ${by} % ${names.length} ${names.map((name, index) => `WHEN ${index} THEN '${name}'`).join(" ")} END`

const fill = (file: string, count: number): void => {
  const database = new DatabaseSync(file)
  const start = Math.floor(Date.now() / 1000) - days * 86_400
  const at = (n: string) =>
    `strftime('%Y-%m-%dT%H:%M:%S.000Z', ${start} + ${n} * ${days * 86_400} / ${count}, 'unixepoch')`
  database.exec("PRAGMA synchronous = OFF")
  for (let from = 0; from < count; from += atOnce) {
    const to = Math.min(from + atOnce, count)
    database.exec(`INSERT INTO events (at, type, category, severity, actor, subject_type, subject_id, message, payload)
      WITH RECURSIVE n (i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${to})
      SELECT ${at("i")}, ${listed(types, "i")}, 'audit', 'info', 'job:download-cleaning', 'download', i % 100000,
        '"Some.Movie.No.' || i % 100000 || '" got a strike by the rule "Stalled"',
        '{"name":"Some.Movie.No.' || i % 100000 || '","client":"qBittorrent","fault":"' || ${listed(faults, "i")} || '"}'
      FROM n`)
  }
  database.exec("UPDATE counters SET value = (SELECT max(id) FROM events) WHERE name = 'events.counted'")
  const quarters = (figure: string, name: string, where: string) =>
    database.exec(`INSERT INTO timed_counts (figure, span, at, name, count)
      SELECT '${figure}', 'quarter', substr(at, 1, 14) || printf('%02d', CAST(substr(at, 15, 2) AS INTEGER) / 15 * 15) || ':00.000Z',
        ${name}, count(*) FROM events WHERE ${where} GROUP BY 3, 4`)
  quarters("download-event", "type", "1 = 1")
  quarters("strike", listed(faults, "id"), "type = 'download.struck'")
  quarters("strikes-ended", "'progress'", "type = 'download.strikes-ended'")
  quarters("download-removed", listed(faults, "id"), "type = 'download.removed'")
  for (const [span, start] of [
    ["hour", "substr(at, 1, 13) || ':00:00.000Z'"],
    ["day", "substr(at, 1, 10) || 'T00:00:00.000Z'"]
  ]) {
    database.exec(`INSERT INTO timed_counts SELECT figure, '${span}', ${start}, name, sum(count) FROM timed_counts
      WHERE span = 'quarter' GROUP BY 1, 3, 4`)
  }
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  database.close()
}

const native = "/api/v1"
const paths = {
  "`GET /stats`": `${native}/stats`,
  "`GET /downloads/stats`, a day": `${native}/downloads/stats`,
  "… a year": `${native}/downloads/stats?hours=8760`,
  "`GET /downloads/timeline`, a year by days (UTC)": `${native}/downloads/timeline?figure=events&hours=8760&span=day&zone=UTC`,
  "… 30 days in Berlin": `${native}/downloads/timeline?figure=strikes&hours=720&span=day&zone=Europe/Berlin`,
  "… a year by weeks in Berlin": `${native}/downloads/timeline?figure=events&hours=8760&span=week&zone=Europe/Berlin`,
  "Cleanuparr's `/api/stats`": "/cleanuparr/api/stats",
  "… with 50 events and strikes": "/cleanuparr/api/stats?includeEvents=50&includeStrikes=50",
  "Cleanuparr's `/api/v2/stats`, a year": "/cleanuparr/api/v2/stats?hours=8760",
  "… its timeline, a year": "/cleanuparr/api/v2/stats/timeline?hours=8760&bucket=day"
}

const served = async (runtime: Context["runtime"], count: number) => {
  const dataDir = newFolder()
  await (await startServer({ runtime, dataDir })).stop()
  fill(join(dataDir, "tendarr.db"), count)
  // The first start analyses and checkpoints what was written; nobody waits for it.
  await (await startServer({ runtime, dataDir })).stop()
  const server = await startServer({ runtime, dataDir, watched: true, flags: ["--dialects", "cleanuparr"] })
  return {
    server,
    close: async () => {
      await server.stop()
      dropFolder(dataDir)
    }
  }
}

const requestsAtOnce = 100

/** Milliseconds of processor time that the server takes for a request. */
const costOf = async (server: Server, path: string): Promise<number> => {
  const cpu = async () => (await server.watching(async () => null)).pauses.processCpuMillis
  const before = await cpu()
  for (let request = 0; request < requestsAtOnce; request += 1) {
    const response = await fetch(`${server.url}${path}`, { headers: { "x-api-key": apiKey } })
    const text = await response.text()
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${text}`)
  }
  return ((await cpu()) - before) / requestsAtOnce
}

/** Of both servers by turns, so that other load is the same for both. */
const costs = async (few: Server, many: Server, path: string, rounds: number) => {
  const samples = { few: [] as Array<number>, many: [] as Array<number> }
  for (let round = -1; round < rounds; round += 1) {
    const [one, other] = [await costOf(few, path), await costOf(many, path)]
    // The first one compiles and fills caches.
    if (round < 0) continue
    samples.few.push(one)
    samples.many.push(other)
  }
  return samples
}

export const events = async ({ runs, runtime }: Context): Promise<ReadonlyArray<Measure>> => {
  const few = await served(runtime, sizes.few)
  const many = await served(runtime, sizes.many)
  const measures = [measure("events", "start with ten million events", "ms", [many.server.startMillis])]
  for (const [what, path] of Object.entries(paths)) {
    const samples = await costs(few.server, many.server, path, Math.max(3, runs))
    const ratio = spreadOf(samples.many).median / spreadOf(samples.few).median
    measures.push(
      measure("events", `${what}: processor time, with 10,000 events`, "ms", samples.few),
      measure("events", "… with ten million", "ms", samples.many),
      measure("events", "… how much more", "times", [ratio], { goal: atMost(1.2) })
    )
  }
  measures.push(measure("events", "resident memory, with ten million events", "MB", [many.server.memory().residentMb]))
  await few.close()
  await many.close()
  return measures
}
