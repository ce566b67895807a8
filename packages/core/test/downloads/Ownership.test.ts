/** Whose a download is, by the queues and histories of several applications. */
import { assert, describe, it } from "vitest"
import type { QueueEntry, QueueHistoryEntry } from "../../src/integrations/QueueCapability.ts"
import { addHistory, type ApplicationBooks, ownershipOf, type Passage } from "../../src/downloads/Ownership.ts"

const withHistory = (before: ReadonlyMap<string, Passage>, entries: ReadonlyArray<QueueHistoryEntry>) => {
  const passages = new Map(before)
  for (const one of entries) addHistory(passages, one)
  return passages
}

const entry = (targets: QueueEntry["targets"]): QueueEntry => ({
  rowIds: [7],
  downloadId: "abc",
  title: "Title",
  protocol: "torrent",
  clientName: null,
  indexer: null,
  status: null,
  trackedStatus: null,
  trackedState: null,
  messages: [],
  sizeBytes: null,
  leftBytes: null,
  outputPath: null,
  addedAt: null,
  targets
})
const movie = [{ kind: "movie", wholeId: "5" }] as const
const grabbed = (at: string): QueueHistoryEntry => ({
  what: "grabbed",
  downloadId: "abc",
  at,
  title: "Title",
  indexer: "I",
  targets: movie
})
const imported = (at: string): QueueHistoryEntry => ({ ...grabbed(at), what: "imported" })

const books = (
  name: string,
  parts: {
    readonly queue?: QueueEntry
    readonly history?: ReadonlyArray<QueueHistoryEntry>
    readonly unreadable?: string
  }
): ApplicationBooks => ({
  integrationId: name,
  name,
  unreadable: parts.unreadable ?? null,
  queue: new Map(parts.queue === undefined ? [] : [["abc", parts.queue]]),
  history: withHistory(new Map(), parts.history ?? []),
  asked: null
})

describe("Whose a download is", () => {
  it("is decided by the history of grabs, not by a queue that lists it as unknown", () => {
    const found = ownershipOf(
      ["abc"],
      [books("A", { queue: entry([]) }), books("B", { history: [grabbed("2026-01-01T00:00:00.000Z")] })]
    )
    assert.strictEqual(found._tag === "Owned" ? found.owner.name : null, "B")
  })

  it("is nobody's only if every application was read", () => {
    assert.strictEqual(ownershipOf(["abc"], [books("A", {}), books("B", {})])._tag, "Nobody")
    assert.strictEqual(ownershipOf(["abc"], [books("A", {}), books("B", { unreadable: "down" })])._tag, "Unknown")
  })

  it("is not known while its own application cannot be read, nor if two had it fetched", () => {
    const history = [grabbed("2026-01-01T00:00:00.000Z")]
    assert.strictEqual(ownershipOf(["abc"], [books("A", { history, unreadable: "down" })])._tag, "Unknown")
    assert.strictEqual(ownershipOf(["abc"], [books("A", { history }), books("B", { history })])._tag, "Unknown")
  })

  it("is not known if only a queue claims it while another application cannot be read", () => {
    const other = books("B", { unreadable: "down" })
    assert.strictEqual(ownershipOf(["abc"], [books("A", { queue: entry(movie) }), other])._tag, "Unknown")
    const history = [grabbed("2026-01-01T00:00:00.000Z")]
    assert.strictEqual(ownershipOf(["abc"], [books("A", { history }), other])._tag, "Owned")
  })

  it("is found by any of its hashes", () => {
    const history = [grabbed("2026-01-01T00:00:00.000Z")]
    assert.strictEqual(ownershipOf(["v2hash", "abc"], [books("A", { history })])._tag, "Owned")
  })

  it("counts an import only after the latest grab of the same id", () => {
    const importedAt = (...history: ReadonlyArray<QueueHistoryEntry>) =>
      withHistory(new Map(), history).get("abc")?.importedAt
    const [first, second, third] = [
      "2026-01-01T00:00:00.000Z",
      "2026-01-02T00:00:00.000Z",
      "2026-01-03T00:00:00.000Z"
    ] as const
    assert.strictEqual(importedAt(grabbed(first), imported(second)), second)
    assert.isNull(importedAt(grabbed(first), imported(second), grabbed(third)))
    assert.isNull(importedAt(imported(first), grabbed(second)))
    // Read again with an overlap.
    const once = withHistory(new Map(), [grabbed(first), imported(second), grabbed(third)])
    assert.isNull(withHistory(once, [imported(second), grabbed(third)]).get("abc")?.importedAt)
  })

  it("keeps all episodes of a pack together", () => {
    const episode = (partId: string): QueueHistoryEntry => ({
      ...grabbed("2026-01-01T00:00:00.000Z"),
      targets: [{ kind: "episode", wholeId: "9", seasonNumber: 2, partId }]
    })
    const found = withHistory(new Map(), [episode("1"), episode("2"), episode("2")]).get("abc")
    assert.strictEqual(found?.targets.length, 2)
  })
})
