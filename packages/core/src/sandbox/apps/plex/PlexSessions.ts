/** What is being played on the simulated Plex: the entry, with its viewer and position. */
import type { SandboxWorld } from "../../SandboxWorld.ts"
import type { Play } from "../../world/WorldModel.ts"
import { listedAnswer } from "./PlexAnswers.ts"
import { entryOfPlay } from "./PlexKeys.ts"

export const plexSession = (world: SandboxWorld, play: Play): Record<string, unknown> => {
  const entry = entryOfPlay(play)
  return {
    ...(entry === undefined ? {} : listedAnswer(world, new Map(), entry, false)),
    sessionKey: String(-play.id),
    viewOffset: play.durationSeconds * 1000,
    User: { id: String(play.person.accountId), thumb: "", title: play.person.username },
    Player: { machineIdentifier: `sandbox-${play.person.cloudId}`, state: "playing", title: "Living room" },
    Session: { id: `sandbox-session-${-play.id}`, bandwidth: 6000, location: "lan" }
  }
}
