/**
 * Connects an application or changes a connection: validated against its kind and against the existing integrations,
 * identified by asking the application if it answers, and written in one transaction.
 */
import { Effect, Equal } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import type { EventLog } from "../events/EventLog.ts"
import { nowIso } from "../problems/Instants.ts"
import { type InvalidRequest, invalidField, type Issue } from "../problems/Problem.ts"
import { VersionConflict } from "../problems/VersionConflict.ts"
import { fromBit, toBit, toJson } from "../storage/Rows.ts"
import { inTransaction, transacting } from "../storage/Transactions.ts"
import { decodeConfig, expectUsableKeys } from "./ConfigChecks.ts"
import {
  defaultIntegrationOptions,
  IntegrationNameTaken,
  IntegrationNotFound,
  type IntegrationPatch,
  type NewIntegration
} from "./Integration.ts"
import { IntegrationEvents } from "./IntegrationEvents.ts"
import type { HealthContext } from "./IntegrationProblems.ts"
import { loggedChange, type Row, type SelfReport, selfReportOf } from "./IntegrationRow.ts"
import type { Kind, Probe } from "./Kind.ts"
import { mayServe, whyNot } from "./MediaServers.ts"
import { askNow, type Other, type Recognition } from "./Recognition.ts"
import type { Appearance } from "./Sameness.ts"
import { type Config, type ConfigSeal, keepSecrets } from "./SecretConfig.ts"
import { expectReceiver, reuseEvent, secretReuse } from "./SecretReuse.ts"
import type { UpstreamClient } from "./Upstream.ts"

export interface ChangesNeed {
  readonly sql: SqlClient.SqlClient
  readonly events: EventLog["Service"]
  readonly secrets: ConfigSeal
  readonly client: UpstreamClient["Service"]
  readonly recognition: Recognition
  readonly present: Effect.Effect<HealthContext>
  readonly kindOf: (id: string, path: Issue["path"]) => Effect.Effect<Kind, InvalidRequest>
  readonly configOf: (row: Row) => Config
  readonly othersIn: (context: HealthContext, exceptId: number | null) => ReadonlyArray<Other>
}

