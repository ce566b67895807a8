/** The integrations to which rules refer, with those that were removed and those that replaced them. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

export const readReferredIntegrations = (from: SqlClient.SqlClient): Effect.Effect<ReferredIntegrations> =>
  Effect.map(Effect.orDie(from<Place>`SELECT id, kind, name, url, deleted_at FROM integrations ORDER BY id`), placesIn)

interface Place {
  readonly id: number
  readonly kind: string
  readonly name: string
  readonly url: string
  readonly deleted_at: string | null
}

export interface ReferredIntegrations {
  readonly there: ReadonlySet<string>
  readonly removed: ReadonlySet<string>
  readonly names: ReadonlyMap<string, string>
  /**
   * The only integration of that kind that replaces a removed one: with the same address, or, if a mistake would keep
   * too much rather than too little, with the same name.
   */
  readonly successorOf: (id: string, byName: boolean) => string | null
}

const placesIn = (rows: ReadonlyArray<Place>): ReferredIntegrations => {
  const live = rows.filter((row) => row.deleted_at === null)
  const gone = rows.filter((row) => row.deleted_at !== null)
  return {
    there: new Set(live.map(({ id }) => String(id))),
    removed: new Set(gone.map(({ id }) => String(id))),
    names: new Map(rows.map(({ id, name }) => [String(id), name])),
    successorOf: (id, byName) => {
      const before = gone.find((row) => String(row.id) === id)
      if (before === undefined) return null
      const same = live.filter(({ kind }) => kind === before.kind)
      const there = same.filter(({ url }) => addressOf(url) === addressOf(before.url))
      const named = same.filter(({ name }) => name === before.name)
      const both = there.filter((row) => named.includes(row))
      const [one, ...others] = both.length > 0 ? both : there.length > 0 ? there : byName ? named : []
      return one === undefined || others.length > 0 ? null : String(one.id)
    }
  }
}

const addressOf = (url: string): string => url.toLowerCase().replace(/\/+$/, "")
