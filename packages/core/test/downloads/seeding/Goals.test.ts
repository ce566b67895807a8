/**
 * The worked examples of a seeding manager that people move from, one row each, and what a goal and an obligation are. Where
 * Tendarr decides otherwise on purpose, the row says why.
 */
import { assert, describe, it } from "@effect/vitest"
import { Exit, Schema } from "effect"
import { type Counted, goalOf, hitAndRunOf } from "../../../src/downloads/seeding/Goals.ts"
import { neededBytes, spacePlan, type SpaceLimits, type SpaceOrder } from "../../../src/downloads/seeding/Space.ts"
import type { Download } from "../../../src/integrations/Downloads.ts"
import { HitAndRunAction, SeedAction } from "../../../src/rules/SeedingActions.ts"
import { sampleClient, sampleDownload } from "../FakeDownloads.ts"

const hours = (count: number) => count * 3600
const days = (count: number) => hours(count * 24)

const counted = (values: Partial<Counted>): Counted => ({
  ratio: 0,
  seconds: 0,
  credited: values.seconds ?? 0,
  percent: 100,
  ...values
})

const seedAction = Schema.decodeUnknownSync(SeedAction)
const hitAndRun = Schema.decodeUnknownSync(HitAndRunAction)
const isRefused = (schema: Schema.Codec<unknown, unknown>, value: unknown) =>
  Exit.isFailure(Schema.decodeUnknownExit(schema)(value))

const gib = 1024 ** 3

describe("Worked examples of goals", () => {
  const rows: ReadonlyArray<readonly [string, object, Partial<Counted>, "met" | "not-met" | "unknown"]> = [
    ["either, ratio 2, no time: ratio 2.0", { ratio: 2 }, { ratio: 2 }, "met"],
    ["either, ratio 2, no time: ratio 1.99", { ratio: 2 }, { ratio: 1.99 }, "not-met"],
    ["either, ratio 2 and 48 h: only the time", { ratio: 2, maximumHours: 48 }, { seconds: hours(48) }, "met"],
    [
      "both, ratio 2 and 48 h: only the time",
      { ratio: 2, maximumHours: 48, needs: "all" },
      { seconds: hours(48) },
      "not-met"
    ],
    ["both, ratio 2 and 48 h", { ratio: 2, maximumHours: 48, needs: "all" }, { ratio: 2, seconds: hours(48) }, "met"],
    [
      "ratio reached before the minimum time",
      { ratio: 1, minimumHours: 24 },
      { ratio: 5, seconds: hours(23) },
      "not-met"
    ],
    ["ratio reached, and the minimum time", { ratio: 1, minimumHours: 24 }, { ratio: 5, seconds: hours(24) }, "met"],
    [
      "the client counts enough, a tracker has counted less",
      { ratio: 1, minimumHours: 24 },
      { ratio: 5, seconds: hours(30), credited: hours(20) },
      "not-met"
    ],
    ["ratio 0 once the minimum time is over", { ratio: 0, minimumHours: 1 }, { seconds: hours(1) }, "met"],
    ["an unknown ratio", { ratio: 1 }, { ratio: null }, "unknown"],
    [
      "an unknown ratio, while the time is enough",
      { ratio: 1, maximumHours: 2 },
      { ratio: null, seconds: hours(2) },
      "met"
    ],
    [
      "an unknown time of which a minimum is asked",
      { ratio: 1, minimumHours: 2 },
      { ratio: 3, seconds: null, credited: null },
      "unknown"
    ]
  ]
  for (const [title, action, values, expected] of rows) {
    it(`${title}: ${expected}`, () => {
      assert.strictEqual(goalOf(seedAction({ type: "seed", ...action }), counted(values)).met, expected)
    })
  }

  it("a goal that could never be reached is refused instead of ignored: both needed and only one given", () => {
    // There, it silently never applies.
    assert.isTrue(isRefused(SeedAction, { type: "seed", ratio: 2, needs: "all" }))
  })

  it("a goal without ratio and time is refused instead of a warning at run time", () => {
    assert.isTrue(isRefused(SeedAction, { type: "seed", reached: "remove" }))
    assert.isTrue(isRefused(SeedAction, { type: "seed", minimumHours: 5, reached: "remove" }))
  })

  it("there is no -1 that means something else than a number", () => {
    assert.isTrue(isRefused(SeedAction, { type: "seed", ratio: -1 }))
    assert.isTrue(isRefused(SeedAction, { type: "seed", maximumHours: -1 }))
    assert.isTrue(isRefused(HitAndRunAction, { type: "hit-and-run", ratio: -1 }))
  })
})

