/** Whose fault it is: situations of queues and clients, each with what is right about it. */
import { assert, describe, it } from "vitest"
import type { ClientState, Download } from "../../src/integrations/Downloads.ts"
import type { QueueEntry } from "../../src/integrations/QueueCapability.ts"
import { faultsOf, moodOf, type FaultKind, type FaultOwner } from "../../src/downloads/Fault.ts"
import { meaningOf } from "../../src/downloads/ImportMessages.ts"
import { observe, type Observation } from "../../src/downloads/Observation.ts"
import { sampleClient, sampleDownload, stalled } from "./FakeDownloads.ts"

const at = "2026-01-15T12:00:00.000Z"

const observed = (download: Download, client: ClientState, changes: Partial<Observation> = {}): Observation => ({
  ...observe(null, download, client, at),
  ...changes
})

const entryOf = (changes: Partial<QueueEntry>): QueueEntry => ({
  rowIds: [1],
  downloadId: "a",
  title: "Some.Movie",
  protocol: "torrent",
  clientName: null,
  indexer: null,
  status: "completed",
  trackedStatus: "warning",
  trackedState: "importpending",
  messages: [],
  sizeBytes: null,
  leftBytes: null,
  outputPath: null,
  addedAt: null,
  targets: [],
  ...changes
})

interface Situation {
  readonly download?: Partial<Download>
  readonly client?: Partial<ClientState>
  readonly observation?: Partial<Observation>
  readonly entry?: Partial<QueueEntry>
  /** How many further downloads are the same. */
  readonly fellows?: number
}

const judge = ({ client: state, download: changes, entry, fellows = 0, observation }: Situation) => {
  const client = sampleClient(state)
  const download = sampleDownload(changes)
  const own = {
    download,
    observation: observed(download, client, observation),
    entry: entry === undefined ? null : entryOf(entry)
  }
  const mood = moodOf(
    Array.from({ length: fellows + 1 }, () => own),
    client
  )
  return faultsOf({ ...own, client, mood })
}

type Expected = readonly [kind: FaultKind, owner: FaultOwner] | null

const longStill = { stalledSeconds: 3600 }
const complete = {
  state: "completed",
  progress: 1,
  bytes: { wanted: 1e9, total: 1e9, left: 0, done: 1e9, uploaded: 0 }
} as const

