/**
 * Addresses of upstreams: a base URL with an optional path prefix, joining paths to it, and which redirects may be
 * followed. Texts for people never contain a query or credentials.
 */
import type { QueryValue } from "../Upstream.ts"

/** Parses a base URL, or returns why it is not valid. */
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

/** For a list, each value is appended under the same name. */
export const appendTo = (pairs: URLSearchParams, values: Readonly<Record<string, QueryValue>>): URLSearchParams => {
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) pairs.append(name, String(one))
  }
  return pairs
}

/** The URL for display: without query. */
export const shown = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`

/**
 * Whether a redirect stays on the upstream: the same host, where http may become https (on any port) but never the
 * reverse.
 */
export const mayFollow = (from: URL, to: URL): boolean => {
  if (to.username !== "" || to.password !== "") return false
  if (from.protocol === to.protocol) return from.host === to.host
  return from.protocol === "http:" && to.protocol === "https:" && from.hostname === to.hostname
}