describe("Worked examples of what is owed to a tracker", () => {
  const tenDays = { ratio: 1, hours: 240, marginHours: 1 }
  const rows: ReadonlyArray<readonly [string, object, Partial<Counted>, "met" | "not-met" | "unknown"]> = [
    ["both, ratio 1, 10 days and an hour of margin: 10 days", tenDays, { ratio: 1.2, seconds: days(10) }, "not-met"],
    ["the same: 10 days and an hour", tenDays, { ratio: 1.2, seconds: days(10) + hours(1) }, "met"],
    ["either of them", { ...tenDays, needs: "any" }, { ratio: 1.2, seconds: 0 }, "met"],
    ["5 percent, from 10 percent on", tenDays, { percent: 5, ratio: 0 }, "met"],
    ["half of it, ratio 0.4", tenDays, { percent: 50, ratio: 0.4 }, "not-met"],
    ["half of it, ratio 1.0", tenDays, { percent: 50, ratio: 1 }, "met"],
    ["nothing of it", tenDays, { percent: 0, ratio: null }, "met"],
    ["an unknown part of it", tenDays, { percent: null }, "unknown"],
    ["an unknown time", { hours: 24 }, { seconds: null, credited: null }, "unknown"],
    [
      "an unknown ratio, while the time would be enough",
      { ...tenDays, needs: "any" },
      { ratio: null, seconds: days(11) },
      "met"
    ],
    ["the client counts while its tracker is down", { hours: 24 }, { seconds: days(9), credited: hours(3) }, "not-met"]
  ]
  for (const [title, action, values, expected] of rows) {
    it(`${title}: ${expected}`, () => {
      assert.strictEqual(hitAndRunOf(hitAndRun({ type: "hit-and-run", ...action }), counted(values)).met, expected)
    })
  }

  it("an obligation with nothing in it is refused instead of allowing everything", () => {
    assert.isTrue(isRefused(HitAndRunAction, { type: "hit-and-run" }))
  })
})

const waiting = (id: string, left: number, place: number, changes: Partial<Download> = {}) => ({
  id,
  download: sampleDownload({
    id,
    name: id,
    queuePosition: place,
    bytes: { wanted: 10 * gib, total: 10 * gib, left: left * gib, done: 0, uploaded: 0 },
    ...changes
  }),
  isOurs: false,
  isExempt: false
})

const planned = (
  downloads: ReadonlyArray<ReturnType<typeof waiting>>,
  freeGib: number,
  given: Partial<SpaceLimits> & { readonly order?: SpaceOrder } = {}
) =>
  spacePlan(downloads, sampleClient({ folders: [{ path: "/downloads", freeBytes: freeGib * gib }] }), {
    keepBytes: 10 * gib,
    marginBytes: 5 * gib,
    order: "queue",
    ...given
  }).steps.map(({ id, what }) => `${what} ${id}`)

describe("Worked examples of free space", () => {
  const queue = [waiting("A", 4, 1), waiting("B", 3, 2), waiting("C", 0.5, 3)]

  it("keep 10 GiB, 15 GiB are free, the queue is A (4), B (3), C (0.5): only B pauses", () => {
    assert.deepStrictEqual(planned(queue, 15), ["pause B"])
  })

  it("largest first: A pauses, so that B and C can go on", () => {
    assert.deepStrictEqual(planned(queue, 15, { order: "largest" }), ["pause A"])
  })

  it("least progress first", () => {
    const [a, b, c] = [0.1, 0.2, 0.9].map((progress, place) => ({
      ...queue[place]!,
      download: { ...queue[place]!.download, progress }
    }))
    assert.deepStrictEqual(planned([a!, b!, c!], 15, { order: "least-progress" }), ["pause A"])
  })

  it("what fits exactly does not fit", () => {
    assert.deepStrictEqual(planned([waiting("A", 5, 1)], 15), ["pause A"])
    assert.deepStrictEqual(planned([waiting("A", 4.99, 1)], 15), [])
  })

  it("what is paused goes on only with the margin, so that nothing oscillates", () => {
    const paused = { ...waiting("A", 4, 1, { state: "paused" }), isOurs: true }
    assert.deepStrictEqual(planned([paused], 15), [])
    assert.deepStrictEqual(planned([paused], 19), [])
    assert.deepStrictEqual(planned([paused], 19.1), ["resume A"])
    // Once it runs, it may use the margin.
    assert.deepStrictEqual(planned([waiting("A", 4, 1)], 19.1), [])
  })

  it("what a person has paused is neither counted nor resumed", () => {
    assert.deepStrictEqual(planned([waiting("A", 4, 1, { state: "paused" }), waiting("B", 4, 2)], 15), [])
    assert.deepStrictEqual(planned([waiting("A", 4, 1, { state: "paused" })], 500), [])
  })

  it("what a person has resumed is counted, and left alone", () => {
    assert.deepStrictEqual(planned([{ ...waiting("A", 4, 1), isExempt: true }, waiting("B", 3, 2)], 15), ["pause B"])
  })

  it("a folder of whose disk nothing is known is not guarded, and reported", () => {
    const other = waiting("A", 4, 1, { savePath: "/elsewhere" })
    const plan = spacePlan([other], sampleClient(), { keepBytes: gib, marginBytes: gib, order: "queue" })
    assert.deepStrictEqual([plan.steps, plan.unguarded], [[], ["A"]])
  })

  it("counts where the parts are written, not where they end up", () => {
    const client = sampleClient({
      folders: [
        { path: "/downloads", freeBytes: 1000 * gib },
        { path: "/incomplete", freeBytes: 11 * gib }
      ]
    })
    const one = waiting("A", 4, 1, { incompletePath: "/incomplete" })
    const { steps } = spacePlan([one], client, { keepBytes: 10 * gib, marginBytes: gib, order: "queue" })
    assert.deepStrictEqual(
      steps.map(({ what }) => what),
      ["pause"]
    )
  })

  it("an archive of usenet needs its size again, to be unpacked", () => {
    const one = sampleDownload({ protocol: "usenet", bytes: { wanted: 10, total: 10, left: 4, done: 6, uploaded: 0 } })
    assert.strictEqual(neededBytes(one), 14)
  })

  it("switched off, it lets go of everything that it has paused", () => {
    const paused = { ...waiting("A", 4, 1, { state: "paused" }), isOurs: true }
    assert.deepStrictEqual(planned([paused], 1, { keepBytes: 0 }), ["resume A"])
  })
})
