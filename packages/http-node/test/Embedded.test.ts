import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import type { Tendarr } from "@tendarr/core"
import { Acts } from "@tendarr/core/acts/Acts"
import { onNumber } from "@tendarr/core/capacity/FactorReading"
import type { Factor } from "@tendarr/core/capacity/Factors"
import { Jobs } from "@tendarr/core/jobs/Jobs"
import { LoopbackListener } from "@tendarr/core/sandbox/LoopbackListener"
import { Sandbox } from "@tendarr/core/sandbox/Sandbox"
import { Effect, Layer, ManagedRuntime, Schema } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { openTendarr } from "../src/OpenTendarr.ts"

const longOnes: Factor = {
  key: "longOnes",
  name: "Long ones",
  description: "How long it is. Three hours or more count fully.",
  aliases: [],
  defaultWeight: 10,
  facts: ["runtimeMinutes"],
  itemKinds: ["movie"],
  raw: (sheet) => onNumber("runtimeMinutes", sheet, (minutes) => Math.min(1, (minutes ?? 0) / 180)),
  reason: () => "It is long"
}

const labels = new Set(["leaving"])

/** Takes labels away, by acts of its own. */
const labelsRoom = Layer.effectDiscard(
  Effect.gen(function* () {
    const acts = yield* Acts
    const jobs = yield* Jobs
    const Label = Schema.Struct({ label: Schema.String })
    const own = yield* acts.define({
      name: "take-label",
      subject: Label,
      kept: Label,
      keyOf: ({ label }) => label,
      titleOf: ({ label }) => `Label ${label}`,
      destroys: false,
      presence: (kept) => Effect.sync(() => (labels.has(kept.label) ? { _tag: "Present", kept } : { _tag: "Absent" })),
      look: () => Effect.succeed({ _tag: "Go" }),
      send: ({ label }) => Effect.sync(() => labels.delete(label)),
      undo: ({ label }) => Effect.sync(() => labels.add(label))
    })
    yield* jobs.register({
      name: "take-labels",
      title: "Take labels",
      description: "Takes the labels away that are over.",
      options: Schema.Struct({}),
      defaultSchedule: null,
      destructive: true,
      run: (context) =>
        Effect.andThen(
          Effect.ignore(own.intend({ label: "leaving" }, { because: "it is over" })),
          own.carryOutDue(context)
        )
    })
  })
)

