/** Clocks and best values of downloads over many readings. */
import { assert, describe, it } from "vitest"
import type { ClientState, Download } from "../../src/integrations/Downloads.ts"
import { observe, observeAgain, type Observation, progressWithin } from "../../src/downloads/Observation.ts"
import { isoOfMillis } from "../../src/problems/Instants.ts"
import { sampleClient, sampleDownload, stalled } from "./FakeDownloads.ts"

const start = Date.UTC(2026, 0, 15, 12)

interface Reading {
  /** Seconds after the reading before. */
  readonly after?: number
  readonly download?: Partial<Download>
  readonly client?: Partial<ClientState>
  readonly settling?: boolean
}

const over = (readings: ReadonlyArray<Reading>): { readonly last: Observation; readonly at: string } => {
  let now = start
  let last: Observation | null = null
  for (const { after = 30, client, download, settling } of readings) {
    now += after * 1000
    last = observe(last, sampleDownload(download), sampleClient(client), isoOfMillis(now), settling)
  }
  if (last === null) throw new Error("There is no reading")
  return { last, at: isoOfMillis(now) }
}

const times = (count: number, reading: Reading): ReadonlyArray<Reading> => Array.from({ length: count }, () => reading)
const done = (bytes: number) => ({ bytes: { wanted: 1e9, total: 1e9, left: 1e9 - bytes, done: bytes, uploaded: 0 } })

describe("The clock of a stall", () => {
  it("runs while it could move, and begins again with progress", () => {
    assert.strictEqual(over(times(11, { download: stalled })).last.stalledSeconds, 300)
    const moved = [
      ...times(11, { download: stalled }),
      { download: done(6e8) },
      ...times(2, { download: { ...stalled, ...done(6e8) } })
    ]
    assert.strictEqual(over(moved).last.stalledSeconds, 60)
  })

  it("is not set back by a trickle of bytes, but by many trickles together", () => {
    const trickle = Array.from({ length: 20 }, (_, n): Reading => ({
      download: { ...stalled, ...done(5e8 + n * 1000) }
    }))
    assert.strictEqual(over(trickle).last.stalledSeconds, 570)
    const steps = Array.from({ length: 20 }, (_, n): Reading => ({
      download: { ...stalled, ...done(5e8 + n * 40_000) }
    }))
    assert.isBelow(over(steps).last.stalledSeconds, 120)
  })

  it.each<readonly [string, Reading]>([
    ["it waits for its turn", { download: { ...stalled, state: "queued" } }],
    ["it is paused", { download: { ...stalled, state: "paused" } }],
    ["it is checked", { download: { ...stalled, state: "checking" } }],
    ["the client is paused", { download: stalled, client: { paused: true } }],
    ["the client has no connection", { download: stalled, client: { online: false } }],
    ["there is no space", { download: stalled, client: { folders: [{ path: "/downloads", freeBytes: 0 }] } }],
    ["the client was just restarted", { download: stalled, settling: true }]
  ])("stands while %s", (_, reading) => {
    const { last } = over([...times(3, { download: stalled }), ...times(100, reading)])
    assert.isAtMost(last.stalledSeconds, 90)
  })

  it("stands over a gap between readings, and when the clock is set back", () => {
    assert.strictEqual(
      over([...times(3, { download: stalled }), { after: 86_400, download: stalled }]).last.stalledSeconds,
      60
    )
    const back = over([...times(3, { download: stalled }), { after: -7200, download: stalled }, { download: stalled }])
    assert.isAtMost(back.last.stalledSeconds, 90)
  })

  it("begins anew while it fetches again what a check has found damaged", () => {
    const readings = [
      { download: done(9e8) },
      { download: { state: "checking", ...done(0) } },
      ...Array.from({ length: 40 }, (_, n) => ({ download: done(1e8 + n * 1e7) }))
    ] as const
    const { last } = over(readings)
    assert.isBelow(last.stalledSeconds, 60)
    assert.strictEqual(last.bestDone, 9e8)
  })

  it("begins anew when it has left its client and come back", () => {
    const { last } = over(times(200, { download: stalled }))
    const back = observeAgain(last, sampleDownload({ ...stalled, ratio: 0 }), isoOfMillis(start + 1e7))
    assert.deepInclude(back, { stalledSeconds: 0, movableSeconds: 0, averageSpeed: null, lastProgressAt: null })
  })

  it("goes on after the clock was set far forward and back", () => {
    const readings = [
      ...times(3, { download: stalled }),
      { after: 365 * 86_400, download: stalled },
      { after: -365 * 86_400, download: stalled },
      ...times(10, { download: stalled })
    ]
    assert.strictEqual(over(readings).last.stalledSeconds, 360)
  })
})

