/**
 * Sportarr: leagues and their events, by its own API. The one that it offers to programs made for Sonarr invents seasons
 * and folders, and is used for the queue only.
 */
import { Effect, Schema } from "effect"
import type { Connected, Kind } from "../Kind.ts"
import type { DisksSnapshot } from "../Observations.ts"
import type { OddRecords } from "../OddRecords.ts"
import type { Upstream } from "../Upstream.ts"
import { type UpstreamError, UpstreamMalformed } from "../UpstreamErrors.ts"
import { type ApiKeyConfig, apiKeyConfig } from "./ApiKey.ts"
import { arrProbe, RootFolder } from "./arr/Arr.ts"
import { sportarrChanges } from "./sportarr/Changes.ts"
import { contents, readCatalog, rereadItem } from "./sportarr/Catalog.ts"
import { sportarrFacts } from "./sportarr/Facts.ts"
import { sportarrQueue } from "./sportarr/Queue.ts"
import { sportarrRemoval } from "./sportarr/Removal.ts"

export const sportarr: Kind<ApiKeyConfig> = {
  id: "sportarr",
  title: "Sportarr",
  description:
    "Manages leagues and their events: lists them and their root folders, and removes them. A league is shown as a show, an event as an episode.",
  capabilities: ["catalog", "disks", "removal", "changes", "queue"],
  itemKinds: ["show", "season", "episode"],
  config: apiKeyConfig("Shown by Sportarr under Settings, General, Security."),
  discovery: {
    defaultPort: 1867,
    hostNames: ["sportarr"],
    path: "",
    answer: "<title>Sportarr</title>"
  },
  syncCost: {
    formula: "5, whatever the size of the library",
    calls: () => 5,
    reread: "5; a part and its league are read together. To check whether it exists: 7 more",
    contents: "for rules about events or their files 2 for each league: at first, and after its events have changed"
  },
  facts: sportarrFacts,
  connect: (client, { config, name, url }): Connected => {
    const upstream = client.open({ integration: name, baseUrl: url, headers: { "X-Api-Key": config.apiKey } })
    const application = { appName: "Sportarr", api: "api/v3" }
    const probe = Effect.tap(
      arrProbe(upstream, application, name),
      // Its status is public in some versions.
      upstream.getArray("api/tag", Schema.Unknown)
    )
    const access = { upstream, integration: name, probe }
    return {
      // It reports the current time as that of its start.
      probe: Effect.map(probe, ({ process: _, ...found }) => found),
      read: {
        catalog: (progress, odd) => readCatalog(access, progress, odd),
        disks: (_, odd) => readDisks(upstream, name, odd)
      },
      reread: { catalog: (target, odd) => rereadItem(access, target, odd) },
      contents: contents(access),
      removal: sportarrRemoval(access),
      changes: sportarrChanges(access),
      queue: sportarrQueue(access, { upstream, application, integration: name, probe })
    }
  }
}

/** It lists no mounts: each root folder reports the space of its own, and stands for it. */
const readDisks = Effect.fn("Sportarr.readDisks")(function* (
  upstream: Upstream,
  integration: string,
  odd: OddRecords
): Effect.fn.Return<DisksSnapshot, UpstreamError> {
  const rootFolders = yield* upstream.getArray("api/rootfolder", RootFolder, { odd })
  if (odd.unidentified > 0) {
    const { detail = "", record = "a record" } = odd.told[0] ?? {}
    const call = "GET api/rootfolder"
    return yield* new UpstreamMalformed({ integration, call, detail: `${record}: ${detail}` })
  }
  return {
    disks: rootFolders.flatMap(({ accessible, freeSpace, path, totalSpace }) =>
      accessible === true && typeof freeSpace === "number" && typeof totalSpace === "number" && totalSpace > 0
        ? [{ path, totalBytes: totalSpace, freeBytes: freeSpace }]
        : []
    ),
    rootFolders: rootFolders.map(({ accessible, freeSpace, path, totalSpace }) => ({
      path,
      accessible: accessible ?? false,
      freeBytes: freeSpace ?? null,
      ...(totalSpace === null || totalSpace === undefined ? {} : { totalBytes: totalSpace })
    }))
  }
})