export const makeIntegrationChanges = (need: ChangesNeed) => {
  const { configOf, client, events, kindOf, othersIn, present, recognition, secrets, sql } = need

  const unlessTaken = <A>(effect: Effect.Effect<A, SqlError.SqlError>, name: string) =>
    effect.pipe(
      Effect.catchReason("SqlError", "UniqueViolation", () => Effect.fail(new IntegrationNameTaken({ name }))),
      Effect.catchTag("SqlError", Effect.die)
    )

  /**
   * Refuses a media server that does not exist, that is not a media server, or whose keys cannot be those of this
   * source.
   */
  const expectMediaServer = Effect.fnUntraced(function* (
    source: { readonly id: number | null; readonly name: string; readonly kind: Kind; readonly said: SelfReport },
    chosen: string | null | undefined
  ) {
    if (chosen === null || chosen === undefined) return
    const { kinds, rows } = yield* present
    const row = rows.find(({ id }) => String(id) === chosen)
    const kind = kinds.find(({ id }) => id === row?.kind)
    const refusal =
      row === undefined
        ? `there is no integration ${chosen}`
        : kind === undefined || row.id === source.id || !mayServe(kind)
          ? `${row.name} is no media server`
          : whyNot(
              { name: source.name, watches: source.kind.watches, said: source.said.watches, chosen },
              { integrationId: chosen, name: row.name, keySpace: kind.keySpace, identity: selfReportOf(row).identity }
            )
    if (refusal !== null) return yield* invalidField(["payload", "options", "mediaServerId"], refusal)
  })

  const create = Effect.fn("Integrations.create")(function* (draft: NewIntegration, asked?: Probe | null) {
    const kind = yield* kindOf(draft.kind, ["payload", "kind"])
    // A mask that was copied from another integration is not a secret.
    const config = keepSecrets({}, draft.config)
    const decoded = yield* decodeConfig(kind, config)
    yield* expectUsableKeys(kind, config)
    const { name, url } = draft
    const enabled = draft.enabled ?? true
    const appearance: Appearance = { kindId: kind.id, kind, url, config, identity: null }
    let probe = asked ?? null
    if (!(yield* inTransaction(sql))) {
      const context = yield* present
      if (context.rows.some((row) => row.name === name)) return yield* new IntegrationNameTaken({ name })
      if (enabled && asked === undefined) {
        probe = yield* askNow(() => kind.connect(client, { integrationId: "", name, url, config: decoded }))
      }
      yield* recognition.refuseTwin({ appearance, probe, others: othersIn(context, null), means: "ask" })
    }
    const now = yield* nowIso
    const id = yield* transacting(sql)(
      Effect.gen(function* () {
        const others = othersIn(yield* present, null)
        yield* recognition.refuseTwin({ appearance, probe, others, means: "look" })
        yield* expectMediaServer({ id: null, name, kind, said: saidBy(probe) }, draft.options?.mediaServerId)
        const [inserted] = yield* unlessTaken(
          sql<{ id: number }>`INSERT INTO integrations ${sql.insert({
            kind: kind.id,
            name,
            url,
            config: "{}",
            enabled: toBit(enabled),
            options: toJson({ ...defaultIntegrationOptions, ...draft.options }),
            version: 1,
            created_at: now,
            updated_at: now,
            ...columnsOf(saidBy(probe))
          })} RETURNING id`,
          name
        )
        const number = inserted!.id
        // Sealed for its row, whose id is known only now.
        const sealed = yield* secrets.seal({ id: number, kind: kind.id, name, url }, config)
        yield* sql`UPDATE integrations SET config = ${toJson(sealed)} WHERE id = ${number}`
        yield* events.append(
          IntegrationEvents.created.make({
            subject: String(number),
            message: `Connected ${kind.title} as "${name}"`,
            payload: { kind: kind.id, url }
          })
        )
        return number
      })
    )
    yield* recognition.remember(id, probe)
    return String(id)
  })

  /** Applies a patch to the current row. */
  const changeOf = Effect.fnUntraced(function* (id: string, patch: IntegrationPatch, expectedVersion?: number) {
    const context = yield* present
    const row = context.rows.find((candidate) => String(candidate.id) === id)
    if (row === undefined) return yield* new IntegrationNotFound({ integrationId: id })
    if (expectedVersion !== undefined && expectedVersion !== row.version) {
      return yield* new VersionConflict({ version: row.version })
    }
    const kind = yield* kindOf(row.kind, ["params", "id"])
    yield* expectWholeOptions(row, patch)
    const stored = configOf(row)
    const reuse = secretReuse(kind, { url: row.url, config: stored }, patch)
    yield* expectReceiver(reuse, patch.confirmSecretReuse)
    const config = patch.config === undefined ? stored : keepSecrets(stored, patch.config)
    const url = patch.url ?? row.url
    const moved = url !== row.url || !Equal.equals(config, stored)
    const enabled = patch.enabled ?? fromBit(row.enabled)
    /** While it was disabled, the same application may have been connected again. */
    const mayBeTwin = moved || (enabled && !fromBit(row.enabled))
    // An integration whose key is withheld can still be renamed and disabled.
    const decoded = mayBeTwin ? yield* decodeConfig(kind, config) : config
    const others = othersIn(context, row.id).filter((other) => moved || fromBit(other.row.enabled))
    const appearance: Appearance = {
      kindId: kind.id,
      kind,
      url,
      config,
      identity: moved ? null : selfReportOf(row).identity
    }
    return {
      row,
      kind,
      stored,
      config,
      decoded,
      reuse,
      url,
      moved,
      enabled,
      others,
      appearance,
      mayBeTwin
    }
  })

  const update = Effect.fn("Integrations.update")(function* (
    id: string,
    patch: IntegrationPatch,
    expectedVersion?: number,
    asked?: Probe | null
  ) {
    let probe = asked ?? null
    if (!(yield* inTransaction(sql))) {
      // Whether the row is unchanged is checked again in the transaction.
      const { appearance, decoded, enabled, kind, mayBeTwin, others, reuse, row, url } = yield* changeOf(id, patch)
      yield* expectUsableKeys(kind, patch.config ?? {})
      if (mayBeTwin) {
        if (enabled && asked === undefined) {
          if (reuse !== null) yield* events.append(reuseEvent({ id, name: row.name }, reuse, "tested"))
          probe = yield* askNow(() => kind.connect(client, { integrationId: id, name: row.name, url, config: decoded }))
        }
        yield* recognition.refuseTwin({ appearance, probe, others, means: "ask" })
      }
    }
    const now = yield* nowIso
    yield* transacting(sql)(
      Effect.gen(function* () {
        const change = yield* changeOf(id, patch, expectedVersion)
        const { appearance, config, enabled, kind, mayBeTwin, moved, others, reuse, row, stored, url } = change
        yield* expectUsableKeys(kind, patch.config ?? {})
        if (mayBeTwin) yield* recognition.refuseTwin({ appearance, probe, others, means: "look" })
        const said = moved || probe !== null ? saidBy(probe) : selfReportOf(row)
        const name = patch.name ?? row.name
        yield* expectMediaServer({ id: row.id, name, kind, said }, patch.options?.mediaServerId)
        yield* unlessTaken(
          sql`UPDATE integrations SET ${sql.update({
            name,
            url,
            config: moved
              ? toJson(yield* secrets.seal({ id: row.id, kind: kind.id, name, url }, config))
              : row.texts.config,
            enabled: toBit(enabled),
            options: patch.options === undefined ? row.texts.options : toJson({ ...row.options, ...patch.options }),
            version: row.version + 1,
            updated_at: now,
            ...columnsOf(said),
            same_as: mayBeTwin ? null : row.same_as
          })} WHERE id = ${row.id}`,
          name
        )
        // The health of the previous address or key does not apply to the new one.
        if (moved) yield* sql`DELETE FROM integration_health WHERE integration_id = ${row.id}`
        yield* events.append(
          IntegrationEvents.updated.make({
            subject: id,
            message: `Changed integration "${name}"`,
            payload: loggedChange(kind, row, stored, patch)
          })
        )
        if (reuse !== null) yield* events.append(reuseEvent({ id, name }, reuse, "stored"))
      })
    )
    yield* recognition.remember(Number(id), probe)
  })

  return { create, update }
}

/** Options that cannot be read must be given as a whole: a default might allow what a person had forbidden. */
const expectWholeOptions = ({ damage }: Row, { options }: IntegrationPatch) => {
  if (options === undefined || !damage.some(({ column }) => column === "options")) return Effect.void
  const missing = Object.keys(defaultIntegrationOptions).filter((key) => !(key in options))
  return missing.length === 0
    ? Effect.void
    : invalidField(["payload", "options"], `the stored ones cannot be read, so ${missing.join(", ")} must be given too`)
}

const saidBy = (probe: Probe | null): SelfReport => ({
  identity: probe?.identity ?? null,
  watches: probe?.watches ?? null
})

const columnsOf = ({ identity, watches }: SelfReport) => ({
  identity,
  watches: watches === null ? null : toJson(watches)
})
