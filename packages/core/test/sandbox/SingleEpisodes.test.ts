/** The monitoring that a person set for single episodes is kept when their season or show is restored. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import type { RemovalTarget } from "../../src/integrations/Kind.ts"
import { whileTimePasses } from "../support/PassingTime.ts"
import { connect, silent } from "./Reading.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"

interface Episode {
  readonly id: number
  readonly seasonNumber: number
  readonly title: string
  readonly monitored: boolean
  readonly hasFile: boolean
}

const episodesOf = (app: string, seriesId: number) => read<Array<Episode>>(app, `/api/v3/episode?seriesId=${seriesId}`)

const monitor = (app: string, episodes: ReadonlyArray<Episode>, monitored: boolean) =>
  ask(app, "/api/v3/episode/monitor", {
    method: "PUT",
    body: { episodeIds: episodes.map(({ id }) => id), monitored }
  })

const flagsOf = (episodes: ReadonlyArray<Episode>) =>
  episodes.map(({ monitored, seasonNumber, title }) => `${seasonNumber} ${title}: ${monitored}`)

/** A show with at least two seasons: one is monitored except for one episode, the other has only one monitored episode. */
const mixed = Effect.fnUntraced(function* (app: string) {
  const connected = yield* connect(app)
  const items = yield* connected.read.catalog!(silent, new OddRecords())
  const isFull = (id: string) => items.filter((item) => item.parentExternalId === id).length >= 2
  const show = items.find((item) => item.kind === "show" && item.facts.monitored === true && isFull(item.externalId))
  if (show === undefined) return yield* Effect.die(new Error("no show with two seasons"))
  const seriesId = Number(show.externalId)
  const numbers = items
    .filter((item) => item.parentExternalId === show.externalId)
    .map((item) => item.facts.seasonNumber ?? 0)
    .sort((one, other) => other - one)
  const [wanted = 0, unwanted = 0] = numbers
  const series = yield* read<{ readonly seasons: Array<{ readonly seasonNumber: number }> }>(
    app,
    `/api/v3/series/${seriesId}`
  )
  const seasons = series.seasons.map((season) =>
    season.seasonNumber === unwanted ? { ...season, monitored: false } : season
  )
  yield* ask(app, `/api/v3/series/${seriesId}`, { method: "PUT", body: { ...series, seasons } })
  const all = yield* episodesOf(app, seriesId)
  yield* monitor(app, all.filter((episode) => episode.seasonNumber === wanted).slice(0, 1), false)
  yield* monitor(app, all.filter((episode) => episode.seasonNumber === unwanted).slice(0, 1), true)
  const target = (season?: number): RemovalTarget => ({
    externalId: season === undefined ? show.externalId : `${show.externalId}:s${season}`,
    kind: season === undefined ? "show" : "season",
    title: show.title,
    ids: show.ids
  })
  const flags = flagsOf(yield* episodesOf(app, seriesId))
  return { flags, removal: connected.removal!, seriesId, target, unwanted, wanted }
})

