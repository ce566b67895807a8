/** What every runtime's listener shares: the address it answers, why it may fail, and how long it lets requests end. */
import { Schema } from "effect"
import type { ServeOptions } from "./ServeOptions.ts"

type Address = Pick<ServeOptions, "host" | "port">

/** Milliseconds for which requests under way may end before they are cut; half of what a stop may take. */
export const gracePeriod = 1000

/** The port is taken, or the address is not one of this machine. */
export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", { detail: Schema.String }) {
  override get message() {
    return this.detail
  }
}

/** `cause` is what the runtime threw. */
export const cannotListen = (address: Address, cause: unknown): CannotListen =>
  new CannotListen({
    detail: `Cannot listen on ${hostOf(address)}:${address.port}: ${cause instanceof Error ? cause.message : String(cause)}`
  })

/** The address for people and programs; `port` is the one that was bound. */
export const urlOf = (address: Address, port: number): string => `http://${hostOf(address)}:${port}`

const hostOf = ({ host }: Address): string => (host.includes(":") ? `[${host}]` : host)
