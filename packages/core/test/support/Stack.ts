/**
 * All services of Tendarr over a fake stack and a database, on the test clock, with helpers.
 *
 * For one test: `Effect.provide(stackTest(library))`, then `connectFakes()`, `sync`, `plan()`, `runDue`. For restarts:
 * `makeStack(library, database)` inside a scope; its `use` runs an effect with the current services, and `restart` ends all of
 * them and builds them again over the same database.
 */
import { Effect, Exit, Fiber, Layer, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import type { Context } from "effect"
import type { DiskGroupPatch } from "../../src/capacity/DiskGroup.ts"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { MayDestroy } from "../../src/jobs/MayDestroy.ts"
import { Actor } from "../../src/events/Actor.ts"
import type { StoredEvent } from "../../src/events/Event.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import type { IntegrationOptions } from "../../src/integrations/Integration.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Execution } from "../../src/removals/Execution.ts"
import { type DueRemovalsReport, DueRemovals } from "../../src/removals/DueRemovals.ts"
import { Explain } from "../../src/removals/Explain.ts"
import { Planner, type PlanOptions } from "../../src/removals/Planner.ts"
import type { RemovalSummary } from "../../src/removals/Removal.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { ServicesOver } from "../../src/Services.ts"
import { Settings } from "../../src/settings/Settings.ts"
import type { Page } from "../../src/storage/Pages.ts"
import { fakeKinds } from "./FakeKinds.ts"
import type { FakeLibrary } from "./FakeLibrary.ts"
import { SqlTest, type SqlTestServices } from "./Sql.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"

/** A day of this century: the test clock itself starts in 1970. */
export const startOfTest = Date.UTC(2026, 0, 15, 12)

export type StackServices = Layer.Success<typeof ServicesOver> | SqlTestServices

const noClient = Layer.succeed(UpstreamClient, {
  open: () => {
    throw new Error("The fakes speak to nobody")
  }
})

const clockAtStart = Layer.effectDiscard(TestClock.setTime(startOfTest))

const servicesOver = (library: FakeLibrary) =>
  ServicesOver.pipe(Layer.provideMerge(Layer.mergeAll(fakeKinds(library), noClient)))

/** All services over an empty database in memory. */
export const stackTest = (library: FakeLibrary) =>
  servicesOver(library).pipe(Layer.provideMerge(SqlTest), Layer.provide(clockAtStart))

export interface Stack {
  readonly library: FakeLibrary
  /** Runs with the current services. */
  readonly use: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, StackServices>>
  /** Ends all services, and builds them again over the same database. */
  readonly restart: Effect.Effect<void>
}

/** `database` is built once and is kept over restarts. */
export const makeStack = Effect.fnUntraced(function* <E, R>(
  library: FakeLibrary,
  database: Layer.Layer<SqlTestServices, E, R>
) {
  yield* TestClock.setTime(startOfTest)
  const outer = yield* Effect.scope
  const sql = yield* Layer.build(database)
  const start = Effect.gen(function* () {
    const scope = yield* Scope.fork(outer)
    const memo = yield* Layer.makeMemoMap
    const layer = servicesOver(library).pipe(Layer.provideMerge(Layer.succeedContext(sql)))
    const context: Context.Context<StackServices> = yield* Effect.orDie(Layer.buildWithMemoMap(layer, memo, scope))
    return { scope, context }
  })
  let current = yield* start
  const stack: Stack = {
    library,
    use: (effect) => Effect.suspend(() => Effect.provideContext(effect, current.context)),
    restart: Effect.gen(function* () {
      yield* drive(Scope.close(current.scope, Exit.void))
      current = yield* start
    })
  }
  return stack
})

/** `makeStack` over a database in memory. */
export const makeStackInMemory = (library: FakeLibrary) => makeStack(library, SqlTest)

// --- first steps ------------------------------------------------------------------------------------------------------

export interface FakesOptions {
  readonly options?: Partial<IntegrationOptions>
  /** `shelf` is always connected. */
  readonly without?: ReadonlyArray<"screen" | "wishes">
}

/** Connects the fakes as "Shelf", "Screen" and "Wishes", and allows any share of a library to disappear. Returns the ids. */
export const connectFakes = Effect.fnUntraced(function* ({ options = {}, without = [] }: FakesOptions = {}) {
  const integrations = yield* Integrations
  const settings = yield* Settings
  yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
  const connect = (kind: string, name: string) =>
    Effect.map(
      integrations.create({
        kind,
        name,
        url: `http://${kind}.test`,
        config: {},
        options: kind === "shelf" ? options : {}
      }),
      ({ id }) => id
    )
  return {
    shelf: yield* connect("shelf", "Shelf"),
    screen: without.includes("screen") ? null : yield* connect("screen", "Screen"),
    wishes: without.includes("wishes") ? null : yield* connect("wishes", "Wishes")
  }
})

