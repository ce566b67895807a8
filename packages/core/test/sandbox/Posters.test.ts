import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { imageTypeOf } from "../../src/artwork/ImageType.ts"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { connect, silent } from "./Reading.ts"
import { withSandbox } from "./SandboxTest.ts"

const limits = { bound: { bytes: 1_000_000, advice: null }, timeoutMillis: 5_000 }
const arrs = ["radarr", "sonarr", "whisparr-v2", "whisparr-v3", "lidarr", "readarr"]
const servers = ["plex", "jellyfin", "emby"]

describe("Posters of the simulated stack", () => {
  it.effect("are images for all items of the applications", () =>
    withSandbox(
      { items: 200, kinds: ["radarr", "sonarr", "whisparr", "lidarr", "readarr", ...servers] },
      Effect.gen(function* () {
        for (const app of [...arrs, ...servers]) {
          const { artwork, read } = yield* connect(app)
          const entries = arrs.includes(app)
            ? (yield* read.catalog!(silent, new OddRecords())).map(({ externalId, kind }) => ({
                kind,
                key: externalId
              }))
            : (yield* read.serverItems!(silent, new OddRecords())).map(({ kind, serverItemId }) => ({
                kind,
                key: serverItemId
              }))
          const first = new Map(entries.toReversed().map((entry) => [entry.kind, entry]))
          assert.isAbove(first.size, 0, app)
          for (const entry of first.values()) {
            const poster = yield* artwork!.poster(entry, limits)
            // An arr has no posters of seasons.
            const expected = arrs.includes(app) && entry.kind === "season" ? null : "image/png"
            assert.strictEqual(poster === null ? null : imageTypeOf(poster), expected, `${app} ${entry.kind}`)
          }
        }
      })
    )
  )
})
