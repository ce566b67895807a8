/**
 * Determines which media server a statistics application watches: from what the application reports, else from the
 * servers that it can watch at all. A person has to choose only if two would fit.
 */
import type { Kind, WatchedServer } from "./Kind.ts"

export type MediaServer =
  { readonly _tag: "Found"; readonly integrationId: string } | { readonly _tag: "Missing"; readonly detail: string }

export interface ConnectedServer {
  readonly integrationId: string
  readonly name: string
  /** As `Kind.keySpace`; `undefined` if the kind does not specify it, so that it may be any. */
  readonly keySpace: string | undefined
  /** As `Probe.identity`; `null` if it has never been reported. */
  readonly identity: string | null
}

export interface Watcher {
  readonly name: string
  /** As `Kind.watches`. */
  readonly watches: ReadonlyArray<string> | undefined
  /** What it last reported about its server; `null` = nothing. */
  readonly said: WatchedServer | null
  /** The integration that a person has chosen. */
  readonly chosen: string | null
}

export const serverWatched = (watcher: Watcher, servers: ReadonlyArray<ConnectedServer>): MediaServer => {
  const fitting = servers.filter((server) => whyNot(watcher, server) === null)
  const { chosen, name, said } = watcher
  if (chosen !== null) {
    const server = servers.find(({ integrationId }) => integrationId === chosen)
    const against =
      server === undefined ? `${name} records plays of a media server that is not connected` : whyNot(watcher, server)
    return against === null ? found(chosen) : missing(against)
  }
  // A server with the reported identity is the right one, whatever else is connected.
  const named = fitting.filter(({ identity }) => identity !== null && alike(identity, said?.identity ?? null))
  const [first, second] = named.length > 0 ? named.slice(0, 1) : fitting
  if (first === undefined) return missing(`${name} records plays of ${describe(said)}, which is not connected`)
  return second === undefined
    ? found(first.integrationId)
    : missing(`${name} could be recording plays of several media servers; choose one in its options`)
}

/** Why the keys of a server cannot belong to the source, or `null`. */
export const whyNot = (watcher: Watcher, server: ConnectedServer): string | null => {
  const { name, said, watches } = watcher
  const spaces = said?.keySpace === null || said?.keySpace === undefined ? watches : [said.keySpace]
  if (spaces !== undefined && server.keySpace !== undefined && !spaces.includes(server.keySpace)) {
    return `${name} does not record plays of a server such as ${server.name}`
  }
  const identity = said?.identity ?? null
  return identity === null || server.identity === null || alike(identity, server.identity)
    ? null
    : `${name} reports that it records plays of ${describe(said)}, which is not ${server.name}`
}

/**
 * Whether an integration of this kind can be a media server at all. An external kind need not declare its key space.
 */
export const mayServe = ({ capabilities, keySpace, watches }: Kind): boolean =>
  keySpace !== undefined || (watches === undefined && capabilities.includes("playback"))

/**
 * Whether integrations of this kind manage what is in their catalogs, whatever they are currently used for. A media server
 * has a catalog too, but only of what no manager knows.
 */
export const mayManage = (kind: Kind): boolean => kind.capabilities.includes("catalog") && !mayServe(kind)

const found = (integrationId: string): MediaServer => ({ _tag: "Found", integrationId })
const missing = (detail: string): MediaServer => ({ _tag: "Missing", detail })

const alike = (one: string, other: string | null): boolean => one.toLowerCase() === other?.toLowerCase()

const describe = (said: WatchedServer | null): string => {
  if (said?.name !== null && said?.name !== undefined) {
    return `the media server "${said.name}"${said.identity === null ? "" : ` (${said.identity})`}`
  }
  return said?.identity === null || said?.identity === undefined
    ? "a media server"
    : `the media server ${said.identity}`
}
