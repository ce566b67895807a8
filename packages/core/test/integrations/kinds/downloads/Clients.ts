/** What tests of download clients share. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { Download, DownloadsReading } from "../../../../src/integrations/Downloads.ts"
import type { DownloadsCapability } from "../../../../src/integrations/DownloadsCapability.ts"
import type { Kind } from "../../../../src/integrations/Kind.ts"
import type { UpstreamError } from "../../../../src/integrations/UpstreamErrors.ts"
import { type Answers, connect, type Fake, type Sent } from "../../support/FakeUpstream.ts"

export interface FakeClient extends Fake {
  readonly downloads: DownloadsCapability
  /** Reads everything anew. */
  readonly read: Effect.Effect<DownloadsReading, UpstreamError>
}

export const open = <Config>(kind: Kind<Config>, config: Config, answers: Answers): Effect.Effect<FakeClient> =>
  Effect.map(connect(kind, config, answers), (fake) => {
    const { downloads } = fake.connected
    if (downloads === undefined) throw new Error("this kind has no downloads")
    return { ...fake, downloads, read: Effect.suspend(() => downloads.read()) }
  })

export const text = (body: string, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(body === "" ? null : body, { status, headers: { "content-type": "text/plain", ...headers } })

export const formOf = ({ body }: Sent): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(typeof body === "string" ? body : ""))

export const only = (reading: DownloadsReading): Download => {
  const [first] = reading.downloads
  if (first === undefined || reading.downloads.length !== 1) throw new Error("it is not one download")
  return first
}

/** No field of a reading may be absent: what is not known is `null`. */
export const assertWhole = (reading: DownloadsReading): void => {
  const check = (value: unknown, path: string): void => {
    assert.notStrictEqual(value, undefined, path)
    assert.isFalse(typeof value === "number" && !Number.isFinite(value), path)
    if (typeof value !== "object" || value === null) return
    for (const [key, inner] of Object.entries(value)) check(inner, `${path}.${key}`)
  }
  check(reading.downloads, "downloads")
  check(reading.client, "client")
}

/** As `deepInclude`, for fields that a table of cases has. */
export const assertHas = (value: object, fields: Readonly<Record<string, unknown>>): void => {
  for (const [key, expected] of Object.entries(fields)) assert.deepStrictEqual(Reflect.get(value, key), expected, key)
}
