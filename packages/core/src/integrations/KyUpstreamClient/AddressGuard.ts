/**
 * Network addresses that the client never connects to: link-local addresses, cloud metadata services, unspecified and
 * multicast addresses, including every form in which an IPv6 address can embed one. Private and loopback networks are
 * allowed, since that is where a media stack runs.
 */
import { lookup } from "node:dns/promises"
import { Context, Effect, Result } from "effect"
import { IpNetwork, NetAddress } from "effect/net"

/** Resolves a host name to all its addresses; fails with the reason as text. */
export const HostResolver = Context.Reference<(host: string) => Effect.Effect<ReadonlyArray<string>, string>>(
  "tendarr/integrations/HostResolver",
  {
    defaultValue: () => (host) =>
      Effect.tryPromise({
        try: () => lookup(host, { all: true }),
        catch: (cause) => `${host} cannot be resolved (${codeOf(cause)})`
      }).pipe(Effect.map((found) => found.map((entry) => entry.address)))
  }
)

/** Why a host is not called: `mayPass` if it could not be resolved just now, but not if its address is forbidden. */
export interface Guarded {
  readonly reason: string
  readonly mayPass: boolean
}

/** The addresses of `url`, all of them checked. Fails if one is forbidden, or if there is none. */
export const guard = Effect.fnUntraced(function* (url: URL): Effect.fn.Return<ReadonlyArray<string>, Guarded> {
  const resolve = yield* HostResolver
  const host = hostOf(url)
  if (isMetadataName(host)) return yield* refuse(`${host} is a cloud metadata service, which is never called`)
  const addresses = parseAddress(host) === undefined ? yield* Effect.mapError(resolve(host), passing) : [host]
  if (addresses.length === 0) return yield* Effect.fail(passing(`${host} has no address`))
  for (const address of addresses) {
    const reason = forbidden(address)
    if (reason !== null) return yield* refuse(`${host} is ${address}, ${reason}, which is never called`)
  }
  return addresses
})

/**
 * The host without brackets and trailing dots. `URL` has already normalised decimal, octal and hexadecimal spellings.
 */
export const hostOf = (url: URL): string =>
  url.hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.+$/, "")
    .toLowerCase()

/** Why an IP address is forbidden, or `null` if it may be called. */
export const forbidden = (address: string): string | null => {
  const parsed = parseAddress(address)
  if (parsed === undefined) return "not an IP address"
  return reasonFor(parsed, everywhere) ?? (NetAddress.isIpv6Address(parsed) ? reasonWithin(parsed) : null)
}

/** Names of cloud metadata services, including their subdomains. */
export const isMetadataName = (host: string): boolean =>
  metadataNames.some((name) => host === name || host.endsWith(`.${name}`))

const metadataNames = [
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
  "metadata.tencentyun.com",
  "metadata.cloud.ibm.com",
  "metadata.packet.net",
  "metadata.platformequinix.com"
]

interface Refused {
  readonly network: IpNetwork.IpNetwork
  readonly reason: string
}

const refused = (reason: string, ...networks: ReadonlyArray<string>): ReadonlyArray<Refused> =>
  networks.map((network) => ({ network: IpNetwork.fromStringUnsafe(network), reason }))

/** Refused even if an address only possibly embeds one of them. */
const dangerous = [
  ...refused(
    "a cloud metadata address",
    // AWS, Google, Azure, Oracle, DigitalOcean, Hetzner, IBM, OpenStack and others.
    "169.254.169.254/32",
    // AWS tasks and pods.
    "169.254.170.2/32",
    "169.254.170.23/32",
    // Scaleway, Tencent.
    "169.254.42.42/32",
    "169.254.0.23/32",
    // Alibaba, Oracle Classic, the wire server of Azure.
    "100.100.100.200/32",
    "192.0.0.192/32",
    "168.63.129.16/32"
  ),
  ...refused("a link-local address", "169.254.0.0/16")
]

