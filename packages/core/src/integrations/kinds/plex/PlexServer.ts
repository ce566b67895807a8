/** The calls that are made to a Plex Media Server, each one decoded; lists are read in pages of 1,000. */
import { Effect, type Schema } from "effect"
import type { Probe, Progress } from "../../Kind.ts"
import type { QueryValue, Upstream } from "../../Upstream.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { readPages } from "../Paging.ts"
import { timedProbe } from "../Probing.ts"
import { Account, Container, HistoryRow, Identity, MetadataItem, parseContainer, Section } from "./Container.ts"

export interface PlexServer {
  readonly probe: Effect.Effect<Probe, UpstreamError>
  readonly sections: Effect.Effect<ReadonlyArray<typeof Section.Type>, UpstreamError>
  /** Everything of one type in a section: 1 movies, 2 shows, 3 seasons. */
  readonly items: (
    section: string,
    type: 1 | 2 | 3,
    progress: Progress
  ) => Effect.Effect<ReadonlyArray<MetadataItem>, UpstreamError>
  /** Every play of every account, oldest first. */
  readonly history: (progress: Progress) => Effect.Effect<ReadonlyArray<HistoryRow>, UpstreamError>
  readonly accounts: Effect.Effect<ReadonlyArray<typeof Account.Type>, UpstreamError>
}

export const pageSize = 1_000

export const makePlexServer = (upstream: Upstream, integration: string, clientId: string): PlexServer => {
  const headers = {
    accept: "application/json",
    "X-Plex-Client-Identifier": clientId,
    "X-Plex-Product": "Tendarr",
    "X-Plex-Version": "1"
  }
  const request = (query: Record<string, QueryValue> = {}) => ({
    query,
    headers,
    parse: parseContainer,
    timeoutMillis: 120_000
  })

  const rows = <A>(
    path: string,
    list: "Metadata" | "Directory" | "Account",
    row: Schema.Codec<A, unknown>,
    query?: Record<string, QueryValue>
  ) => {
    const page = { head: Container, rowsOf: (head: typeof Container.Type) => head.MediaContainer[list] ?? [], row }
    return upstream.getPage(path, page, request(query))
  }

  const paged = <A>(
    path: string,
    row: Schema.Codec<A, unknown>,
    query: Record<string, QueryValue>,
    keyOf: (row: A) => string | null,
    progress: Progress
  ) =>
    readPages({
      integration,
      call: `GET ${path}`,
      pageSize,
      keyOf,
      progress,
      fetch: (start) =>
        rows(path, "Metadata", row, {
          ...query,
          "X-Plex-Container-Start": start,
          "X-Plex-Container-Size": pageSize
        }).pipe(Effect.map((page) => ({ rows: page.rows, total: page.head.MediaContainer.totalSize ?? null })))
    })

  const sections = Effect.map(rows("library/sections", "Directory", Section), (page) => page.rows)

  // The identity answers to anyone; the libraries only to a token that is right.
  const probe = timedProbe(
    Effect.map(upstream.get("identity", Identity, request()), ({ MediaContainer: server }) => ({
      appName: "Plex Media Server",
      version: server.version ?? null,
      identity: server.machineIdentifier
    })),
    sections
  )

  return {
    probe,
    sections,
    // Oldest first: what is added while pages are read comes at the end and moves no row.
    items: (section, type, progress) =>
      paged(
        `library/sections/${encodeURIComponent(section)}/all`,
        MetadataItem,
        { type, includeGuids: 1, sort: "addedAt:asc" },
        (item) => item.ratingKey,
        progress
      ),
    history: (progress) =>
      paged(
        "status/sessions/history/all",
        HistoryRow,
        { sort: "viewedAt:asc" },
        (row) => row.historyKey ?? null,
        progress
      ),
    accounts: Effect.map(rows("accounts", "Account", Account), (page) => page.rows)
  }
}
