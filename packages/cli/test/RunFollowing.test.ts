import type { Run } from "@tendarr/sdk-client"
import { expect, it } from "vitest"
import { progressOf } from "../src/RunFollowing.ts"

const run = (progress: Run["progress"], status: Run["status"] = "running"): Run => ({
  id: "1",
  job: "library-sync",
  status,
  startedBy: "person",
  actor: "local",
  options: {},
  progress,
  result: null,
  error: null,
  queuedAt: "2026-01-15T12:00:00.000Z",
  startedAt: null,
  endedAt: null,
  errors: 0
})

it("a run shows a bar as soon as its total is known, and always its current step", () => {
  expect(progressOf(run(null, "queued"))).toBe("library-sync: waiting for the previous run")
  expect(progressOf(run({ done: 0, total: null, message: "waits for run 3 of capacity" }, "queued"))).toBe(
    "library-sync: waits for run 3 of capacity"
  )
  expect(progressOf({ ...run(null), subject: { id: "4", name: "Radarr" } })).toBe("library-sync (Radarr): started")
  expect(progressOf(run(null))).toBe("library-sync: started")
  expect(progressOf(run({ done: 0, total: null, message: "Radarr" }))).toBe("library-sync: Radarr")
  expect(progressOf(run({ done: 200, total: null, message: "Plex" }))).toBe("library-sync 200: Plex")
  expect(progressOf(run({ done: 3, total: 6, message: "Sonarr" }))).toBe(
    "library-sync [##########----------] 3/6: Sonarr"
  )
  expect(progressOf(run({ done: 0, total: 0, message: "nothing" }))).toBe("library-sync: nothing")
})