const situations: ReadonlyArray<readonly [what: string, situation: Situation, expected: Expected]> = [
  ["one of many stands still", { download: stalled, observation: longStill }, ["stalled", "release"]],
  ["it just began to stand still", { download: stalled, observation: { stalledSeconds: 60 } }, ["slow", "release"]],
  ["all of them stand still", { download: stalled, observation: longStill, fellows: 4 }, ["stalled", "environment"]],
  [
    "the client has no connection",
    { download: stalled, client: { online: false }, observation: longStill },
    ["held", "environment"]
  ],
  [
    "the whole client is paused",
    { download: stalled, client: { paused: true }, observation: longStill },
    ["held", "wait"]
  ],
  ["somebody has paused it", { download: { state: "paused" } }, ["held", "person"]],
  ["it waits for its turn", { download: { state: "queued" }, observation: longStill }, ["held", "wait"]],
  ["it is checked after a restart", { download: { state: "checking", progress: 0 } }, ["held", "wait"]],
  ["its files are moved", { download: { state: "moving" } }, ["held", "wait"]],
  ["it is repaired for hours", { download: { state: "post-processing", phase: "repairing", progress: 1 } }, null],
  ["its state is not known", { download: { state: "unknown" }, observation: longStill }, null],
  [
    "its disk is full",
    { download: stalled, client: { folders: [{ path: "/downloads", freeBytes: 0 }] }, observation: longStill },
    ["held", "environment"]
  ],
  [
    "the client says that the disk is full",
    { download: { state: "error", error: "write error: No space left on device" } },
    ["failed-download", "environment"]
  ],
  ["the client says nothing about an error", { download: { state: "error" } }, ["failed-download", "environment"]],
  [
    "a usenet download is not complete",
    { download: { protocol: "usenet", state: "error", rawState: "FAILURE/HEALTH" } },
    ["failed-download", "release"]
  ],
  [
    "a usenet download needs a password",
    { download: { protocol: "usenet", state: "error", error: "Unpacking failed, archive requires a password" } },
    ["failed-download", "release"]
  ],
  [
    "a usenet download lacks blocks for its repair",
    {
      download: {
        protocol: "usenet",
        state: "error",
        rawState: "Failed",
        error: "Repair failed, not enough repair blocks (12 short)"
      }
    },
    ["failed-download", "release"]
  ],
  [
    "a usenet download cannot be completed",
    {
      download: {
        protocol: "usenet",
        state: "error",
        rawState: "Failed",
        error: "Aborted, cannot be completed - https://sabnzbd.org/not-complete"
      }
    },
    ["failed-download", "release"]
  ],
  [
    "the paths of the client are too long to unpack it",
    {
      download: {
        protocol: "usenet",
        state: "error",
        rawState: "Failed",
        error: "Unpacking failed, path is too long"
      }
    },
    ["failed-download", "environment"]
  ],
  [
    "a script of the client failed",
    { download: { protocol: "usenet", state: "error", rawState: "FAILURE/SCRIPT" } },
    ["failed-download", "environment"]
  ],
  [
    "there is no space to unpack",
    { download: { protocol: "usenet", state: "error", rawState: "FAILURE/SPACE" } },
    ["failed-download", "environment"]
  ],
  [
    "the client had it before",
    { download: { protocol: "usenet", state: "error", rawState: "DELETED/DUPE" } },
    ["failed-download", "nobody"]
  ],
  [
    "the client had a copy of it before",
    { download: { protocol: "usenet", state: "error", rawState: "DELETED/COPY" } },
    ["failed-download", "nobody"]
  ],
  [
    "the mount is missing for all",
    { download: { state: "missing-files" }, fellows: 200 },
    ["missing-files", "environment"]
  ],
  ["the files of one are missing", { download: { state: "missing-files" } }, ["missing-files", "environment"]],
  [
    "nobody sends the list of files",
    {
      download: { state: "metadata", bytes: { wanted: null, total: 0, left: null, done: 0, uploaded: 0 }, progress: 0 },
      observation: longStill
    },
    ["metadata", "release"]
  ],
  [
    "nobody sends any of the lists of files",
    { download: { ...stalled, state: "metadata", progress: 0 }, observation: longStill, fellows: 5 },
    ["metadata", "environment"]
  ],
  [
    "its trackers were not contacted yet",
    {
      download: { ...stalled, trackers: [{ host: "t", tier: 0, status: "updating", message: null }] },
      observation: longStill
    },
    ["stalled", "nobody"]
  ],
  [
    "somebody has limited its speed",
    {
      download: {
        speeds: { down: 100_000, up: 0 },
        limits: {
          down: { ...sampleDownload().limits.down, own: { is: "value", value: 102_400, raw: 102_400 } },
          up: sampleDownload().limits.up
        }
      }
    },
    ["slow", "person"]
  ],
  [
    "the line is full",
    {
      download: { speeds: { down: 50_000, up: 0 } },
      client: {
        limits: { down: { is: "value", value: 1e6, raw: 1e6 }, up: { is: "none", raw: 0 } },
        speeds: { down: 990_000, up: 0 }
      }
    },
    ["slow", "environment"]
  ],
  ["the alternative limits are on", { client: { alternativeLimits: true } }, ["slow", "wait"]],
  [
    "its tracker does not know it any more",
    {
      download: {
        ...complete,
        trackers: [{ host: "t", tier: 0, status: "not-working", message: "Unregistered torrent" }]
      },
      observation: { trackersDownSince: "2026-01-15T09:00:00.000Z" }
    },
    ["unregistered", "release"]
  ],
  [
    "its tracker has not known it for a few minutes",
    {
      download: {
        ...complete,
        trackers: [{ host: "t", tier: 0, status: "not-working", message: "Unregistered torrent" }]
      },
      observation: { trackersDownSince: "2026-01-15T11:50:00.000Z" }
    },
    ["unregistered", "wait"]
  ],
  [
    "its tracker is in maintenance",
    {
      download: {
        ...complete,
        trackers: [{ host: "t", tier: 0, status: "not-working", message: "Torrent not found, tracker maintenance" }]
      },
      observation: { trackersDownSince: at }
    },
    ["unregistered", "environment"]
  ],
  ["it is complete and imported", { download: complete }, null],
  [
    "the path is mapped wrongly",
    {
      download: complete,
      entry: { messages: ["Import failed, path does not exist or is not accessible by Radarr: /downloads/x"] }
    },
    ["failed-import", "environment"]
  ],
  [
    "a path of another system",
    {
      download: complete,
      entry: { messages: ["[C:\\downloads] is not a valid local path. You may need a Remote Path Mapping"] }
    },
    ["failed-import", "environment"]
  ],
  [
    "no file is seen",
    { download: complete, entry: { messages: ["No files found are eligible for import in /downloads/x"] } },
    ["failed-import", "environment"]
  ],
  [
    "the title is not known yet",
    { download: complete, entry: { messages: ["Episode has a TBA title and recently aired"] } },
    ["failed-import", "wait"]
  ],
  [
    "it is still unpacked",
    { download: complete, entry: { messages: ["File is still being unpacked"] } },
    ["failed-import", "wait"]
  ],
  ["it is taken for a sample", { download: complete, entry: { messages: ["Sample"] } }, ["failed-import", "person"]],
  [
    "it was matched by its id alone",
    {
      download: complete,
      entry: {
        messages: [
          "Found matching series via grab history, but release was matched to series by ID. Automatic import is not possible."
        ]
      }
    },
    ["failed-import", "person"]
  ],
  [
    "tracks are missing",
    { download: complete, entry: { messages: ["Has missing tracks"] } },
    ["failed-import", "person"]
  ],
  [
    "it is not an upgrade",
    {
      download: complete,
      entry: { messages: ["Not an upgrade for existing movie file. Existing quality: Bluray-1080p."] }
    },
    ["failed-import", "nobody"]
  ],
  ...[
    "Dangerous Liaisons (1988) was not found in the grabbed release: Dangerous.Liaisons.1988.1080p",
    "Movie title mismatch, automatic import is not possible. Found Virus (1999)",
    "Invalid season or episode",
    "Couldn't find similar album for The Encrypted - Corrupt",
    "Unable to determine if file is a sample: Password.2019.mkv"
  ].map((message): (typeof situations)[number] => [
    `a person has to look, whatever the title: ${message}`,
    { download: complete, entry: { messages: [message] } },
    ["failed-import", "person"]
  ]),
  [
    "the library has as good a file, of a title like a danger",
    {
      download: complete,
      entry: { messages: ["Not an upgrade for existing movie file: Dangerous.Minds.1995.mkv"] }
    },
    ["failed-import", "nobody"]
  ],
  [
    "it has no video of a kind that is known",
    {
      download: complete,
      entry: { messages: ["Invalid video file, unsupported extension: '.txt'"] }
    },
    ["failed-import", "release"]
  ],
  [
    "it contains a program",
    { download: complete, entry: { messages: ["Caution: Found executable file with extension: '.exe'"] } },
    ["failed-import", "release"]
  ],
  [
    "one file of a pack needs a person, the others are fine",
    {
      download: complete,
      entry: { messages: ["Caution: Found potentially dangerous file", "Unable to determine if file is a sample"] }
    },
    ["failed-import", "person"]
  ],
  [
    "a message that is not known",
    { download: complete, entry: { messages: ["The moon is full"] } },
    ["failed-import", "nobody"]
  ],
  ["no message at all", { download: complete, entry: {} }, ["failed-import", "nobody"]],
  [
    "most imports fail for the same reason",
    { download: complete, entry: { messages: ["Invalid video file"] }, fellows: 5 },
    ["failed-import", "environment"]
  ],
  ["it is being imported", { download: complete, entry: { trackedState: "importing", trackedStatus: "ok" } }, null]
]

describe("What is wrong with a download, and whose fault that is", () => {
  it.each(situations)("%s", (_, situation, expected) => {
    const faults = judge(situation)
    if (expected === null) assert.deepStrictEqual(faults, [])
    else assert.deepInclude(faults[0], { kind: expected[0], owner: expected[1] }, JSON.stringify(faults))
  })

  it("prefers the environment, then waiting, then a person to a fault of the release", () => {
    const messages = ["Invalid video file", "Sample", "File is still being unpacked", "Not enough free space"]
    const owners = messages.map((_, index) => meaningOf(messages.slice(0, index + 1))?.owner)
    assert.deepStrictEqual(owners, ["release", "person", "wait", "environment"])
    assert.isNull(meaningOf([]))
  })
})
