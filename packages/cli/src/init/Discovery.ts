/**
 * Finds applications at their usual addresses, and recognises them without a key: on this machine, under their usual
 * container names, and on hosts that were named. No other address is contacted, and a container name that resolves
 * outside the private network is ignored.
 */
import { lookup } from "node:dns/promises"
import { BlockList, isIP } from "node:net"
import type { IntegrationKind } from "@tendarr/sdk-client"
import { Effect } from "effect"
import type { Place as Tendarr } from "../connection/Place.ts"

/** Something that answers like these kinds; there are several if their responses are alike. */
export interface Found {
  readonly kinds: readonly [IntegrationKind, ...ReadonlyArray<IntegrationKind>]
  readonly url: string
}

export interface Where {
  readonly kinds: ReadonlyArray<IntegrationKind>
  /** Hosts and addresses that a person named: `nas`, `nas:7979`, `http://nas/radarr`. */
  readonly named: ReadonlyArray<string>
  /** Whether to try the usual ports of this machine. */
  readonly thisMachine: boolean
  /** Whether to try the usual container names. */
  readonly containers: boolean
}

/** The named hosts, otherwise the usual places as seen from this Tendarr: on its own machine, in its network. */
export const placesFor = (place: Tendarr, named: ReadonlyArray<string>): Omit<Where, "kinds"> => {
  if (named.length > 0) return { named, thisMachine: false, containers: false }
  const hostname = place._tag === "Folder" ? "localhost" : new URL(place.url).hostname
  const thisMachine = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.")
  return { named: thisMachine ? [] : [hostname], thisMachine, containers: true }
}

const patienceMillis = 2500
const mostRedirects = 3
const mostBytes = 64 * 1024
const atOnce = 16

/** The applications that were found, in the order of the kinds. An application with two names is found once. */
export const discover = Effect.fnUntraced(function* (where: Where, report: (text: string) => Effect.Effect<void>) {
  const places = placesOf(where)
  const asked = yield* Effect.forEach(
    places,
    (place) =>
      Effect.andThen(
        report(`looking at ${new URL(place.url).host}`),
        Effect.promise((signal) => look(place, signal))
      ),
    { concurrency: atOnce }
  )
  const found = new Map<string, { kinds: Array<IntegrationKind>; readonly url: string }>()
  for (const answer of asked) {
    if (answer === null) continue
    const known = found.get(answer.identity)
    if (known === undefined) found.set(answer.identity, { kinds: [answer.kind], url: answer.url })
    else if (!known.kinds.includes(answer.kind)) known.kinds.push(answer.kind)
  }
  const rank = ({ kinds }: Found) => where.kinds.indexOf(kinds[0])
  return [...found.values()]
    .flatMap(({ kinds: [first, ...others], url }): ReadonlyArray<Found> =>
      first === undefined ? [] : [{ kinds: [first, ...others], url }]
    )
    .toSorted((a, b) => rank(a) - rank(b))
})

interface Place {
  readonly kind: IntegrationKind
  readonly url: string
  /** A guessed address, which may resolve to anything: contacted only within a private network. */
  readonly guessed: boolean
}

/** Named places first: an application is listed under the name that a person used, even if it has others. */
const placesOf = ({ containers, kinds, named, thisMachine }: Where): ReadonlyArray<Place> => {
  const at = (kind: IntegrationKind, host: string, guessed: boolean): ReadonlyArray<Place> =>
    kind.discovery === undefined ? [] : [{ kind, url: `http://${host}:${kind.discovery.defaultPort}`, guessed }]
  return [
    ...named.flatMap((text) =>
      kinds.flatMap((kind): ReadonlyArray<Place> => {
        const url = addressIn(text)
        return url === null ? at(kind, hostOf(text), false) : [{ kind, url, guessed: false }]
      })
    ),
    ...(containers
      ? kinds.flatMap((kind) => (kind.discovery?.hostNames ?? []).flatMap((name) => at(kind, name, true)))
      : []),
    ...(thisMachine ? kinds.flatMap((kind) => at(kind, "localhost", false)) : [])
  ]
}

/** The address in a text that names more than a host; `null` if the usual ports are meant. */
export const addressIn = (text: string): string | null => {
  const typed = text.trim().replace(/\/+$/, "")
  if (/^https?:\/\//i.test(typed)) return URL.canParse(typed) ? typed : null
  const url = `http://${typed}`
  return /[:/]/.test(typed.replace(/^\[[^\]]*\]/, "")) && URL.canParse(url) ? url : null
}

const hostOf = (text: string): string => {
  const typed = text.trim()
  return isIP(typed) === 6 ? `[${typed}]` : typed
}

interface Answer {
  readonly kind: IntegrationKind
  readonly url: string
  /** The same for one application under different names. */
  readonly identity: string
}

const look = async ({ guessed, kind, url }: Place, signal: AbortSignal): Promise<Answer | null> => {
  const { discovery } = kind
  if (discovery === undefined || !URL.canParse(url)) return null
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(patienceMillis)])
    const { hostname, port, protocol } = new URL(url)
    const resolved = await Promise.race([lookup(hostname.replace(/^\[|\]$/g, "")), aborted(until)])
    if (guessed && !isPrivate(resolved.address, resolved.family)) return null
    const answer = await read(`${url}/${discovery.path}`, until)
    if (answer === null || !new RegExp(discovery.answer).test(answer.text)) return null
    // A base path is revealed by the final URL of the request.
    const end = answer.url.pathname.lastIndexOf(`/${discovery.path}`)
    const base = end < 0 ? url : `${answer.url.origin}${answer.url.pathname.slice(0, end)}`
    const machine = resolved.address === "::1" ? "127.0.0.1" : resolved.address
    return { kind, url: base, identity: `${protocol}${machine}:${port}${new URL(base).pathname}` }
  } catch {
    // Nothing answers there in time, which is the normal case.
    return null
  }
}

/** The beginning of a public page, following redirects within the same host. */
const read = async (
  from: string,
  signal: AbortSignal
): Promise<{ readonly url: URL; readonly text: string } | null> => {
  let url = new URL(from)
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await fetch(url, { redirect: "manual", signal, headers: { accept: "application/json, */*" } })
    const location = response.headers.get("location")
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel()
      const next = new URL(location, url)
      if (next.host !== url.host) return null
      url = next
      continue
    }
    if (response.status !== 200) {
      await response.body?.cancel()
      return null
    }
    return { url, text: await beginning(response) }
  }
  return null
}

const beginning = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ""
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length >= mostBytes) break
  }
  return text
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true }))

const privateNetworks = new BlockList()
for (const [net, prefix] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10]
] as const) {
  privateNetworks.addSubnet(net, prefix, "ipv4")
}
privateNetworks.addAddress("::1", "ipv6")
privateNetworks.addSubnet("fc00::", 7, "ipv6")

export const isPrivate = (address: string, family: number): boolean =>
  privateNetworks.check(address, family === 6 ? "ipv6" : "ipv4")
