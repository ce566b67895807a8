/**
 * One line for each request, if the settings enable it. It contains the names of the query's parameters but not their
 * values, which may be keys, and the id and name of the caller's key or account.
 */
import { Effect } from "effect"
import type { HttpServerRequest } from "effect/http"
import type { Principal } from "../../access/Scope.ts"
import type { Settings } from "../../settings/Settings.ts"
import { currentClient } from "../Client.ts"
import type { RequestRecord } from "./RequestRecord.ts"
import { TelemetrySettings } from "../../system/TelemetrySettings.ts"

/** `url` is the address as the client sent it. */
export const logRequest = (
  settings: Settings["Service"],
  record: RequestRecord,
  url: string,
  status: number,
  millis: number
): Effect.Effect<void, never, HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    const { requestLog } = yield* settings.get(TelemetrySettings)
    if (requestLog === "off" || (requestLog === "errors" && status < 400)) return
    const { address } = yield* currentClient(settings)
    yield* Effect.logInfo(lineOf(record, { url, status, millis, address }))
  })

interface Outcome {
  readonly url: string
  readonly status: number
  readonly millis: number
  readonly address: string
}

/** First a part for people, then pairs of name and value for programs. */
export const lineOf = (record: RequestRecord, { address, millis, status, url }: Outcome): string => {
  const [path = "", query] = url.split("#", 1)[0]?.split("?", 2) ?? []
  const pairs: ReadonlyArray<readonly [string, string]> = [
    ["ms", millis.toFixed(1)],
    ["bytes", String(record.bytes)],
    ["mount", record.mount],
    ["route", record.route ?? "unknown"],
    ["client", address],
    ["principal", record.principal === null ? "none" : nameOf(record.principal)],
    ["request", record.id]
  ]
  return [
    `${shown(record.method, 16)} ${shown(path, 512)}${query === undefined ? "" : namesIn(query)} ${status}`,
    ...pairs.map(([name, value]) => `${name}=${quoted(value)}`)
  ].join(" ")
}

const nameOf = ({ id, name, type }: Principal): string => (type === "local" ? name : `${type} ${id} ${name}`)

/** The names of the parameters. A parameter without a value may itself be a secret; only plain names are logged. */
const namesIn = (query: string): string => {
  const names = query
    .split("&", 50)
    .filter((pair) => pair !== "")
    .map((pair) => (/^[\w.[\]-]{1,40}=/.test(pair) ? pair.slice(0, pair.indexOf("=")) : "…"))
  return names.length === 0 ? "" : `?${[...new Set(names)].join("&")}`
}

const shown = (text: string, length: number): string => {
  const printable = text.replace(/[^\x21-\x7e]/g, "?")
  return printable.length > length ? `${printable.slice(0, length)}…` : printable
}

const quoted = (text: string): string => (/^[\w.:/@{}-]+$/.test(text) ? text : JSON.stringify(text))
