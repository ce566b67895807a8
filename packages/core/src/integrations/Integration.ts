/** A configured connection to one upstream application, as stored and as seen by clients. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"
import { capabilities, emptyEntryChoices, episodeChoices } from "./Kind.ts"
import { observations } from "./Observations.ts"
import { PathMappings } from "./Paths.ts"

/** Placeholder for a secret; when it is sent back, the stored secret is kept. */
export const secretMask = "********"

export const IntegrationOptions = Schema.Struct({
  disabledCapabilities: Schema.Array(Schema.Literals(capabilities)).annotate({
    description: "Capabilities of the kind that Tendarr must not use for this integration."
  }),
  addImportExclusion: Schema.Boolean.annotate({
    description: "Keep the application's import lists from adding a removed item again."
  }),
  removeCollections: Schema.Boolean.annotate({
    description: "Members of a collection are removed together or not at all."
  }),
  wholeShows: Schema.Boolean.annotate({
    description:
      "Remove whole shows, artists and authors with all their parts, instead of single seasons, albums and books."
  }),
  episodeItems: Schema.Literals(episodeChoices).annotate({
    description:
      "For applications of shows: whose episodes are items of their own, which rules and people can remove one by one: those of no show, of daily shows, or of all shows. A sync then reads the episodes of each of these shows that has changed, in two calls."
  }),
  episodeTag: Schema.NullOr(Schema.NonEmptyString).annotate({
    description: "The same for every show with this tag, whatever its type; `null` = no tag."
  }),
  emptyEntries: Schema.Literals(emptyEntryChoices).annotate({
    description:
      "What happens to the entry of a show, artist or author when its last season, album or book has been removed: it is kept, no longer monitored, or deleted from the application. Applies only if no file is left, no other part is monitored, and no more parts are expected. Requests for it stay in the request manager."
  }),
  mediaServerId: Schema.NullOr(Schema.String).annotate({
    description:
      "For statistics applications: the media server integration whose plays it records. Needed only if there are several."
  }),
  pathMappings: PathMappings.annotate({
    description:
      "Folders that this application sees under other paths than the rest of the stack: its path `from` is the common path `to`. Files and disks are compared by their common paths."
  })
})
export type IntegrationOptions = typeof IntegrationOptions.Type

export const defaultIntegrationOptions: IntegrationOptions = {
  disabledCapabilities: [],
  addImportExclusion: true,
  removeCollections: false,
  wholeShows: false,
  episodeItems: "none",
  episodeTag: null,
  emptyEntries: "keep",
  mediaServerId: null,
  pathMappings: []
}

/** One fault of an integration, whichever part of Tendarr found it. */
export const IntegrationProblem = Schema.Struct({
  code: Schema.Literals([
    "not-answering",
    "read-failed",
    "read-held",
    "connected-twice",
    "media-server",
    "key-withheld",
    "removal-refused",
    "damaged"
  ]),
  severity: Schema.Literals(["error", "warning"]),
  detail: Schema.String,
  observation: Schema.NullOr(Schema.Literals(observations)).annotate({
    description: "What could not be read, if the problem is a failed reading."
  })
}).annotate({ identifier: "IntegrationProblem" })
export type IntegrationProblem = typeof IntegrationProblem.Type

export const Health = Schema.Struct({
  status: Schema.Literals(["unknown", "up", "troubled", "failing", "down"]).annotate({
    description:
      "`unknown`: it has not been checked yet, or is switched off. `up`: it answers, and everything was read. `troubled`: it answers, but `problems` lists faults. `failing`, `down`: it has not answered one or two checks, or three and more."
  }),
  problems: Schema.Array(IntegrationProblem).annotate({
    description: "All its current faults: those found by the last check, and failures of its last readings."
  }),
  appName: Schema.NullOr(Schema.String),
  appVersion: Schema.NullOr(Schema.String),
  latencyMillis: Schema.NullOr(Schema.Int),
  consecutiveFailures: Schema.Int,
  error: Schema.NullOr(Schema.Struct({ type: Schema.String, detail: Schema.String })),
  checkedAt: Schema.NullOr(Schema.String),
  lastOkAt: Schema.NullOr(Schema.String),
  nextCheckAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "IntegrationHealth" })
export type Health = typeof Health.Type

export const unknownHealth: Health = {
  status: "unknown",
  problems: [],
  appName: null,
  appVersion: null,
  latencyMillis: null,
  consecutiveFailures: 0,
  error: null,
  checkedAt: null,
  lastOkAt: null,
  nextCheckAt: null
}

export const Integration = Schema.Struct({
  id: Schema.String,
  kind: Schema.String,
  name: Schema.String,
  url: Schema.String,
  /** Secrets are masked. */
  config: Schema.Record(Schema.String, Schema.Unknown),
  enabled: Schema.Boolean,
  options: IntegrationOptions,
  capabilities: Schema.Array(Schema.Literals(capabilities)),
  unmanagedEntries: Schema.NullOr(Schema.Int).annotate({
    description:
      "Of a media server: how many of its movies and shows no manager seems to know, as of the last sync. They become items if its configuration says `manageUnknown`. `null` = it is no media server, or was not read yet."
  }),
  health: Health,
  version: Schema.Int,
  createdAt: Schema.String,
  updatedAt: Schema.String
}).annotate({ identifier: "Integration" })
export type Integration = typeof Integration.Type

