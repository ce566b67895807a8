/**
 * Exports the configuration as one document, and imports it: the document is validated completely by the services that
 * own its parts, and written in one transaction or not at all.
 */
import { Context, Data, Effect, Equal, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { transacting } from "../storage/Transactions.ts"
import { DiskGroups } from "../capacity/DiskGroups.ts"
import { EventLog } from "../events/EventLog.ts"
import { secretMask } from "../integrations/Integration.ts"
import { Integrations } from "../integrations/Integrations.ts"
import { Jobs } from "../jobs/Jobs.ts"
import { portableProtections } from "../library/PortableProtections.ts"
import { Snapshots } from "../library/Snapshots.ts"
import { invalidRequest } from "../problems/Decode.ts"
import { nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { Rules, RulesUnreadable } from "../rules/Rules.ts"
import { Settings } from "../settings/Settings.ts"
import { SettingsEvents } from "../settings/SettingsEvents.ts"
import { type Configuration, configurationFormat, configurationVersion, type ImportReport } from "./Configuration.ts"
import { portableViewers } from "../viewers/PortableViewers.ts"
import { Viewers } from "../viewers/Viewers.ts"
import { askApplications } from "./ConfigurationTransfer/AskApplications.ts"
import { importConfiguration } from "./ConfigurationTransfer/Import.ts"
import { jobSettingsOf, schedulesOf } from "./ConfigurationTransfer/PortableJobs.ts"
import { toPortableIntegration, toPortableRule } from "./ConfigurationTransfer/Portable.ts"
import { version } from "./Version.ts"

/** Everything that is present, in the order in which it is applied. */
export interface Present extends Required<Omit<Configuration, "exportedAt" | "program">> {}

export class ConfigurationTransfer extends Context.Service<
  ConfigurationTransfer,
  {
    /** Without secrets in the document, integrations of the other installation keep those that they have. */
    readonly export: (options: { readonly secrets: boolean }) => Effect.Effect<Configuration>
    /**
     * Adds and changes the entries in the document; everything else stays as it is. With `dryRun`, changes are only
     * reported. An integration whose address changes needs its secrets in the document, or `confirmSecretReuse`.
     */
    readonly import: (
      configuration: Configuration,
      options: { readonly dryRun: boolean; readonly confirmSecretReuse?: boolean }
    ) => Effect.Effect<ImportReport, InvalidRequest>
  }
>()("tendarr/system/ConfigurationTransfer") {
  static readonly layer = Layer.effect(
    ConfigurationTransfer,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const events = yield* EventLog
      const settings = yield* Settings
      const integrations = yield* Integrations
      const rules = yield* Rules
      const diskGroups = yield* DiskGroups
      const jobs = yield* Jobs
      const snapshots = yield* Snapshots
      const viewers = yield* Viewers
      const owners = { sql, events, settings, integrations, rules, diskGroups, jobs, snapshots }

      const changedSettings = Effect.map(
        Effect.forEach(settings.groups, (group) =>
          Effect.map(settings.get(group), (value) => [group.name, differing(group.defaults, value)] as const)
        ),
        (entries) => Object.fromEntries(entries)
      )

      const present = Effect.fnUntraced(function* (secrets: boolean) {
        // A document without a rule that keeps something would be taken for the whole configuration.
        const [damaged] = yield* rules.damaged
        if (damaged !== undefined) return yield* Effect.die(new RulesUnreadable({ detail: damaged.detail }))
        const connected = yield* integrations.list
        const configs = yield* integrations.configs
        const groups = yield* diskGroups.list
        const stored = yield* portableProtections.pipe(Effect.provideService(SqlClient.SqlClient, sql))
        const known = yield* jobs.list
        const nameOf = (id: string) => connected.find((one) => one.id === id)?.name
        const document: Present = {
          format: configurationFormat,
          formatVersion: configurationVersion,
          settings: yield* changedSettings,
          integrations: connected.map((one) => {
            const config = secrets ? (configs.get(one.id) ?? {}) : withoutMasks(one.config)
            return toPortableIntegration(one, config, nameOf)
          }),
          rules: (yield* rules.list).map((rule) => toPortableRule(rule, nameOf)),
          diskGroups: groups.map((group) => ({
            mountPath: group.mountPath,
            integrations: group.integrations.flatMap(({ id }) => nameOf(id) ?? []),
            ...(group.merged === undefined || group.merged.length === 0
              ? {}
              : { merged: group.merged.map(({ mountPath }) => mountPath) }),
            limits: group.limits,
            mode: group.mode,
            totalBytesOverride: group.totalBytesOverride,
            allowedUnknown: group.allowedUnknown
          })),
          protections: stored.map(({ protection }) => protection),
          viewers: yield* portableViewers(sql, nameOf),
          schedules: schedulesOf(known),
          jobSettings: yield* jobSettingsOf(jobs, known)
        }
        return document
      })

      return ConfigurationTransfer.of({
        export: Effect.fn("ConfigurationTransfer.export")(function* ({ secrets }) {
          const document = yield* present(secrets)
          const exportedAt = yield* nowIso
          if (secrets) {
            yield* events.append(
              SettingsEvents.exported.make({
                message: "Exported the configuration with the secrets of the integrations"
              })
            )
          }
          const { format, formatVersion, ...sections } = document
          return { format, formatVersion, exportedAt, program: version, ...sections }
        }),
        import: Effect.fn("ConfigurationTransfer.import")(function* (given, { confirmSecretReuse = false, dryRun }) {
          const before = yield* present(true)
          // Before the transaction, so that no writer has to wait while applications respond.
          const asked = yield* askApplications(integrations, given.integrations ?? [], before, confirmSecretReuse)
          const report = yield* transact(
            Effect.gen(function* () {
              const { changes, issues, skipped } = yield* importConfiguration(
                owners,
                given,
                before,
                asked,
                confirmSecretReuse
              )
              if (issues.length > 0) return yield* invalidRequest(issues)
              const report: ImportReport = { dryRun, changes, skipped }
              // A dry run is rolled back with the transaction.
              if (dryRun) return yield* new TriedOut({ report })
              if (changes.length > 0) {
                yield* events.append(
                  SettingsEvents.imported.make({
                    message: `Imported a configuration: ${changes.length} changes`,
                    payload: { changes: changes.length, skipped: skipped.length }
                  })
                )
              }
              return report
            })
          ).pipe(Effect.catchTag("TriedOut", ({ report: tried }) => Effect.succeed(tried)))
          if (!dryRun && report.changes.some(({ section }) => section === "viewers")) yield* viewers.changed
          return report
        })
      })
    })
  )
}

class TriedOut extends Data.TaggedError("TriedOut")<{ readonly report: ImportReport }> {}

const differing = (defaults: object, value: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(value).filter(([key, each]) => !Equal.equals(Reflect.get(defaults, key), each)))

const withoutMasks = (config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== secretMask))
