/** The house inside a program: settings, events, and the API keys of a server on the same data directory. */
import { Effect, Stream } from "effect"
import { ApiKeys, type CreatedApiKey } from "../access/ApiKeys.ts"
import { type ApiKey, NewApiKey } from "../access/ApiKey.ts"
import type { StoredEvent } from "../events/Event.ts"
import type { EventCountQuery, EventCounts } from "../events/EventCounts.ts"
import { EventLog, type EventQuery, type EventStreamOptions } from "../events/EventLog.ts"
import { type AllSettings, type GroupDescription, Settings } from "../settings/Settings.ts"
import type { GroupName, SettingsOf } from "../settings/SettingsGroups.ts"
import type { Page } from "../storage/Rows.ts"
import { Configuration, type ImportReport } from "../system/Configuration.ts"
import { ConfigurationTransfer } from "../system/ConfigurationTransfer.ts"
import type { CallOptions, Calls } from "./Calls.ts"

/** Settings in typed groups: `general`, `library`, `capacity`, `scoring`, `removals`, `retention`, `backup`, `access`, `telemetry`. */
export interface SettingsCalls {
  /** Every group with its values, its version, and when it was last changed. */
  readonly list: () => Promise<AllSettings>
  /** Every group as JSON Schema with bounds, defaults and descriptions: enough to draw a form. */
  readonly schemas: () => Promise<ReadonlyArray<GroupDescription>>
  /** The values of a group, defaults filled in. */
  readonly get: <G extends GroupName>(group: G) => Promise<SettingsOf<G>>
  /**
   * Changes what is given: keys replace, nested objects merge, what is left out stays; all or nothing.
   * Rejects with `InvalidRequest`, which names each bad key.
   */
  readonly patch: <G extends GroupName>(group: G, partial: SettingsPatch<SettingsOf<G>>) => Promise<SettingsOf<G>>
  /** Back to the defaults. */
  readonly reset: <G extends GroupName>(group: G) => Promise<SettingsOf<G>>
  /**
   * The whole configuration as one document for another installation: settings, integrations, rules, disks, protections,
   * schedules, settings of jobs. Secrets of integrations stand in it, in the clear, only with `secrets`.
   */
  readonly export: (options?: { readonly secrets?: boolean }) => Promise<Configuration>
  /**
   * Adds and changes what such a document names, all of it or nothing; with `dryRun` it only tells what would change.
   * Rejects with `InvalidRequest`, which names each fault by its path.
   */
  readonly import: (
    configuration: typeof Configuration.Encoded,
    options?: { readonly dryRun?: boolean; readonly confirmSecretReuse?: boolean }
  ) => Promise<ImportReport>
}

/** Part of a group: any of its keys, and of nested objects any of theirs. */
export type SettingsPatch<A> =
  A extends ReadonlyArray<unknown> ? A : A extends object ? { readonly [K in keyof A]?: SettingsPatch<A[K]> } : A

/** One log of everything that happened. Category `audit` tells of removals and why. */
export interface EventCalls {
  /** Newest first, in pages. Rejects with `InvalidRequest`. */
  readonly list: (query?: EventQuery) => Promise<Page<StoredEvent>>
  /** Every event that the query finds, newest first, asked for page by page. */
  readonly all: (query?: EventQuery) => AsyncIterable<StoredEvent>
  /** How many events there were in every hour or day, also of those that were deleted since. Rejects with `InvalidRequest`. */
  readonly counts: (query?: EventCountQuery) => Promise<EventCounts>
  /**
   * The log from `after` on and then live, without gap or repetition. Keep the `id` of the last event that was dealt with:
   * given as `after` it resumes there, also in a later process; `"0"` is the beginning. Without `after` the loop begins
   * with what happens next. It ends when it is left, when `signal` is aborted, and when Tendarr is closed.
   */
  readonly stream: (from?: EventStreamOptions & CallOptions) => AsyncIterable<StoredEvent>
}

/** Keys for the HTTP API of a server on this data directory. */
export interface ApiKeyCalls {
  /** Those that are not revoked; the keys themselves cannot be had again. */
  readonly list: () => Promise<ReadonlyArray<ApiKey>>
  /** The key is in this answer and nowhere else. Rejects with `InvalidRequest` or `ApiKeyNameTaken`. */
  readonly create: (draft: typeof NewApiKey.Encoded) => Promise<CreatedApiKey>
  /** Rejects with `ApiKeyNotFound`, `InvalidRequest` or `ApiKeyNameTaken`. */
  readonly rename: (id: string, name: string) => Promise<ApiKey>
  /** Rejects with `ApiKeyNotFound`. */
  readonly revoke: (id: string) => Promise<void>
}

export const settingsCalls = ({ run, write }: Calls): SettingsCalls => ({
  list: () => run(Settings.use((all) => all.all)),
  schemas: () => run(Settings.use((all) => all.describe)),
  get: (group) => run(Settings.use((all) => all.get(group))),
  patch: (group, partial) => run(Settings.use((all) => Effect.map(all.patch(group, partial), ({ value }) => value))),
  reset: (group) => run(Settings.use((all) => Effect.map(all.reset(group), ({ value }) => value))),
  export: ({ secrets = false } = {}) => run(ConfigurationTransfer.use((transfer) => transfer.export({ secrets }))),
  import: (configuration, { confirmSecretReuse = false, dryRun = false } = {}) =>
    write(Configuration, configuration, (valid) =>
      ConfigurationTransfer.use((transfer) => transfer.import(valid, { dryRun, confirmSecretReuse }))
    )
})

export const eventCalls = ({ everyPage, loop, run }: Calls): EventCalls => ({
  list: (query = {}) => run(EventLog.use((log) => log.page(query))),
  all: (query = {}) => everyPage((asked) => EventLog.use((log) => log.page(asked)), query),
  counts: (query = {}) => run(EventLog.use((log) => log.counts(query))),
  stream: ({ signal, ...from } = {}) => loop(Stream.unwrap(EventLog.useSync((log) => log.stream(from))), signal)
})

export const apiKeyCalls = ({ run, write }: Calls): ApiKeyCalls => ({
  list: () => run(ApiKeys.use((keys) => keys.list)),
  create: (draft) => write(NewApiKey, draft, (valid) => ApiKeys.use((keys) => keys.create(valid))),
  rename: (id, name) => run(ApiKeys.use((keys) => keys.rename(id, name))),
  revoke: (id) => run(ApiKeys.use((keys) => keys.revoke(id)))
})