describe("What is remembered", () => {
  it("is the best, whatever a recheck shows", () => {
    const { last } = over([{ download: done(9e8) }, { download: { state: "checking", progress: 0, ...done(0) } }])
    assert.deepInclude(last, { bestDone: 9e8, bestProgress: 0.5 })
  })

  it("does not trust counters that went back", () => {
    const seeding = { state: "seeding", progress: 1 } as const
    const before = { ...seeding, seedingTime: { seconds: 100_000, clock: "active" }, ratio: 2 } as const
    const { last } = over([
      { download: before },
      { download: { ...seeding, seedingTime: { seconds: 10, clock: "active" }, ratio: 0 } }
    ])
    assert.isNotNull(last.counterFellAt)
    assert.deepInclude(last, { bestSeedingSeconds: 100_000, bestRatio: 2 })
  })

  it("is the progress of a day, once it was observed for a day", () => {
    const hourly = Array.from({ length: 30 }, (_, n): Reading => ({ after: 3600, download: done(n * 1e7) }))
    const { at, last } = over(hourly)
    assert.strictEqual(progressWithin(last, 24, at), 24e7)
    const short = over(hourly.slice(0, 5))
    assert.isNull(progressWithin(short.last, 24, short.at))
  })

  it("is no progress of a day that it waited for its turn, or that it fetched again", () => {
    const waited = over([
      ...times(3000, { download: { state: "queued", ...done(5e8) } }),
      { download: done(5e8) },
      { download: done(5e8) }
    ])
    assert.isNull(progressWithin(waited.last, 24, waited.at))
    const hourly = Array.from({ length: 30 }, (): Reading => ({ after: 3600, download: done(9e8) }))
    const again = over([...hourly, ...times(3, { download: done(1e8) })])
    assert.isNull(progressWithin(again.last, 24, again.at))
  })

  it("is how long trackers failed while that was seen, and while the client had a connection", () => {
    const failing = {
      state: "seeding",
      progress: 1,
      trackers: [{ host: "t", tier: 0, status: "not-working", message: "not registered" }]
    } as const
    const since = (...readings: ReadonlyArray<Reading>) => {
      const { at, last } = over(readings)
      return last.trackersDownSince === null ? null : (Date.parse(at) - Date.parse(last.trackersDownSince)) / 1000
    }
    assert.strictEqual(since(...times(11, { download: failing })), 300)
    assert.strictEqual(since({ download: failing }, { after: 3 * 86_400, download: failing }), 0)
    assert.isNull(since(...times(11, { download: failing, client: { online: false } })))
    assert.isNull(since(...times(11, { download: failing, settling: true })))
  })

  it("is seeding only with a working tracker", () => {
    const seeding = (status: "working" | "not-working") =>
      ({
        download: { state: "seeding", progress: 1, trackers: [{ host: "t", tier: 0, status, message: null }] }
      }) as const
    assert.strictEqual(over(times(11, seeding("working"))).last.seededSeconds, 300)
    const { last } = over(times(11, seeding("not-working")))
    assert.strictEqual(last.seededSeconds, 0)
    assert.isNotNull(last.trackersDownSince)
  })
})