describe("Single episodes", () => {
  for (const app of ["sonarr", "whisparr-v2"]) {
    const sandboxed = <A, E>(body: Parameters<typeof withSandbox<A, E>>[1]) =>
      withSandbox({ items: 200, kinds: [app] }, body)

    it.effect(`keep their flags when their show is restored (${app})`, () =>
      sandboxed(
        Effect.gen(function* () {
          const { flags, removal, target, unwanted, wanted } = yield* mixed(app)
          const presence = yield* removal.presence(target())
          if (presence._tag === "Absent") return assert.fail("it is there")
          yield* removal.remove(target(), { addImportExclusion: true })
          const kept: unknown = JSON.parse(JSON.stringify(presence.restore))
          const back = yield* whileTimePasses(removal.restore(kept))
          assert.notProperty(back, "notSearched")
          yield* TestClock.adjust("10 minutes")
          const after = yield* episodesOf(app, Number(back.externalId))
          assert.deepStrictEqual(flagsOf(after), flags)
          const first = (number: number) => after.find(({ seasonNumber }) => seasonNumber === number)
          assert.deepStrictEqual(
            [first(wanted)?.hasFile, first(unwanted)?.hasFile],
            [false, true],
            "only what was wanted is downloaded"
          )
        })
      )
    )

    for (const which of ["wanted", "unwanted"] as const) {
      it.effect(`keep their flags when their ${which} season is restored (${app})`, () =>
        sandboxed(
          Effect.gen(function* () {
            const shown = yield* mixed(app)
            const { flags, removal, seriesId, target } = shown
            const season = target(shown[which])
            const presence = yield* removal.presence(season)
            if (presence._tag === "Absent") return assert.fail("it is there")
            yield* removal.remove(season, { addImportExclusion: true })
            const gone = (yield* episodesOf(app, seriesId)).filter((one) => one.seasonNumber === shown[which])
            assert.isTrue(
              gone.every(({ monitored }) => !monitored),
              "none of it is downloaded again automatically"
            )
            assert.notProperty(yield* whileTimePasses(removal.restore(presence.restore)), "notSearched")
            assert.deepStrictEqual(flagsOf(yield* episodesOf(app, seriesId)), flags)
          })
        )
      )

      it.effect(`keep their flags when their ${which} season was only unmonitored, and that is undone (${app})`, () =>
        sandboxed(
          Effect.gen(function* () {
            const shown = yield* mixed(app)
            const { flags, removal, seriesId, target } = shown
            const season = target(shown[which])
            const presence = yield* removal.presence(season)
            if (presence._tag === "Absent") return assert.fail("it is there")
            assert.isTrue(presence.monitored, "the application searches for some of it")
            yield* removal.remove(season, { action: "unmonitor", addImportExclusion: true })
            const now = yield* removal.presence(season)
            assert.deepStrictEqual(now._tag === "Present" ? [now.hasFiles, now.monitored] : [], [true, false])
            assert.isNull(yield* removal.isBack(presence.restore, "unmonitor"))
            yield* whileTimePasses(removal.restore(presence.restore, { action: "unmonitor" }))
            assert.isNotNull(yield* removal.isBack(presence.restore, "unmonitor"))
            assert.deepStrictEqual(flagsOf(yield* episodesOf(app, seriesId)), flags)
          })
        )
      )

      it.effect(
        `keep their flags when the preparations for the removal of their ${which} season are reverted (${app})`,
        () =>
          sandboxed(
            Effect.gen(function* () {
              const shown = yield* mixed(app)
              const { flags, removal, seriesId, target } = shown
              const season = target(shown[which])
              const presence = yield* removal.presence(season)
              if (presence._tag === "Absent") return assert.fail("it is there")
              yield* removal.remove(season, { addImportExclusion: true })
              yield* removal.putBack!(season, presence.restore)
              assert.deepStrictEqual(flagsOf(yield* episodesOf(app, seriesId)), flags)
            })
          )
      )
    }

    it.effect(`keep their flags when their show is restored with its last season (${app})`, () =>
      sandboxed(
        Effect.gen(function* () {
          const { flags, removal, seriesId, target, wanted } = yield* mixed(app)
          const presence = yield* removal.presence(target(wanted))
          if (presence._tag === "Absent") return assert.fail("it is there")
          yield* ask(app, `/api/v3/series/${seriesId}?deleteFiles=true`, { method: "DELETE" })
          const back = yield* whileTimePasses(removal.restore(presence.restore))
          const after = yield* episodesOf(app, Number.parseInt(back.externalId, 10))
          const ofSeason = (flag: string) => flag.startsWith(`${wanted} `)
          assert.deepStrictEqual(flagsOf(after).filter(ofSeason), flags.filter(ofSeason))
          assert.isTrue(after.every(({ monitored, seasonNumber }) => seasonNumber === wanted || !monitored))
        })
      )
    )
  }
})
