/**
 * Which network addresses the door never talks to: link-local ones, cloud metadata services, unspecified and multicast
 * addresses. Private and loopback networks are allowed, since that is where a media stack lives.
 */
import { lookup } from "node:dns/promises"
import { Context, Effect } from "effect"

/** Resolves a host name to every address it has; fails with the reason in words. */
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

/** Why a host is not called: `mayPass` when it could not be resolved just now, not when it is out of bounds. */
export interface Guarded {
  readonly reason: string
  readonly mayPass: boolean
}

/** The addresses that `url` leads to, all of them checked. Fails when one is out of bounds, or there is none. */
export const guard = Effect.fnUntraced(function* (url: URL): Effect.fn.Return<ReadonlyArray<string>, Guarded> {
  const resolve = yield* HostResolver
  const host = url.hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase()
  if (metadataHosts.has(host)) return yield* refuse(`${host} is a cloud metadata service, which is never called`)
  const addresses = parseAddress(host) === null ? yield* Effect.mapError(resolve(host), passing) : [host]
  if (addresses.length === 0) return yield* Effect.fail(passing(`${host} has no address`))
  for (const address of addresses) {
    const reason = forbidden(address)
    if (reason !== null) return yield* refuse(`${host} is ${address}, ${reason}, which is never called`)
  }
  return addresses
})

const refuse = (reason: string) => Effect.fail<Guarded>({ reason, mayPass: false })
const passing = (reason: string): Guarded => ({ reason, mayPass: true })

/** Why an IP address is out of bounds, or `null` when it may be called. */
export const forbidden = (address: string): string | null => {
  const bytes = parseAddress(address)
  if (bytes === null) return "not an IP address"
  if (bytes.length === 4) return forbidden4(bytes)
  const embedded = embedded4(bytes)
  if (embedded !== null) return forbidden4(embedded)
  if (bytes.every((byte) => byte === 0)) return "the unspecified address"
  if (bytes[0] === 0xff) return "a multicast address"
  if (bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80) return "a link-local address"
  if (metadataAddress6.every((byte, index) => byte === bytes[index])) return "a cloud metadata address"
  return null
}

const metadataHosts: ReadonlySet<string> = new Set(["metadata.google.internal", "metadata.goog", "metadata"])

/** `fd00:ec2::254`, where Amazon answers over IPv6. */
const metadataAddress6 = [0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54]

const forbidden4 = (bytes: ReadonlyArray<number>): string | null => {
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  if (a === 0) return "the unspecified address"
  if (a === 169 && b === 254) return c === 169 && d === 254 ? "a cloud metadata address" : "a link-local address"
  if (a === 100 && b === 100 && c === 100 && d === 200) return "a cloud metadata address"
  if (a >= 224 && a <= 239) return "a multicast address"
  if (a === 255 && b === 255 && c === 255 && d === 255) return "the broadcast address"
  return null
}

/** The IPv4 address inside an IPv4-mapped (`::ffff:0:0/96`), IPv4-compatible or NAT64 (`64:ff9b::/96`) address. */
const embedded4 = (bytes: ReadonlyArray<number>): ReadonlyArray<number> | null => {
  const head = bytes.slice(0, 12)
  const zeros = (count: number) => head.slice(0, count).every((byte) => byte === 0)
  const mapped = zeros(10) && head[10] === 0xff && head[11] === 0xff
  const nat64 =
    head[0] === 0 && head[1] === 0x64 && head[2] === 0xff && head[3] === 0x9b && head.slice(4).every((b) => b === 0)
  const compatible = zeros(12) && bytes.slice(12, 15).some((byte) => byte !== 0)
  return mapped || nat64 || compatible ? bytes.slice(12) : null
}

/** Bytes of an IP address in text (4 or 16), or `null` when the text is none. */
const parseAddress = (text: string): ReadonlyArray<number> | null => {
  const plain = text.split("%")[0] ?? ""
  return plain.includes(":") ? parse6(plain) : parse4(plain)
}

const parse4 = (text: string): ReadonlyArray<number> | null => {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null
  const bytes = text.split(".").map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : null
}

const parse6 = (text: string): ReadonlyArray<number> | null => {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const tail = dotted === null ? [] : parse4(dotted[2] ?? "")
  if (tail === null) return null
  const hex = dotted === null ? text : (dotted[1] ?? "").replace(/([^:]):$/, "$1")
  const sides = hex.split("::")
  if (sides.length > 2) return null
  const groups = sides.map((side) => side.split(":").filter((group) => group !== ""))
  if (groups.flat().some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return null
  const bytesOf = (list: ReadonlyArray<string>) =>
    list.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
  const left = bytesOf(groups[0] ?? [])
  const right = [...bytesOf(groups[1] ?? []), ...tail]
  const missing = 16 - left.length - right.length
  if (sides.length === 1 ? missing !== 0 : missing < 0) return null
  return [...left, ...Array.from({ length: missing }, () => 0), ...right]
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "unknown error"