describe("What a program can do with Tendarr", () => {
  const folder = mkdtempSync(join(tmpdir(), "tendarr-embedded-"))
  const runtime = ManagedRuntime.make(Sandbox.layer({ items: 260 }).pipe(Layer.provide(LoopbackListener)))
  let tendarr: Tendarr

  beforeAll(async () => {
    tendarr = await openTendarr({ dataDirectory: folder, factors: [longOnes], rooms: [labelsRoom] })
    const { integrations } = await runtime.runPromise(Sandbox)
    for (const { config, kind, name, url } of integrations)
      await tendarr.integrations.create({ kind, name, url, config })
  })

  afterAll(async () => {
    await tendarr.dispose()
    await runtime.dispose()
    rmSync(folder, { recursive: true, force: true })
  })

  it("lists, explains and undoes its acts", async () => {
    const { id: runId } = await tendarr.jobs.start("take-labels")
    for await (const _ of tendarr.runs.follow(runId)) continue
    const [act] = (await tendarr.acts.list({ kind: "take-label", state: "done" })).items
    assert.isDefined(act)
    if (act === undefined) return
    assert.isFalse(labels.has("leaving"))
    const { history, undo } = await tendarr.acts.get(act.id)
    assert.deepStrictEqual([undo.possible, undo.kept, history.length], [true, { label: "leaving" }, 3])
    const rejected = (call: Promise<unknown>) =>
      call.then(
        () => null,
        (error: { code?: string }) => error.code
      )
    assert.strictEqual(await rejected(tendarr.acts.cancel(act.id)), "act-conflict")
    assert.strictEqual(await rejected(tendarr.acts.retry("99")), "act-not-found")
    assert.strictEqual(await rejected(tendarr.acts.undo(act.id, act.version + 1)), "version-conflict")
    assert.strictEqual((await tendarr.acts.undo(act.id, act.version)).state, "undone")
    assert.isTrue(labels.has("leaving"))
    const states: Array<string> = []
    for await (const { state } of tendarr.acts.all()) states.push(state)
    assert.deepStrictEqual(states, ["undone"])
  })

  it("says who is one person", async () => {
    await tendarr.sync()
    const names: Array<string> = []
    for await (const { name } of tendarr.viewers.all({ limit: 2 })) names.push(name)
    const { items } = await tendarr.viewers.list()
    assert.deepStrictEqual(
      names,
      items.map(({ name }) => name)
    )
    const [first, second] = items
    const joined = await tendarr.viewers.join(first!.id, [second!.id], { expectedVersion: first!.version })
    const stale = tendarr.viewers.split(first!.id, [joined.identities[0]!.id], { expectedVersion: first!.version })
    const refusal: unknown = await stale.catch((error: unknown) => error)
    assert.deepInclude(refusal, { _tag: "VersionConflict", code: "version-conflict" })
    const { split, viewer } = await tendarr.viewers.split(first!.id, [joined.identities[0]!.id])
    assert.deepStrictEqual(await tendarr.viewers.get(viewer.id), viewer)
    assert.lengthOf(split.identities, 1)
  })

  it("follows a run while it goes on", async () => {
    const told: Array<string> = []
    const { report, run } = await tendarr.sync({ onProgress: ({ message }) => told.push(message) })
    assert.strictEqual(run.status, "completed")
    assert.isAbove(report?.total ?? 0, 200)
    assert.isNotEmpty(told)

    const started = await tendarr.jobs.start("library-sync")
    const seen: Array<string> = []
    for await (const { status } of tendarr.runs.follow(started.id)) seen.push(status)
    assert.strictEqual(seen.at(-1), "completed")
    assert.isNotEmpty((await tendarr.runs.logs(started.id)).items)
    const lines: Array<string> = []
    for await (const { message } of tendarr.runs.followLogs(started.id)) lines.push(message)
    assert.isNotEmpty(lines)
    assert.strictEqual((await tendarr.runs.list({ job: "library-sync", limit: 1 })).items[0]?.id, started.id)
  })

  it("goes through every page of a list", async () => {
    const ids = new Set<string>()
    const wholes = new Set<string | null>()
    for await (const { id, parentId } of tendarr.items.all({ limit: 100 })) {
      ids.add(id)
      wholes.add(parentId)
    }
    const units = [...ids].filter((id) => !wholes.has(id))
    assert.strictEqual(units.length, (await tendarr.stats()).items)
    let previewed = 0
    for await (const _ of tendarr.previewAll({ limit: 200 })) previewed++
    assert.strictEqual(previewed, (await tendarr.preview({ limit: 1 })).summary.evaluated)
  })

  it("scores by a factor of its own, weighs it, and explains it", async () => {
    const film = (await tendarr.items.list({ kind: "movie", limit: 1 })).items[0]
    assert.isDefined(film)
    const mine = async () =>
      (await tendarr.explain(film.id)).decision?.score.factors.find(({ key }) => key === "longOnes")
    assert.deepInclude(await mine(), { weight: 10, reason: "It is long" })
    await tendarr.scoring.setWeights({ longOnes: 3 })
    assert.deepInclude(await mine(), { weight: 3 })
    assert.deepInclude(await tendarr.scoring.factors(), {
      key: "longOnes",
      name: "Long ones",
      description: longOnes.description,
      weight: 3,
      defaultWeight: 10
    })
  })

  it("tries rules out before it keeps them", async () => {
    const condition = { kind: "condition", field: "sizeGb", operator: ">", value: 20 } as const
    const { matched } = await tendarr.rules.preview({ condition })
    assert.isAbove(matched.items, 0)
    assert.strictEqual(
      (await tendarr.rules.evaluate({ condition, facts: { sizeBytes: { unknown: "Radarr is down" } } })).truth,
      "unknown"
    )
    const rule = await tendarr.rules.create({ name: "Large ones", effect: "prefer-remove", condition })
    assert.strictEqual((await tendarr.rules.get(rule.id)).name, "Large ones")
    const refused = await tendarr.rules
      .create({ name: "Bad", effect: "prefer-remove", condition: { ...condition, field: "sise" } })
      .catch((error: unknown) => error)
    assert.propertyVal(refused, "code", "invalid-request")
    const { fields } = await tendarr.rules.fields()
    assert.isAbove(fields.length, 20)
  })

  it("runs rules that act, starts from templates, and shares rules", async () => {
    const [template] = await tendarr.rules.templates({ matching: true })
    assert.isDefined(template)
    const rule = await tendarr.rules.create({ ...template.rule, name: "From a template" })
    const { report, run } = await tendarr.rules.run(rule.id, { dryRun: true })
    assert.strictEqual(run.status, "completed")
    assert.deepInclude(report, { dryRun: true, name: "From a template" })
    assert.strictEqual(report?.matched.items, template.matched.items)
    const { enabled: _e, name: _n, ...draft } = template.rule
    const preview = await tendarr.rules.preview({ ...draft, ruleId: rule.id })
    assert.deepStrictEqual(preview.acting?.kept, report?.kept)
    const document = await tendarr.rules.share([rule.id])
    assert.deepStrictEqual((await tendarr.rules.import(document)).changes, [])
    const renamed = document.replace("From a template", "Imported")
    assert.strictEqual((await tendarr.rules.import(renamed, { dryRun: true })).changes.length, 1)
    const weighing = await tendarr.rules.create({
      name: "Weighs",
      effect: "lean-keep",
      condition: template.rule.condition
    })
    const refused = await tendarr.rules.run(weighing.id).catch((error: unknown) => error)
    assert.propertyVal(refused, "code", "rule-does-not-act")
    for (const { id } of [rule, weighing]) await tendarr.rules.remove(id)
  })

  it("looks after integrations, disks, schedules and settings", async () => {
    const [radarr] = await tendarr.integrations.list()
    assert.isDefined(radarr)
    assert.strictEqual((await tendarr.integrations.check(radarr.id)).health.status, "up")
    assert.isNotEmpty(await tendarr.integrations.sources(radarr.id))
    assert.propertyVal(
      await tendarr.integrations.heldSync(radarr.id).catch((error: unknown) => error),
      "code",
      "held-sync-not-found"
    )
    assert.propertyVal(
      await tendarr.integrations.confirmHeldSync(radarr.id).catch((error: unknown) => error),
      "code",
      "nothing-held"
    )
    const [disk] = await tendarr.disks.refresh()
    assert.isDefined(disk)
    assert.isNotEmpty(await tendarr.disks.usage(disk.id))
    const set = await tendarr.jobs.setSchedule("capacity", { schedule: { type: "interval", seconds: 60 } })
    assert.deepEqual(set.schedule, { type: "interval", seconds: 60 })
    assert.notDeepEqual((await tendarr.jobs.resetSchedule("capacity")).schedule, set.schedule)
    assert.lengthOf(await tendarr.jobs.nextRuns({ type: "cron", expression: "0 4 * * *", zone: "UTC" }, 3), 3)
    assert.strictEqual((await tendarr.settings.patch("removals", { caps: { maxItems: 7 } })).caps.maxItems, 7)
    assert.strictEqual((await tendarr.settings.list()).removals.value.caps.maxItems, 7)
    assert.strictEqual((await tendarr.settings.reset("removals")).caps.maxItems, 100)
    assert.isNotEmpty(await tendarr.settings.schemas())
  })

  it("takes its configuration to another directory, and backs itself up", async () => {
    const other = mkdtempSync(join(tmpdir(), "tendarr-embedded-"))
    try {
      await tendarr.settings.patch("removals", { snoozeHours: 5 })
      const configuration = await tendarr.settings.export({ secrets: true })
      await using second = await openTendarr({ dataDirectory: other })
      assert.isNotEmpty((await second.settings.import(configuration, { dryRun: true })).changes)
      assert.strictEqual((await second.settings.get("removals")).snoozeHours, 24)
      await second.settings.import(configuration)
      assert.strictEqual((await second.settings.get("removals")).snoozeHours, 5)
      const refused = await second.settings
        .import({ ...configuration, formatVersion: 99 })
        .catch((error: unknown) => error)
      assert.propertyVal(refused, "code", "invalid-request")

      const { id } = await second.backups.create()
      assert.isTrue((await second.backups.verify(id)).restorable)
      assert.deepEqual(
        (await second.backups.list()).map((backup) => backup.id),
        [id]
      )
      await second.settings.reset("removals")
      await second.backups.restore(id)
      await second.dispose()
      await using restored = await openTendarr({ dataDirectory: other })
      assert.strictEqual((await restored.settings.get("removals")).snoozeHours, 5)
    } finally {
      rmSync(other, { recursive: true, force: true })
    }
  })

  it("ends a loop over events when its signal says so, and when it is closed", async () => {
    const leave = new AbortController()
    const ended = (async () => {
      for await (const event of tendarr.events.stream({ signal: leave.signal })) {
        if (event.type === "settings.changed") leave.abort()
      }
      return "ended"
    })()
    for (let hours = 30; !leave.signal.aborted; hours++) {
      await tendarr.settings.patch("removals", { snoozeHours: hours })
      await setImmediate()
    }
    assert.strictEqual(await ended, "ended")

    const other = mkdtempSync(join(tmpdir(), "tendarr-embedded-"))
    const short = await openTendarr({ dataDirectory: other })
    const waiting = (async () => {
      for await (const _ of short.events.stream()) assert.fail("nothing happens here")
      return "closed"
    })()
    await short.dispose()
    assert.strictEqual(await waiting, "closed")
    assert.match(String(await short.status().catch((error: unknown) => error)), /was closed/)
    rmSync(other, { recursive: true, force: true })
  })
})
