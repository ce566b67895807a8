/** A media server with labels, in memory, and the act that removes a label from an item after a preparation. */
import { Effect, Layer, Schema } from "effect"
import { type ActKind, type Standing } from "../../src/acts/ActKind.ts"
import { Acts } from "../../src/acts/Acts.ts"
import { go, type Verdict } from "../../src/acts/Verdict.ts"
import { EventLogLive } from "../../src/events/EventLogLive.ts"
import { CurrentFinalCheck } from "../../src/integrations/FinalCheck.ts"
import { UpstreamHeldBack, UpstreamRefused, UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { ClockWatch } from "../../src/jobs/ClockWatch.ts"
import { MayDestroy } from "../../src/jobs/MayDestroy.ts"
import { SettingsTest } from "../support/SettingsTest.ts"
import { SqlTest } from "../support/Sql.ts"

export interface Server {
  readonly labels: Set<string>
  /** Items that are locked for the change: the preparation, which is reverted. */
  readonly locked: Set<string>
  readonly sent: Array<string>
  verdict: Verdict
  /** How the server handles the request that removes the label. */
  mode: "works" | "refuses" | "breaks" | "lies" | "answer-lost" | "answer-never" | "dies"
  /** How the server handles the request that adds it again. */
  undoMode: "works" | "lies" | "answer-lost" | "hangs"
  /** The server does not unlock items. */
  keepsLocks: boolean
  down: boolean
  /** Its integration was removed. */
  forgotten: boolean
  /** Runs before the final check at the request that removes the label. */
  meanwhile: Effect.Effect<unknown, unknown>
}

export const makeServer = (...labels: ReadonlyArray<string>): Server => ({
  labels: new Set(labels),
  locked: new Set(),
  sent: [],
  verdict: go,
  mode: "works",
  undoMode: "works",
  keepsLocks: false,
  down: false,
  forgotten: false,
  meanwhile: Effect.void
})

const Subject = Schema.Struct({ label: Schema.String })
const Kept = Schema.Struct({ label: Schema.String })
type Subject = typeof Subject.Type

const about = { integration: "Server", call: "PUT /labels" }
const unreachable = () => new UpstreamUnreachable({ ...about, detail: "connection refused" })

/** Sends like the client, right after the final check. */
const request = (server: Server, name: string, destroys: boolean, change: () => void) =>
  Effect.gen(function* () {
    const look = yield* CurrentFinalCheck
    const why = look === null ? null : yield* look.whyNot(destroys)
    if (why !== null) return yield* new UpstreamHeldBack({ ...about, detail: why })
    if (server.down) return yield* unreachable()
    server.sent.push(name)
    change()
  })

type Kept = typeof Kept.Type

export const takeLabel = (server: Server): ActKind<Subject, Kept> => ({
  name: "take-label",
  subject: Subject,
  kept: Kept,
  keyOf: ({ label }) => label,
  titleOf: ({ label }) => label,
  destroys: true,
  presence: ({ label }) =>
    Effect.suspend(() => {
      if (server.down) return Effect.fail(unreachable())
      return Effect.succeed<Standing<Kept>>(
        server.labels.has(label) ? { _tag: "Present", kept: { label } } : { _tag: "Absent" }
      )
    }),
  look: () => Effect.sync(() => server.verdict),
  send: ({ label }) =>
    Effect.gen(function* () {
      yield* request(server, `lock ${label}`, false, () => server.locked.add(label))
      yield* Effect.ignore(server.meanwhile)
      const { mode } = server
      yield* request(server, `take ${label}`, true, () => {
        if (mode === "works" || mode === "answer-lost" || mode === "dies") server.labels.delete(label)
      })
      if (mode === "dies") return yield* Effect.interrupt
      if (mode === "breaks") return yield* new UpstreamRefused({ ...about, status: 500, detail: "broken" })
      if (mode === "refuses") return yield* new UpstreamRefused({ ...about, status: 403, detail: "not yours" })
      if (mode === "answer-lost" || mode === "answer-never") {
        server.down = true
        return yield* unreachable()
      }
      server.locked.delete(label)
    }),
  putBack: ({ label }) =>
    server.keepsLocks
      ? Effect.fail(unreachable())
      : request(server, `unlock ${label}`, false, () => server.locked.delete(label)).pipe(
          Effect.provideService(CurrentFinalCheck, null)
        ),
  undo: ({ label }) =>
    Effect.gen(function* () {
      const { undoMode } = server
      if (undoMode === "hangs") return yield* Effect.never
      yield* request(server, `give ${label}`, false, () => {
        if (undoMode !== "lies") server.labels.add(label)
      })
      if (undoMode === "answer-lost") return yield* unreachable()
    }),
  isForgotten: () => Effect.sync(() => server.forgotten)
})

export const ActsTest = Acts.layer.pipe(
  Layer.provideMerge(ClockWatch.layer),
  Layer.provideMerge(SettingsTest),
  Layer.provideMerge(EventLogLive),
  Layer.provideMerge(SqlTest)
)

const silent = { progress: () => Effect.void, log: () => Effect.void }

/** The acts of this kind for a server, with a run like that of a destructive job. */
export const actsOn = (
  server: Server,
  { canUndo = true, ...changes }: Partial<ActKind<Subject, Kept>> & { readonly canUndo?: boolean } = {}
) =>
  Effect.gen(function* () {
    const acts = yield* Acts
    const { undo, ...kind } = { ...takeLabel(server), ...changes }
    const labels = yield* acts.define(canUndo && undo !== undefined ? { ...kind, undo } : kind)
    return {
      ...acts,
      ...labels,
      take: (label: string) => labels.intend({ label }, { because: "it is over" }),
      run: Effect.provideService(labels.carryOutDue(silent), MayDestroy, true)
    }
  })
