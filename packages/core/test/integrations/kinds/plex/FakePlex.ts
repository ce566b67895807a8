/** A Plex server in memory with two libraries, whose lists contain the same fields as those of a real server. */
import type { Answers, Sent } from "../../support/FakeUpstream.ts"

export const plexConfig = { token: "plex-t0ken" }

export const sections = [
  { key: "1", type: "movie", title: "Films" },
  { key: 2, type: "show", title: "Series" },
  { key: "3", type: "artist", title: "Music" }
]

type Row = Readonly<Record<string, unknown>>

export interface PlexWorld {
  readonly movies?: ReadonlyArray<Row>
  readonly shows?: ReadonlyArray<Row>
  readonly seasons?: ReadonlyArray<Row>
  readonly history?: ReadonlyArray<Row>
  readonly sessions?: ReadonlyArray<Row>
  readonly accounts?: ReadonlyArray<Row>
  /** Rating keys by label, in the section of movies. */
  readonly labels?: Readonly<Record<string, ReadonlyArray<string>>>
  /** Rating keys by label, in the section of shows. */
  readonly showLabels?: Readonly<Record<string, ReadonlyArray<string>>>
  /** In the section of movies; `members` are rating keys. */
  readonly collections?: ReadonlyArray<Row & { readonly members: ReadonlyArray<string> }>
  /** Entries as they are returned for a request by key. */
  readonly entries?: ReadonlyArray<Row>
}

/** The requested page of `rows`. */
export const page = (sent: Sent, rows: ReadonlyArray<unknown>, more: Record<string, unknown> = {}) => {
  const start = Number(sent.query.get("X-Plex-Container-Start") ?? 0)
  const size = Number(sent.query.get("X-Plex-Container-Size") ?? rows.length)
  const Metadata = rows.slice(start, start + size)
  const whole = { size: Metadata.length, totalSize: rows.length, offset: start, ...more }
  return { MediaContainer: Metadata.length === 0 ? whole : { ...whole, Metadata } }
}

/** Ids of labels begin with 500. */
const labelRows = (labels: PlexWorld["labels"] = {}) =>
  Object.keys(labels).map((title, index) => ({ key: String(500 + index), title }))

const labelledIn = (sent: Sent, labels: PlexWorld["labels"] = {}) => {
  const title = labelRows(labels).find((label) => label.key === sent.query.get("label"))?.title ?? ""
  return page(
    sent,
    (labels[title] ?? []).map((ratingKey) => ({ ratingKey }))
  )
}

export const plexServer =
  (world: PlexWorld): Answers =>
  (sent) => {
    const type = sent.query.get("type")
    const collection = /^\/library\/collections\/(\w+)\/items$/.exec(sent.path)?.[1]
    if (collection !== undefined) {
      const members = world.collections?.find((one) => one["ratingKey"] === collection)?.members ?? []
      return page(
        sent,
        members.map((ratingKey) => ({ ratingKey }))
      )
    }
    const keys = /^\/library\/metadata\/([\w,]+)$/.exec(sent.path)?.[1]?.split(",")
    if (keys !== undefined) {
      const found = (world.entries ?? []).filter((entry) => keys.includes(String(entry["ratingKey"])))
      return found.length === 0 ? undefined : page(sent, found)
    }
    switch (sent.path) {
      case "/identity":
        return { MediaContainer: { size: 0, claimed: true, machineIdentifier: "abc", version: "1.40.1.8227" } }
      case "/library/sections":
        return { MediaContainer: { size: 3, Directory: sections } }
      case "/library/sections/1/label":
        return { MediaContainer: { size: 0, Directory: labelRows(world.labels) } }
      case "/library/sections/2/label":
        return { MediaContainer: { size: 0, Directory: type === "2" ? labelRows(world.showLabels) : [] } }
      case "/library/sections/1/collections":
        return page(
          sent,
          (world.collections ?? []).map(({ members: _, ...row }) => row)
        )
      case "/library/sections/2/collections":
        return page(sent, [])
      case "/library/sections/1/all":
        return sent.query.has("label") ? labelledIn(sent, world.labels) : page(sent, world.movies ?? [])
      case "/library/sections/2/all":
        if (sent.query.has("label")) return labelledIn(sent, world.showLabels)
        return page(sent, (type === "2" ? world.shows : world.seasons) ?? [])
      case "/status/sessions/history/all":
        return page(sent, world.history ?? [])
      case "/status/sessions":
        return page(sent, world.sessions ?? [])
      case "/accounts":
        return {
          MediaContainer: {
            Account: world.accounts ?? [
              { id: 1, name: "owner" },
              { id: "2", name: "guest" },
              { id: 0, name: "" }
            ]
          }
        }
      default:
        return undefined
    }
  }

export const historyRow = (id: number, changes: Row) => ({
  historyKey: `/status/sessions/history/${id}`,
  viewedAt: 1_600_000_000 + id,
  accountID: 1,
  ...changes
})