/** Syncs all integrations, which also detects the disks. */
export const sync = Effect.flatMap(Sync, (service) => service.run())

/** Changes the disk group of a mount, or all of them. */
export const setDisk = Effect.fnUntraced(function* (patch: DiskGroupPatch, mountPath?: string) {
  const groups = yield* DiskGroups
  for (const group of yield* groups.list) {
    if (mountPath === undefined || group.mountPath === mountPath) yield* groups.update(group.id, patch)
  }
})

export const diskOf = (mountPath: string) =>
  Effect.flatMap(DiskGroups, (groups) =>
    Effect.map(groups.list, (all) => all.find((group) => group.mountPath === mountPath)!)
  )

// --- daily work -------------------------------------------------------------------------------------------------------

/** Reads the disks and plans, as the capacity job does after its sync. */
export const plan = Effect.fnUntraced(function* (options: Partial<PlanOptions> = {}) {
  const groups = yield* DiskGroups
  const planner = yield* Planner
  yield* groups.refresh
  return yield* planner.run({ runId: null, ...options }).pipe(Effect.provideService(Actor, "job:capacity"))
})

/** Runs an effect that sleeps, and advances the clock until it has ended. */
export const drive = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* Effect.yieldNow
    while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })

/** Runs until a call to the fakes hangs; returns the fiber, or `null` if it ended before. */
export const driveUntilHanging = Effect.fnUntraced(function* <A, E, R>(
  library: FakeLibrary,
  effect: Effect.Effect<A, E, R>
) {
  const fiber = yield* Effect.forkChild(effect)
  yield* Effect.yieldNow
  while (fiber.pollUnsafe() === undefined) {
    if (library.hanging > 0) return fiber
    yield* TestClock.adjust("1 second")
  }
  yield* Fiber.join(fiber)
  return null
})

const silent = { progress: () => Effect.void, log: () => Effect.void }

/** A run of the job that carries out removals; it may sleep. */
export const execution: Effect.Effect<DueRemovalsReport, never, DueRemovals> = Effect.flatMap(
  DueRemovals,
  (dueRemovals) =>
    dueRemovals.run(silent).pipe(Effect.provideService(Actor, "job:removals"), Effect.provideService(MayDestroy, true))
)

/** Carries out the removals that are due now. */
export const runDue = drive(execution)

/** The first step of a start. */
export const reconcile = Effect.flatMap(Execution, (service) => service.reconcile)

export const passTime = TestClock.adjust

/** Runs an effect as a person of that name. */
export const as =
  (name: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(effect, Actor, `account:${name}`)

// --- looking ----------------------------------------------------------------------------------------------------------

/** All removals, oldest first. */
export const removals = Effect.gen(function* () {
  const service = yield* Removals
  const all: Array<RemovalSummary> = []
  for (let cursor: string | null = null; ;) {
    const page: Page<RemovalSummary> = yield* Effect.orDie(
      service.page({ limit: 200, ...(cursor === null ? {} : { cursor }) })
    )
    all.push(...page.items)
    cursor = page.nextCursor
    if (cursor === null) return all.toReversed()
  }
})

/** The newest removal of an item. */
export const removalOf = (title: string) =>
  Effect.map(removals, (all) => {
    const found = all.findLast((removal) => removal.title === title)
    if (found === undefined) throw new Error(`There is no removal of "${title}"`)
    return found
  })

/** Titles with the states of their newest removals. */
export const states = Effect.map(removals, (all): Readonly<Record<string, string>> =>
  Object.fromEntries(all.map((removal) => [removal.title, removal.state]))
)

/** The newest item of that title, gone ones included. */
export const itemIdOf = (title: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* Effect.orDie(
      sql<{ id: number }>`SELECT id FROM items WHERE title = ${title} ORDER BY gone_at IS NOT NULL, id DESC LIMIT 1`
    )
    if (row === undefined) throw new Error(`There is no item "${title}"`)
    return String(row.id)
  })

export const explanationOf = (title: string) =>
  Effect.flatMap(itemIdOf(title), (id) => Effect.flatMap(Explain, (explain) => Effect.orDie(explain.item(id))))

/** The audit, oldest first. */
export const audit = Effect.gen(function* () {
  const log = yield* EventLog
  const all: Array<StoredEvent> = []
  for (let cursor: string | null = null; ;) {
    const page: Page<StoredEvent> = yield* Effect.orDie(
      log.page({ category: "audit", limit: 200, ...(cursor === null ? {} : { cursor }) })
    )
    all.push(...page.items)
    cursor = page.nextCursor
    if (cursor === null) return all.toReversed()
  }
})
