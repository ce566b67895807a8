/**
 * Applies a document within the caller's transaction, part by part, through the services that own the parts. Their
 * issues are collected, so that all errors are reported at once.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { DiskGroups } from "../../capacity/DiskGroups.ts"
import type { EventLog } from "../../events/EventLog.ts"
import type { Integrations } from "../../integrations/Integrations.ts"
import { pathKey } from "../../integrations/Paths.ts"
import type { Jobs } from "../../jobs/Jobs.ts"
import type { Snapshots } from "../../library/Snapshots.ts"
import type { Rules } from "../../rules/Rules.ts"
import { mergePatch } from "../../settings/MergePatch.ts"
import type { Settings } from "../../settings/Settings.ts"
import { whyNoGroup } from "../../settings/SettingsGroups.ts"
import type { Configuration, PortableDiskGroup } from "../Configuration.ts"
import type { Present } from "../ConfigurationTransfer.ts"
import type { Asked } from "./AskApplications.ts"
import { differences, type Gathering, gathering } from "./Gathering.ts"
import { importIntegrations } from "./ImportIntegrations.ts"
import { importJobSettings, importSchedules } from "./PortableJobs.ts"
import { importProtections } from "./ImportProtections.ts"
import { importRules } from "./ImportRules.ts"
import { importViewers } from "./ImportViewers.ts"

export interface Owners {
  readonly sql: SqlClient.SqlClient
  readonly events: EventLog["Service"]
  readonly settings: Settings["Service"]
  readonly integrations: Integrations["Service"]
  readonly rules: Rules["Service"]
  readonly diskGroups: DiskGroups["Service"]
  readonly jobs: Jobs["Service"]
  readonly snapshots: Snapshots["Service"]
}

export const importConfiguration = Effect.fnUntraced(function* (
  owners: Owners,
  given: Configuration,
  before: Present,
  asked: Asked,
  confirmSecretReuse: boolean
) {
  const gathered = gathering()
  yield* importSettings(owners, gathered, given.settings ?? {}, before)
  const idOf = yield* importIntegrations(owners, gathered, given.integrations ?? [], before, asked, confirmSecretReuse)
  yield* importRules(owners, gathered, given.rules ?? [], before, idOf)
  yield* importDiskGroups(owners, gathered, given.diskGroups ?? [])
  yield* importProtections(owners, gathered, given.protections ?? [], idOf)
  yield* importViewers(owners, gathered, given.viewers ?? [], idOf)
  yield* importSchedules(owners, gathered, given.schedules ?? [])
  yield* importJobSettings(owners, gathered, given.jobSettings ?? [])
  return gathered
})

const importSettings = Effect.fnUntraced(function* (
  { settings }: Owners,
  { apply, wrong }: Gathering,
  given: NonNullable<Configuration["settings"]>,
  before: Present
) {
  for (const [name, wanted] of Object.entries(given)) {
    const group = settings.groups.find((one) => one.name === name)
    if (group === undefined) {
      wrong(["settings", name], whyNoGroup(settings.groups, name))
      continue
    }
    const { defaults, records } = group
    const value = (set: Readonly<Record<string, unknown>>) => mergePatch({ ...defaults }, set, records)
    const fields = differences(value(before.settings[name] ?? {}), value(wanted))
    // Called even if nothing differs: an unknown key must not be taken for a default.
    yield* apply(
      ["settings", name],
      { section: "settings", name, change: "change", fields },
      settings.replace(group, wanted)
    )
  }
})

const importDiskGroups = Effect.fnUntraced(function* (
  { diskGroups, integrations }: Owners,
  { apply, skip }: Gathering,
  given: ReadonlyArray<PortableDiskGroup>
) {
  const groups = yield* diskGroups.list
  const connected = yield* integrations.list
  const at = (mountPath: string) => groups.filter((group) => pathKey(group.mountPath) === pathKey(mountPath))
  for (const [index, { integrations: names = [], merged = [], mountPath, ...patch }] of given.entries()) {
    const alike = at(mountPath)
    const reports = (id: string) => connected.some((one) => one.id === id && names.includes(one.name))
    const group = alike.length === 1 ? alike[0] : alike.find((each) => each.integrations.some(({ id }) => reports(id)))
    if (group === undefined) {
      skip(
        ["diskGroups", index],
        alike.length === 0
          ? `no application here reports the disk ${mountPath}; run a sync and import again`
          : `several disks are mounted at ${mountPath}, and none is reported by ${names.join(", ")}`
      )
      continue
    }
    const fields = differences(group, patch, { named: true })
    if (fields.length > 0) {
      yield* apply(
        ["diskGroups", index],
        { section: "diskGroups", name: mountPath, change: "change", fields },
        diskGroups.update(group.id, patch)
      )
    }
    for (const [position, path] of merged.entries()) {
      const [other] = at(path)
      // Already merged here, so it is not a disk group of its own.
      if (other === undefined || other.id === group.id) continue
      yield* apply(
        ["diskGroups", index, "merged", position],
        {
          section: "diskGroups",
          name: mountPath,
          change: "change",
          fields: [{ field: "merged", before: [], after: [path] }]
        },
        diskGroups.merge(group.id, other.id)
      )
    }
  }
})
