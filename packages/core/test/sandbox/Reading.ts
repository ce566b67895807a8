/** Reads simulated applications like Tendarr: with the real kinds, over the real client. */
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { Effect } from "effect"
import { Kinds } from "../../src/integrations/Kinds.ts"
import { KyUpstreamClient } from "../../src/integrations/KyUpstreamClient.ts"
import type { PlaybackEntry, ServerItem } from "../../src/integrations/Observations.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"

/** A simulated application, connected by its real kind. */
export const connect = Effect.fnUntraced(
  function* (app: string, config: object = {}) {
    const { applications } = yield* Sandbox
    const integration = applications.find((each) => each.app === app)?.integration
    const kind = yield* (yield* Kinds).find(integration?.kind ?? "")
    const client = yield* UpstreamClient
    if (integration === undefined || kind === undefined) return yield* Effect.die(new Error(`no ${app}`))
    return kind.connect(client, {
      ...integration,
      integrationId: "1",
      config: Object.assign({}, integration.config, config)
    })
  },
  Effect.provide([KyUpstreamClient.layerWith({ retries: 0 }), Kinds.layer])
)

export const silent = () => Effect.void

export const itemsOf = Effect.fnUntraced(function* (kind: string) {
  const { read } = yield* connect(kind)
  return yield* read.serverItems?.(silent, new OddRecords()) ?? Effect.die(new Error(`${kind} lists no items`))
})
export const playsOf = Effect.fnUntraced(function* (kind: string) {
  const { read } = yield* connect(kind)
  return yield* read.playback?.(silent, new OddRecords()) ?? Effect.die(new Error(`${kind} knows no plays`))
})

/** Plays by title instead of by a server's key. */
export const known = (items: ReadonlyArray<ServerItem>, plays: ReadonlyArray<PlaybackEntry>) => {
  const names = new Map(items.map((item) => [item.serverItemId, `${item.title} ${item.year} ${item.addedAt}`]))
  return plays
    .flatMap(({ kind, lastPlayedAt, plays: count, seasonNumber, serverItemId, users }) => {
      const name = names.get(serverItemId)
      const viewers = users.map((user) => `${user.name} ${user.plays} ${user.lastPlayedAt}`).sort()
      return name === undefined ? [] : [[name, kind, seasonNumber, count, lastPlayedAt, ...viewers].join(" | ")]
    })
    .sort()
}
