/**
 * Addresses of upstreams: a base that may carry a path prefix, paths joined to it, and which redirects may be followed.
 * Nothing here returns a query or credentials into text that people see.
 */
import type { QueryValue } from "../Upstream.ts"

/** Parses a base address, or says why it cannot be one. */
export const parseBase = (baseUrl: string): URL | string => {
  if (!URL.canParse(baseUrl)) return "the address is not a URL"
  const url = new URL(baseUrl)
  if (url.protocol !== "http:" && url.protocol !== "https:") return "the address must start with http:// or https://"
  if (url.username !== "" || url.password !== "") return "the address must not carry a user name or password"
  if (url.search !== "" || url.hash !== "") return "the address must not carry a query or a fragment"
  return url
}

/** Joins `path` to the base: `http://host/radarr/` and `/api/v3/movie` give `http://host/radarr/api/v3/movie`. */
export const join = (base: URL, path: string, query: Readonly<Record<string, QueryValue>>): URL => {
  const url = new URL(base)
  url.pathname = `${base.pathname.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`
  appendTo(url.searchParams, query)
  return url
}

/** Of a list each value stands under the name. */
export const appendTo = (pairs: URLSearchParams, values: Readonly<Record<string, QueryValue>>): URLSearchParams => {
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) pairs.append(name, String(one))
  }
  return pairs
}

/** The address as people may see it: without query. */
export const shown = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`

/**
 * Whether a redirect stays at the upstream: the same host, where http may become https (whatever the port) and never the
 * other way round.
 */
export const mayFollow = (from: URL, to: URL): boolean => {
  if (to.username !== "" || to.password !== "") return false
  if (from.protocol === to.protocol) return from.host === to.host
  return from.protocol === "http:" && to.protocol === "https:" && from.hostname === to.hostname
}
