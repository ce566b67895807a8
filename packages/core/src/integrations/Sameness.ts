/**
 * Decides whether two connections lead to the same application, under whatever addresses: by the identity that the
 * application reports, by its address, and by a key that it generated at random. Two installations of one program have
 * different addresses and keys.
 */
import { Result } from "effect"
import { NetAddress } from "effect/net"
import { fieldsOf } from "./ConfigForm.ts"
import type { ConfigField, Kind, Probe } from "./Kind.ts"

/** The properties of a connection that reveal which application it leads to. */
export interface Appearance {
  readonly kindId: string
  readonly kind: Kind | undefined
  readonly url: string
  /** Includes secrets. */
  readonly config: Readonly<Record<string, unknown>>
  /** As `Probe.identity`; `null` if it has never been reported. */
  readonly identity: string | null
}

/** How two connections were recognised as the same; only a `key` may still occur in two installations. */
export type Likeness = "identity" | "address" | "key"

export const likeness = (one: Appearance, other: Appearance): Likeness | null => {
  const sameKind = one.kindId === other.kindId
  if (sameKind && one.identity !== null && one.identity === other.identity) return "identity"
  if (sameKind && readDifferentParts(one, other)) return null
  // There is only one application at an address, whatever kind it was connected as.
  if (addressOf(one.url) === addressOf(other.url)) return "address"
  const bothIdentified = one.identity !== null && other.identity !== null
  return sameKind && !bothIdentified && shareOwnSecret(one, other) ? "key" : null
}

/** Whether two responses of the same moment come from two processes, and therefore from two installations. */
export const areApart = (one: Probe, other: Probe): boolean =>
  one.appName !== other.appName ||
  differ(one.identity ?? null, other.identity ?? null) ||
  differ(one.process ?? null, other.process ?? null)

export const likenessWords: Readonly<Record<Likeness, string>> = {
  identity: "the application itself reports the same identity",
  address: "it has the same address",
  key: "it has the same key"
}

const differ = (one: string | null, other: string | null): boolean => one !== null && other !== null && one !== other

const readDifferentParts = (one: Appearance, other: Appearance): boolean =>
  formOf(one).some(({ choosesPart, key }) => choosesPart === true && textIn(one, key) !== textIn(other, key))

const shareOwnSecret = (one: Appearance, other: Appearance): boolean =>
  formOf(one).some(
    ({ key, ownSecret }) => ownSecret === true && textIn(one, key) !== "" && textIn(one, key) === textIn(other, key)
  )

const formOf = ({ kind }: Appearance): ReadonlyArray<ConfigField> => (kind === undefined ? [] : fieldsOf(kind))

const textIn = ({ config }: Appearance, key: string): string => {
  const value = config[key]
  return typeof value === "string" ? value.trim() : ""
}

/**
 * Normal form of an address: all names of this machine are equal, and so are http and https on their default ports, one
 * of which redirects to the other.
 */
export const addressOf = (address: string): string => {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  const port = url.port === "80" || url.port === "443" ? "" : url.port
  return `${hostOf(url.hostname)}:${port}${url.pathname.replace(/\/{2,}/g, "/").replace(/\/$/, "")}`
}

/** Normal form of the host of a URL; names and addresses of this machine are equal. */
export const hostOf = (hostname: string): string => {
  const host = hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase()
  return Result.match(NetAddress.ipFromString(host), {
    onFailure: () => (/(^|\.)localhost$/.test(host) ? "localhost" : host),
    onSuccess: (written) => {
      const address = NetAddress.toCanonical(written)
      return NetAddress.isLoopback(address) ? "localhost" : NetAddress.formatIp(address)
    }
  })
}
