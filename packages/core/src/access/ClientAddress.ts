/**
 * The address a request came from. Forwarded headers count only if the peer is a configured proxy, and are read from
 * the right: each proxy appends what it saw, so entries to the left of an untrusted address cannot be trusted.
 */
import { Result } from "effect"
import { IpNetwork, NetAddress } from "effect/net"
import { parseNetwork } from "./Network.ts"

/** Header names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | undefined>>

export interface Client {
  /** Canonical form; `unknown` if the peer has no IP address (a Unix socket). */
  readonly address: string
  readonly https: boolean
  /** Host and port as the client named them. */
  readonly host: string | null
}

export interface Connection {
  /** Address of the other end of the socket. */
  readonly peer: string | null
  /** Whether that socket is TLS. */
  readonly encrypted: boolean
  readonly headers: RequestHeaders
}

/** `trustedProxies` is the setting `access.trustedProxies`. */
export const clientOf = (connection: Connection, trustedProxies: ReadonlyArray<string>): Client => {
  const { encrypted, headers } = connection
  const peer = connection.peer === null ? undefined : parseAddress(connection.peer)
  const host = headers["host"] ?? null
  if (peer === undefined) return { address: "unknown", https: encrypted, host }

  const networks = networksOf(trustedProxies)
  if (!isTrusted(networks, peer)) return { address: NetAddress.formatIp(peer), https: encrypted, host }

  const forwarded = listOf(headers["x-forwarded-for"])
  let address = peer
  let position = forwarded.length
  while (position > 0 && isTrusted(networks, address)) {
    const next = parseAddress(forwarded[position - 1] ?? "")
    // Entries before an unparsable hop cannot be trusted.
    if (next === undefined) break
    address = next
    position -= 1
  }
  return {
    address: NetAddress.formatIp(address),
    https: forwardedHttps(listOf(headers["x-forwarded-proto"]), forwarded.length, position) ?? encrypted,
    host: listOf(headers["x-forwarded-host"]).at(-1) ?? host
  }
}

/** Whether the other end of the socket is a trusted proxy, whose headers count. */
export const isTrustedProxy = (peer: string | null, trustedProxies: ReadonlyArray<string>): boolean => {
  const address = peer === null ? undefined : parseAddress(peer)
  return address !== undefined && isTrusted(networksOf(trustedProxies), address)
}

/**
 * Key for the rate limits: an IPv4 address, or the /64 of an IPv6 address, since a whole /64 usually belongs to one
 * customer.
 */
export const addressKey = (address: string): string => {
  const parsed = parseAddress(address)
  if (parsed === undefined || NetAddress.isIpv4Address(parsed)) return `address:${address}`
  return `address:${IpNetwork.format(IpNetwork.fromAddressUnsafe(parsed, 64))}`
}

/**
 * The scheme that the client used. With one value per hop, it is the value at the client's position; otherwise only the
 * value of the nearest proxy is reliable.
 */
const forwardedHttps = (schemes: ReadonlyArray<string>, hops: number, position: number): boolean | undefined => {
  const scheme = (schemes.length === hops ? schemes[position] : schemes.at(-1))?.toLowerCase()
  return scheme === "https" ? true : scheme === "http" ? false : undefined
}

const listOf = (header: string | undefined): ReadonlyArray<string> =>
  header === undefined || header.trim() === "" ? [] : header.split(",").map((part) => part.trim())

const withPort = /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/

/** Reads `1.2.3.4`, `1.2.3.4:5678`, `::1`, `[::1]:5678`, `fe80::1%eth0`; IPv4 in IPv6 becomes IPv4. */
const parseAddress = (text: string): NetAddress.IpAddress | undefined => {
  const [, bracketed, v4] = withPort.exec(text) ?? []
  const bare = (bracketed ?? v4 ?? text).replace(/%.*$/, "")
  return Result.match(NetAddress.ipFromString(bare), {
    onFailure: () => undefined,
    onSuccess: (address) => NetAddress.toCanonical(address)
  })
}

const isTrusted = (networks: ReadonlyArray<IpNetwork.IpNetwork>, address: NetAddress.IpAddress): boolean =>
  networks.some((network) => IpNetwork.contains(network, address))

/** The setting is parsed once per value. */
const parsedNetworks = new WeakMap<ReadonlyArray<string>, ReadonlyArray<IpNetwork.IpNetwork>>()

const networksOf = (trustedProxies: ReadonlyArray<string>): ReadonlyArray<IpNetwork.IpNetwork> => {
  const known = parsedNetworks.get(trustedProxies)
  if (known !== undefined) return known
  const networks = trustedProxies.flatMap((text) =>
    Result.match(parseNetwork(text), { onFailure: () => [], onSuccess: (network) => [network] })
  )
  parsedNetworks.set(trustedProxies, networks)
  return networks
}
