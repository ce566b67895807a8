/**
 * A library of a million items and ten million plays: what a sync has stored is copied many times by the database itself,
 * with other ids, titles and paths. The rows are not in the table, and take several gigabytes and a quarter of an hour.
 */
import { DatabaseSync } from "node:sqlite"
import { join } from "node:path"
import { type Context, timed } from "./Context.ts"
import { requestsPerSecond } from "./Load.ts"
import { below, type Measure, measure } from "./Measure.ts"
import { pausesOf } from "./Pauses.ts"
import { dropFolder, newFolder, type Pauses, startServer } from "./Stack.ts"

const wantedItems = 1_000_000
const playsOfEach = 10

export const million = async (context: Context): Promise<ReadonlyArray<Measure>> => {
  const { runs, runtime } = context
  const dataDir = newFolder(await context.library(context.items))
  multiply(join(dataDir, "tendarr.db"))
  // The first start analyses and checkpoints what was written; nobody waits for it.
  await (await startServer({ runtime, dataDir })).stop()
  const server = await startServer({ runtime, dataDir, watched: true })
  const measures = [
    measure("million", "start, with 1,000,000 items", "ms", [server.startMillis], { goal: below(1000) })
  ]
  const requests = async (what: string, path: string) => {
    const perSecond = await requestsPerSecond(`${server.url}/api/v1${path}`, runs)
    measures.push(measure("million", what, "req/s", perSecond))
  }
  await requests("… `stats`", "/stats")
  await requests("… a page of 50", "/items?limit=50")
  await requests("… search with a common word", "/items?limit=50&search=the")
  await requests("… with a rare one", "/items?limit=50&search=brammanstad%20999")
  await requests("… items of a collection that nothing is in", "/items?limit=50&collection=Nobody")
  const trends = await timed(3, () => server.call("GET", "/stats/trends"))
  measures.push(measure("million", "… `stats/trends`, alone", "ms", trends))
  const pauses: Array<Pauses> = []
  const samples: Array<number> = []
  for (let run = 0; run < 2; run += 1) {
    await server.call("PATCH", "/settings/removals", { caps: { maxItems: 100_000 + run } })
    const [millis = 0] = await timed(1, async () => {
      pauses.push((await server.watching(() => server.call("GET", "/preview?status=planned&limit=1"))).pauses)
    })
    samples.push(millis)
  }
  measures.push(
    measure("million", "… first engine run, which reads the library", "ms", samples.slice(0, 1)),
    measure("million", "… engine run", "ms", samples.slice(1), { goal: below(10_000) }),
    ...pausesOf("million", "meanwhile", pauses)
  )
  const { peakMb, residentMb } = server.memory()
  measures.push(measure("million", "… the most memory", "MB", [peakMb ?? residentMb], { goal: below(700) }))
  await server.stop()
  dropFolder(dataDir)
  return measures
}

const multiply = (file: string): void => {
  const db = new DatabaseSync(file)
  const number = (sql: string): number => Number(Object.values(db.prepare(sql).get() ?? {})[0] ?? 0)
  db.exec("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")
  const step = number("SELECT max(id) + 1 FROM items")
  const copies = Math.ceil(wantedItems / number("SELECT count(*) FROM items WHERE gone_at IS NULL"))
  const columns = (table: string, ...without: ReadonlyArray<string>) =>
    db
      .prepare("SELECT name FROM pragma_table_info(?)")
      .all(table)
      .map(({ name }) => String(name))
      .filter((name) => !without.includes(name))
  const same = columns("items", "id", "external_id", "parent_external_id", "title", "sort_title", "ids", "path").join(
    ", "
  )
  const files = columns("item_files", "item_id", "path").join(", ")
  for (let copy = 1; copy < copies; copy += 1) {
    const [more, mark] = [copy * step, String(copy).padStart(3, "0")]
    db.exec(`BEGIN;
      INSERT INTO item_documents (item_id, data) SELECT item_id + ${more}, CASE WHEN data LIKE '%"filePath"%'
          THEN json_set(data, '$.filePath', json_extract(data, '$.filePath') || '${mark}') ELSE data END
        FROM item_documents WHERE item_id < ${step};
      INSERT INTO items (id, external_id, parent_external_id, title, sort_title, ids, path, ${same})
        SELECT id + ${more}, external_id || '-${mark}', parent_external_id || '-${mark}', title || ' ${mark}',
          sort_title || ' ${mark}', replace(replace(ids, '","', '${mark}","'), '"]', '${mark}"]'), path || ' ${mark}', ${same}
        FROM items WHERE id < ${step};
      INSERT INTO item_files (item_id, path, ${files}) SELECT item_id + ${more}, path || '${mark}', ${files}
        FROM item_files WHERE item_id < ${step};
      COMMIT`)
  }
  addPlays(db)
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  db.close()
}

/** Every item is played by ten accounts, which are added. */
const addPlays = (db: DatabaseSync): void => {
  for (let account = 1; account <= playsOfEach; account += 1) {
    db.exec(`INSERT INTO viewer_identities (viewer_id, integration_id, role, key, keys, shared_ids, name, names, ambiguous,
        placed_by, created_at, updated_at)
      SELECT viewer_id, integration_id, role, key || '-${account}', '[]', '[]', name, names, ambiguous, placed_by, created_at,
        updated_at
      FROM viewer_identities WHERE role = 'account' ORDER BY id LIMIT 1`)
    db.exec(`INSERT INTO plays (item_id, identity_id, plays, first_played_at, last_played_at, source)
      SELECT id, (SELECT max(id) FROM viewer_identities), 1 + id % 3, '2025-01-01T00:00:00.000Z', '2025-06-01T00:00:00.000Z',
        'Plex'
      FROM items WHERE gone_at IS NULL`)
  }
}
