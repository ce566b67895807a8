/**
 * Which simulated applications are started: those of the usual stack, or the named ones. A name that occurs twice is
 * started twice, each instance with its own library or plays.
 */
import { allApps } from "./AppNames.ts"
import { sandboxApps } from "./apps/Apps.ts"
import type { MediaServer, SandboxApp } from "./apps/SandboxApp.ts"
import type { SandboxWorld } from "./SandboxWorld.ts"
import { numbered } from "./world/Generate.ts"
import type { MediaRequest, Play } from "./world/WorldModel.ts"

export interface Instance {
  readonly app: SandboxApp
  /** 1 for the first of its kind. */
  readonly number: number
  /** Unique among all started instances: `radarr`, `radarr-2`. */
  readonly id: string
  /** `Radarr`, `Radarr (2)`. */
  readonly name: string
}

/**
 * In the order in which applications are offered, whatever the order of the names; unknown names are ignored, and each
 * of `more` is started once.
 */
export const chooseInstances = (
  names: ReadonlyArray<string> | undefined,
  more: ReadonlyArray<SandboxApp> = []
): ReadonlyArray<Instance> =>
  [...sandboxApps, ...more].flatMap((app) => {
    const named = (name: string) => name === allApps || name === app.id || name === app.kind
    const isUsual = names === undefined && app.onlyWhenNamed !== true
    const count = isUsual || more.includes(app) ? 1 : (names ?? []).filter(named).length
    return Array.from({ length: count }, (_, at): Instance => {
      const number = at + 1
      const name = number === 1 ? app.name : `${app.name} (${number})`
      return { app, number, id: numbered(app.id, number), name }
    })
  })

/**
 * The media servers among them. A play takes place on one server, so each of several has a share of the world's plays.
 */
export const mediaServersOf = (world: SandboxWorld, instances: ReadonlyArray<Instance>): ReadonlyArray<MediaServer> => {
  const servers = instances.filter(({ app }) => app.part === "mediaServer")
  return servers.map(({ app, id, name, number }, index) => ({
    id,
    kind: app.kind,
    name,
    number,
    plays: share(
      world,
      servers.length,
      index,
      () => world.plays,
      (play: Play) => play.id
    )
  }))
}

/** The requests made in this instance: all of them, or a share if several instances take requests. */
export const requestsOf = (
  world: SandboxWorld,
  instances: ReadonlyArray<Instance>,
  instance: Instance
): (() => ReadonlyArray<MediaRequest>) => {
  const managers = instances.filter(({ app }) => app.part === "requestManager")
  const index = Math.max(0, managers.indexOf(instance))
  return share(
    world,
    managers.length,
    index,
    () => world.requests,
    (request) => request.mediaId
  )
}

/** Every n-th entry of a list, computed once per state of the world. */
const share = <A>(
  world: SandboxWorld,
  among: number,
  index: number,
  all: () => ReadonlyArray<A>,
  numberOf: (each: A) => number
): (() => ReadonlyArray<A>) => {
  if (among <= 1) return all
  let revision = -1
  let own: ReadonlyArray<A> = []
  return () => {
    if (revision !== world.revision) {
      revision = world.revision
      own = all().filter((each) => numberOf(each) % among === index)
    }
    return own
  }
}