const everywhere = [
  ...dangerous,
  ...refused(
    "a cloud metadata address",
    // All AWS service addresses are in this network: instances, pods, time and names.
    "fd00:ec2::/32",
    // Google, Oracle, Scaleway, Akamai.
    "fd20:ce::254/128",
    "fd00:c1::a9fe:a9fe/128",
    "fd00:42::42/128",
    "fd00:a9fe:a9fe::1/128"
  ),
  ...refused("a link-local address", "fe80::/10"),
  ...refused("a site-local address", "fec0::/10"),
  ...refused("the unspecified address", "0.0.0.0/8", "::/128"),
  ...refused("a multicast address", "224.0.0.0/4", "ff00::/8"),
  ...refused("the broadcast address", "255.255.255.255/32")
]

const reasonFor = (address: NetAddress.IpAddress, list: ReadonlyArray<Refused>): string | null =>
  list.find(({ network }) => IpNetwork.contains(network, address))?.reason ?? null

/** How IPv6 addresses of a network embed an IPv4 address: the positions of its octets. */
interface Carrier {
  readonly network: IpNetwork.IpNetwork
  readonly places: ReadonlyArray<readonly [number, number, number, number]>
  /** Each bit is inverted. */
  readonly obfuscated?: boolean
  /** The positions are those of several layouts, only one of which is in use. */
  readonly uncertain?: boolean
}

const atEnd = [12, 13, 14, 15] as const
const carrier = (network: string, rest: Omit<Carrier, "network">): Carrier => ({
  network: IpNetwork.fromStringUnsafe(network),
  ...rest
})

const carriers: ReadonlyArray<Carrier> = [
  // IPv4-mapped, IPv4-translated, NAT64.
  carrier("::ffff:0:0/96", { places: [atEnd] }),
  carrier("::ffff:0:0:0/96", { places: [atEnd] }),
  carrier("64:ff9b::/96", { places: [atEnd] }),
  // NAT64 for local use, in the layouts of RFC 6052 for prefixes of 48, 56, 64 and 96 bits.
  carrier("64:ff9b:1::/48", { places: [[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], atEnd], uncertain: true }),
  // 6to4.
  carrier("2002::/16", { places: [[2, 3, 4, 5]] }),
  // Teredo: the address of its server in plain, that of its client obfuscated.
  carrier("2001::/32", { places: [[4, 5, 6, 7]] }),
  carrier("2001::/32", { places: [atEnd], obfuscated: true })
]

const ipv4Compatible = IpNetwork.fromStringUnsafe("::/96")
const loopbackAndUnspecified = IpNetwork.fromStringUnsafe("::/127")

/** Why an embedded IPv4 address is forbidden. */
const reasonWithin = (address: NetAddress.Ipv6Address): string | null => {
  const octets = NetAddress.ipv6ToOctets(address)
  const carried = ([a, b, c, d]: readonly [number, number, number, number], flip: number) =>
    NetAddress.ipv4FromBytesUnsafe(Uint8Array.from([a, b, c, d], (place) => (octets[place] ?? 0) ^ flip))
  for (const { network, obfuscated, places, uncertain } of carriers) {
    if (!IpNetwork.contains(network, address)) continue
    for (const place of places) {
      const reason = reasonFor(
        carried(place, obfuscated === true ? 0xff : 0),
        uncertain === true ? dangerous : everywhere
      )
      if (reason !== null) return reason
    }
  }
  const compatible = IpNetwork.contains(ipv4Compatible, address) && !IpNetwork.contains(loopbackAndUnspecified, address)
  // ISATAP, in any network: an interface id with 5efe and the IPv4 address.
  const isatap = ((octets[8] ?? 0) & 0xfd) === 0 && octets[9] === 0 && octets[10] === 0x5e && octets[11] === 0xfe
  return compatible || isatap ? reasonFor(carried(atEnd, 0), everywhere) : null
}

/** Parses an address, with or without a zone. */
const parseAddress = (text: string): NetAddress.IpAddress | undefined =>
  Result.getOrUndefined(NetAddress.ipFromString(text.replace(/%.*$/, "")))

const refuse = (reason: string) => Effect.fail<Guarded>({ reason, mayPass: false })
const passing = (reason: string): Guarded => ({ reason, mayPass: true })

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "unknown error"
