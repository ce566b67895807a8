/** What every runtime's listener shares: the address it answers, and how long it lets requests end. */
import type { ServeOptions } from "./ServeOptions.ts"

/** Milliseconds for which requests under way may end before they are cut; half of what a stop may take. */
export const gracePeriod = 1000

/** The address for people and programs; `port` is the one that was bound. */
export const urlOf = ({ host }: Pick<ServeOptions, "host">, port: number): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`