const Name = Schema.Trim.check(Schema.isBetweenLength(1, 100))
const Address = Schema.Trim.check(
  Schema.isMaxLength(2000),
  Schema.makeFilter((text: string) => {
    if (!URL.canParse(text)) return "must be an address such as http://radarr:7878"
    const url = new URL(text)
    if (url.protocol !== "http:" && url.protocol !== "https:") return "must start with http:// or https://"
    if (url.username !== "" || url.password !== "") {
      return "must not carry credentials; put them into the configuration"
    }
    // A key in a query would be stored and shown in clear text.
    return url.search === "" && url.hash === "" ? undefined : "must not carry a query or a fragment"
  })
)
const Config = Schema.Record(Schema.String, Schema.Unknown)

const confirmSecretReuse = Schema.optionalKey(
  Schema.Boolean.annotate({
    description:
      "Send the stored key to the changed address too, although it was given for another host or port. Without this, the key must be entered again."
  })
)

const partialOptions = {
  disabledCapabilities: Schema.optionalKey(IntegrationOptions.fields.disabledCapabilities),
  addImportExclusion: Schema.optionalKey(IntegrationOptions.fields.addImportExclusion),
  removeCollections: Schema.optionalKey(IntegrationOptions.fields.removeCollections),
  wholeShows: Schema.optionalKey(IntegrationOptions.fields.wholeShows),
  episodeItems: Schema.optionalKey(IntegrationOptions.fields.episodeItems),
  episodeTag: Schema.optionalKey(IntegrationOptions.fields.episodeTag),
  emptyEntries: Schema.optionalKey(IntegrationOptions.fields.emptyEntries),
  mediaServerId: Schema.optionalKey(IntegrationOptions.fields.mediaServerId),
  pathMappings: Schema.optionalKey(IntegrationOptions.fields.pathMappings)
}

export const NewIntegration = Schema.Struct({
  kind: Schema.String,
  name: Name,
  url: Address,
  config: Config,
  enabled: Schema.optionalKey(Schema.Boolean),
  options: Schema.optionalKey(Schema.Struct(partialOptions))
}).annotate({ identifier: "NewIntegration" })
export type NewIntegration = typeof NewIntegration.Type

export const IntegrationPatch = Schema.Struct({
  name: Schema.optionalKey(Name),
  url: Schema.optionalKey(Address),
  config: Schema.optionalKey(Config),
  enabled: Schema.optionalKey(Schema.Boolean),
  options: Schema.optionalKey(Schema.Struct(partialOptions)),
  confirmSecretReuse
}).annotate({ identifier: "IntegrationPatch" })
export type IntegrationPatch = typeof IntegrationPatch.Type

/** Either a complete draft, or a stored integration, whose values fill in what the draft omits. */
export const ConnectionTest = Schema.Struct({
  integrationId: Schema.optionalKey(Schema.String),
  kind: Schema.optionalKey(Schema.String),
  url: Schema.optionalKey(Address),
  config: Schema.optionalKey(Config),
  confirmSecretReuse
}).annotate({ identifier: "ConnectionTest" })
export type ConnectionTest = typeof ConnectionTest.Type

export const ConnectionTestResult = Schema.Struct({
  ok: Schema.Boolean,
  appName: Schema.NullOr(Schema.String),
  version: Schema.NullOr(Schema.String),
  latencyMillis: Schema.NullOr(Schema.Int),
  refusesRemoval: Schema.NullOr(Schema.String).annotate({
    description: "Why the application will refuse to remove anything, if it says so; the connection works nevertheless."
  }),
  error: Schema.NullOr(Schema.Struct({ type: Schema.String, detail: Schema.String }))
}).annotate({ identifier: "ConnectionTestResult" })
export type ConnectionTestResult = typeof ConnectionTestResult.Type

export class IntegrationNotFound extends Problem<IntegrationNotFound>()(
  "IntegrationNotFound",
  { code: "integration-not-found", status: 404, title: "There is no such integration" },
  { integrationId: Schema.String }
) {}

export class IntegrationNameTaken extends Problem<IntegrationNameTaken>()(
  "IntegrationNameTaken",
  { code: "integration-name-taken", status: 409, title: "Another integration has that name" },
  { name: Schema.String }
) {}

/** Two connections to one application would count, rank and remove everything in it twice. */
export class AlreadyConnected extends Problem<AlreadyConnected>()(
  "AlreadyConnected",
  { code: "already-connected", status: 409, title: "This application is connected already" },
  {
    detail: Schema.String,
    /** The integration that was connected first. */
    integrationId: Schema.String,
    name: Schema.String
  }
) {}
