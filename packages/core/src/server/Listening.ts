/** Shared by the listeners of all runtimes: the address, the errors, and the grace period for requests. */
import { Schema } from "effect"

export interface Address {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** The mount whose port it is, for messages; `null` = the port of the server. */
  readonly mount: string | null
}

/**
 * Milliseconds that requests in progress have to end before they are cut off; half of the time allowed for a shutdown.
 */
export const gracePeriod = 1000

/** The port is taken, or the address is not one of this machine. */
export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", {
  detail: Schema.String,
  mount: Schema.NullOr(Schema.String)
}) {
  override get message() {
    return this.detail
  }
}

/** `cause` is the error that the runtime threw. */
export const cannotListen = (address: Address, cause: unknown): CannotListen => {
  const { mount, port } = address
  const where = `${hostOf(address)}:${port}${mount === null ? "" : ` for the mount ${mount}`}`
  const because = cause instanceof Error ? cause.message : String(cause)
  return new CannotListen({ mount, detail: `Cannot listen on ${where}: ${because}` })
}

/** The address for people and programs; `port` is the port that was bound. */
export const urlOf = (address: Pick<Address, "host">, port: number): string => `http://${hostOf(address)}:${port}`

const hostOf = ({ host }: Pick<Address, "host">): string => (host.includes(":") ? `[${host}]` : host)
