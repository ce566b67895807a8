/**
 * The configuration of an installation as one document that another installation can import: it contains names and
 * paths instead of the ids of one database. Accounts, keys and history are not included.
 */
import { Schema } from "effect"
import { DiskGroupPatch } from "../capacity/DiskGroup.ts"
import { IntegrationOptions, NewIntegration } from "../integrations/Integration.ts"
import { JobSchedule } from "../jobs/Job.ts"
import { PortableProtection } from "../library/PortableProtections.ts"
import { RuleDefinition, RuleScope } from "../rules/Rule.ts"
import { PortableViewer } from "../viewers/PortableViewers.ts"

export const configurationFormat = "tendarr-configuration"
/** Increased when older documents could be misread. */
export const configurationVersion = 1

const Values = Schema.Record(Schema.String, Schema.Unknown)

const { integrationIds, ...scopeFields } = RuleScope.fields

export const PortableRule = Schema.Struct({
  subject: RuleDefinition.fields.subject,
  name: RuleDefinition.fields.name,
  enabled: RuleDefinition.fields.enabled,
  effect: RuleDefinition.fields.effect,
  condition: RuleDefinition.fields.condition,
  scope: Schema.optionalKey(
    Schema.Struct({
      ...scopeFields,
      integrations: integrationIds.annotate({ description: "Names of integrations." })
    })
  ),
  action: RuleDefinition.fields.action,
  priority: RuleDefinition.fields.priority
}).annotate({ identifier: "PortableRule" })
export type PortableRule = typeof PortableRule.Type

const {
  emptyEntries,
  episodeItems,
  episodeTag,
  mediaServerId: _,
  pathMappings,
  ...optionFields
} = IntegrationOptions.fields

export const PortableIntegration = Schema.Struct({
  kind: NewIntegration.fields.kind,
  name: NewIntegration.fields.name,
  url: NewIntegration.fields.url,
  enabled: Schema.Boolean,
  options: Schema.Struct({
    ...optionFields,
    // Documents of earlier versions contain none of these.
    episodeItems: Schema.optionalKey(episodeItems),
    episodeTag: Schema.optionalKey(episodeTag),
    pathMappings: Schema.optionalKey(pathMappings),
    emptyEntries: Schema.optionalKey(emptyEntries),
    mediaServer: Schema.NullOr(Schema.String).annotate({
      description: "For statistics applications: name of the media server integration whose plays it records."
    })
  }),
  config: Values.annotate({
    description: "Secrets are present only if they were requested; without them, the stored ones are kept."
  })
}).annotate({ identifier: "PortableIntegration" })
export type PortableIntegration = typeof PortableIntegration.Type

export const PortableDiskGroup = Schema.Struct({
  mountPath: Schema.String.check(Schema.isMaxLength(4096)),
  integrations: Schema.optionalKey(Schema.Array(Schema.String)).annotate({
    description: "Names of the integrations that report it. They distinguish several disks with the same path."
  }),
  merged: Schema.optionalKey(Schema.Array(Schema.String.check(Schema.isMaxLength(4096)))).annotate({
    description: "Mount paths that a person has declared to be this disk."
  }),
  ...DiskGroupPatch.fields
}).annotate({ identifier: "PortableDiskGroup" })
export type PortableDiskGroup = typeof PortableDiskGroup.Type

const PortableSubject = Schema.String.annotate({
  description: "Name of the subject that the job runs for, such as an integration; absent for jobs without subjects."
})

export const PortableSchedule = Schema.Struct({
  job: Schema.String,
  subject: Schema.optionalKey(PortableSubject),
  schedule: Schema.NullOr(JobSchedule),
  enabled: Schema.Boolean
}).annotate({ identifier: "PortableSchedule" })
export type PortableSchedule = typeof PortableSchedule.Type

export const PortableJobSettings = Schema.Struct({
  job: Schema.String,
  subject: Schema.optionalKey(PortableSubject),
  settings: Values.annotate({
    description: "Values that differ from the defaults. A job's settings present here replace the stored ones."
  })
}).annotate({ identifier: "PortableJobSettings" })
export type PortableJobSettings = typeof PortableJobSettings.Type

export const Configuration = Schema.Struct({
  format: Schema.String.check(
    Schema.isPattern(new RegExp(`^${configurationFormat}$`), { message: `must be "${configurationFormat}"` })
  ),
  formatVersion: Schema.Int.check(
    Schema.makeFilter((version: number) =>
      version >= 1 && version <= configurationVersion
        ? undefined
        : `is not known to this Tendarr, which reads documents up to version ${configurationVersion}`
    )
  ),
  exportedAt: Schema.optionalKey(Schema.String),
  /** Version of the program that wrote the document. */
  program: Schema.optionalKey(Schema.String),
  settings: Schema.optionalKey(Schema.Record(Schema.String, Values)).annotate({
    description: "Per group, the values that differ from the defaults. A group present here replaces the stored one."
  }),
  integrations: Schema.optionalKey(Schema.Array(PortableIntegration)),
  rules: Schema.optionalKey(Schema.Array(PortableRule)),
  diskGroups: Schema.optionalKey(Schema.Array(PortableDiskGroup)),
  protections: Schema.optionalKey(Schema.Array(PortableProtection)),
  viewers: Schema.optionalKey(Schema.Array(PortableViewer)).annotate({
    description: "People whose accounts somebody has joined or split, with these accounts."
  }),
  schedules: Schema.optionalKey(Schema.Array(PortableSchedule)),
  jobSettings: Schema.optionalKey(Schema.Array(PortableJobSettings))
}).annotate({ identifier: "Configuration" })
export type Configuration = typeof Configuration.Type

export const ConfigurationChange = Schema.Struct({
  section: Schema.Literals([
    "settings",
    "integrations",
    "rules",
    "diskGroups",
    "protections",
    "viewers",
    "schedules",
    "jobSettings"
  ]),
  name: Schema.String,
  change: Schema.Literals(["add", "change"]),
  fields: Schema.Array(Schema.Struct({ field: Schema.String, before: Schema.Unknown, after: Schema.Unknown })).annotate(
    { description: "The fields that differ; secrets are masked. Empty for an added entry." }
  )
})
export type ConfigurationChange = typeof ConfigurationChange.Type

export const ImportReport = Schema.Struct({
  /** Whether this was a dry run, which writes nothing. */
  dryRun: Schema.Boolean,
  changes: Schema.Array(ConfigurationChange),
  skipped: Schema.Array(
    Schema.Struct({ path: Schema.Array(Schema.Union([Schema.String, Schema.Finite])), because: Schema.String })
  ).annotate({ description: "Entries skipped because their target does not exist here, with the reason." })
}).annotate({ identifier: "ImportReport" })
export type ImportReport = typeof ImportReport.Type
