/** Connections to upstream applications, and the available kinds. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { TooManyRequests } from "../../access/RateLimiter.ts"
import {
  AlreadyConnected,
  ConnectionTest,
  ConnectionTestResult,
  Integration,
  IntegrationNameTaken,
  IntegrationNotFound,
  IntegrationPatch,
  NewIntegration
} from "../../integrations/Integration.ts"
import { SecretReuseRefused } from "../../integrations/SecretReuse.ts"
import { VersionConflict } from "../../problems/VersionConflict.ts"
import { capabilities } from "../../integrations/Kind.ts"
import { itemKinds, observations } from "../../integrations/Observations.ts"
import { OddSummary } from "../../library/Sources.ts"
import { HeldSyncNotFound, NothingHeld } from "../../library/LibraryErrors.ts"
import { SyncReport } from "../../library/Sync.ts"
import { HeldSync } from "../../library/Sync/HeldSync.ts"
import {
  ConfirmedReplacement,
  Replacement,
  ReplacementConflict,
  ReplacementNotFound,
  ReplacementPlan,
  ReplacementRequest
} from "../../moving/Replacement.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { Authorization } from "../Authorization.ts"
import { about, idPath, listOf, NeedsScope, preconditions } from "../Common.ts"

export const KindView = Schema.Struct({
  id: Schema.String,
  title: Schema.String,
  description: Schema.String,
  capabilities: Schema.Array(Schema.Literals(capabilities)),
  itemKinds: Schema.Array(Schema.Literals(itemKinds)),
  fields: Schema.Array(
    Schema.Struct({
      key: Schema.String,
      label: Schema.String,
      type: Schema.Literals(["text", "secret", "boolean", "integer", "choice"]),
      required: Schema.Boolean,
      description: Schema.String,
      default: Schema.optionalKey(Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])),
      choices: Schema.optionalKey(Schema.Array(Schema.String))
    })
  ).annotate({ description: "The fields of the configuration, in enough detail to render a form." }),
  configSchema: Schema.Record(Schema.String, Schema.Unknown).annotate({
    description:
      "The configuration as JSON Schema (draft 2020-12), like settings and options of jobs; a secret is `writeOnly`."
  }),
  discovery: Schema.optionalKey(
    Schema.Struct({
      defaultPort: Schema.Int,
      hostNames: Schema.Array(Schema.String).annotate({ description: "Usual names of its container." }),
      path: Schema.String.annotate({ description: "Path below the address, requested without a key." }),
      answer: Schema.String.annotate({ description: "A regular expression that matches the body of the response." })
    })
  ).annotate({ description: "How an installation is found and recognised without a key." }),
  keySpace: Schema.optionalKey(Schema.String).annotate({
    description: "For media servers: the family of keys that identify its entries."
  }),
  watches: Schema.optionalKey(Schema.Array(Schema.String)).annotate({
    description:
      "For statistics applications: the families (`keySpace`) of the media servers whose plays it can record."
  }),
  syncCost: Schema.String.annotate({ description: "Number of upstream calls per sync." })
}).annotate({ identifier: "IntegrationKind" })

export const SourceView = Schema.Struct({
  observation: Schema.Literals(observations),
  status: Schema.Literals(["ok", "failed", "held"]),
  entries: Schema.Int,
  calls: Schema.Int,
  observedAt: Schema.NullOr(Schema.String),
  attemptedAt: Schema.String,
  error: Schema.NullOr(Schema.Struct({ reason: Schema.String, detail: Schema.String })),
  odd: OddSummary
}).annotate({ identifier: "Source" })

export class IntegrationsApi extends HttpApiGroup.make("integrations")
  .add(
    HttpApiEndpoint.get("kinds", "/integration-kinds", { success: listOf(KindView) }).annotateMerge(
      about("List kinds of integrations", "With their capabilities and configuration fields.")
    ),
    HttpApiEndpoint.get("list", "/integrations", { success: listOf(Integration) }).annotateMerge(
      about(
        "List integrations",
        "Secrets are masked. Health is the result of the last background check, and also lists what could not be read since then."
      )
    ),
    HttpApiEndpoint.post("create", "/integrations", {
      payload: NewIntegration,
      success: Integration.pipe(HttpApiSchema.status(201)),
      error: [InvalidRequest, IntegrationNameTaken, AlreadyConnected]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Connect an application",
          "The application is asked to identify itself, and is refused if it is already connected, under any address. An application that does not answer is stored nevertheless."
        )
      ),
    HttpApiEndpoint.post("test", "/integrations/test", {
      payload: ConnectionTest,
      success: ConnectionTestResult,
      error: [InvalidRequest, IntegrationNotFound, SecretReuseRefused, TooManyRequests]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Test a connection",
          "Tests a draft, or a stored integration with changes. Stores nothing. Stored keys are sent only to the stored host and port, unless `confirmSecretReuse` allows more."
        )
      ),
    HttpApiEndpoint.get("get", "/integrations/:id", {
      params: idPath,
      success: Integration,
      error: IntegrationNotFound
    }).annotateMerge(about("One integration")),
    HttpApiEndpoint.patch("update", "/integrations/:id", {
      params: idPath,
      headers: preconditions,
      payload: IntegrationPatch,
      success: Integration,
      error: [
        InvalidRequest,
        IntegrationNotFound,
        IntegrationNameTaken,
        AlreadyConnected,
        SecretReuseRefused,
        VersionConflict
      ]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Change an integration",
          "A masked secret that is sent back keeps the stored value. If the host or port changes, the key must be entered again, or `confirmSecretReuse` must allow sending the stored key to the new address."
        )
      ),
    HttpApiEndpoint.delete("remove", "/integrations/:id", {
      params: idPath,
      success: HttpApiSchema.NoContent,
      error: IntegrationNotFound
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about("Disconnect an application", "Its items count as gone; their removals and explanations are kept.")
      ),
    HttpApiEndpoint.post("check", "/integrations/:id/check", {
      params: idPath,
      success: Integration,
      error: IntegrationNotFound
    }).annotateMerge(about("Check the health of an integration now")),
    HttpApiEndpoint.get("sources", "/integrations/:id/sources", {
      params: idPath,
      success: listOf(SourceView),
      error: IntegrationNotFound
    }).annotateMerge(
      about(
        "State of the data read from an integration",
        "When each kind of data was last read, and the result of the last attempt."
      )
    ),
    HttpApiEndpoint.get("heldSync", "/integrations/:id/held-sync", {
      params: idPath,
      success: HeldSync,
      error: HeldSyncNotFound
    }).annotateMerge(
      about("Show a held sync", "Why it is held, and the titles that would disappear if it were confirmed.")
    ),
    HttpApiEndpoint.post("confirmSync", "/integrations/:id/held-sync/confirm", {
      params: idPath,
      success: SyncReport,
      error: NothingHeld
    }).annotateMerge(
      about("Confirm a held sync", "Applies a sync that was held because too many entries would disappear.")
    ),
    HttpApiEndpoint.post("discardSync", "/integrations/:id/held-sync/discard", {
      params: idPath,
      success: HttpApiSchema.NoContent,
      error: NothingHeld
    }).annotateMerge(about("Discard a held sync")),
    HttpApiEndpoint.post("previewReplacement", "/integrations/:id/replacement/preview", {
      params: idPath,
      payload: ReplacementRequest,
      success: ReplacementPlan,
      error: [IntegrationNotFound, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Preview the replacement of a media server",
          "What would be carried over to the new media server: the names that rules and protections use, people, and plays. Changes nothing."
        )
      ),
    HttpApiEndpoint.post("replace", "/integrations/:id/replacement", {
      params: idPath,
      payload: ConfirmedReplacement,
      success: Replacement.pipe(HttpApiSchema.status(201)),
      error: [IntegrationNotFound, InvalidRequest, ReplacementConflict]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Replace a media server by another one",
          "Carries out the previewed plan, or nothing, and switches the former server off. Its plays go on counting, also after it is deleted."
        )
      ),
    HttpApiEndpoint.get("replacement", "/integrations/:id/replacement", {
      params: idPath,
      success: Replacement,
      error: ReplacementNotFound
    }).annotateMerge(about("The replacement of a media server")),
    HttpApiEndpoint.delete("undoReplacement", "/integrations/:id/replacement", {
      params: idPath,
      success: HttpApiSchema.NoContent,
      error: [ReplacementNotFound, ReplacementConflict]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Undo the replacement of a media server",
          "Possible until the former integration is deleted. What a person has changed since stays."
        )
      )
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "Connections to the applications of the stack, their health, and what was last read from them."
  ) {}
