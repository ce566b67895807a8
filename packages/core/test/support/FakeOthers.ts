/** The media server and the request manager of a `FakeLibrary`. */
import type { Connected, EntryKeys } from "../../src/integrations/Kind.ts"
import { playbackEntry, requestEntry, serverItem } from "./FakeAnswers.ts"
import type { FakeItem } from "./FakeItem.ts"
import type { FakeLibrary } from "./FakeLibrary.ts"

export const fakeServer = (library: FakeLibrary): Connected => {
  // Its library lists no episodes, and its history no plays of them.
  const onServer = () => library.listed.filter((item) => item.onServer && item.kind !== "episode")
  const entriesOf = (entries: ReadonlyArray<EntryKeys>): ReadonlyArray<FakeItem> => {
    const keys = new Set(
      entries.flatMap(({ season, serverItemId }) => [serverItemId, ...(season === null ? [] : [season.serverItemId])])
    )
    return onServer().filter((item) => keys.has(`on-${item.externalId}`))
  }
  return {
    probe: library.answering("server", "GET /status", () => ({ appName: "Screen", version: "1", latencyMillis: 1 })),
    read: {
      serverItems: () => library.answering("server", "GET /library", () => onServer().map((item) => serverItem(item))),
      playback: () =>
        library.answering("server", "GET /history", () => onServer().flatMap((item) => playbackEntry(item)))
    },
    reread: {
      serverItems: (entries) =>
        library.answering("server", "GET /library/1", () => entriesOf(entries).map((item) => serverItem(item))),
      playback: (entries) =>
        library.answering("server", "GET /history/1", () => entriesOf(entries).flatMap((item) => playbackEntry(item)))
    }
  }
}

export const fakeRequests = (library: FakeLibrary): Connected => {
  const requested = () => [...library.items.values()].filter((item) => item.requestedBy.length > 0)
  return {
    requestReset: library.resets,
    probe: library.answering("requests", "GET /status", () => ({ appName: "Wishes", version: "1", latencyMillis: 1 })),
    read: { requests: () => library.answering("requests", "GET /requests", () => requested().map(requestEntry)) },
    reread: {
      requests: ({ ids }) =>
        library.answering("requests", "GET /requests/1", () =>
          requested()
            .filter((item) => item.ids.some((id) => ids.includes(id)))
            .map(requestEntry)
        )
    }
  }
}
