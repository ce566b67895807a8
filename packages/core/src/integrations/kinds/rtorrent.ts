/** rTorrent, through XML-RPC. It speaks SCGI only: a web server, or the web interface in front of it, offers HTTP. */
import { Effect, Schema } from "effect"
import type { Download, DownloadsReading } from "../Downloads.ts"
import type { DownloadDetails, DownloadOutcome, DownloadPresence, DownloadsCapability } from "../DownloadsCapability.ts"
import type { Connected, Kind } from "../Kind.ts"
import type { Upstream } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { type Fields, numberIn } from "./downloads/Fields.ts"
import { allAccepted, allRefused, mergeOutcomes, nothingDone, refusedBy } from "./downloads/Outcomes.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { makeReadings, type ReadingMaker } from "./downloads/Reading.ts"
import { basicAuth, isRefusedPassword, passwordField, pathField, usernameField } from "./downloads/SignIn.ts"
import { unknownLimit } from "./downloads/Terms.ts"
import { timedProbe } from "./Probing.ts"
import {
  clientCommands,
  clientOf,
  downloadOf,
  fileCommands,
  filesOf,
  listCommands,
  listFields,
  type Surroundings,
  trackerCommands,
  trackersOf
} from "./rtorrent/Torrents.ts"
import { callText, Fault, type Parameter, responseValue, type XmlValue } from "./rtorrent/XmlRpc.ts"

const Config = Schema.Struct({
  username: usernameField("Only if the web server asks for one."),
  password: passwordField("Only if the web server asks for one."),
  rpcPath: pathField(
    "Path of the RPC",
    "Below the address; with ruTorrent usually `plugins/httprpc/action.php`.",
    "RPC2"
  )
})

export const rtorrent: Kind<typeof Config.Type> = {
  id: "rtorrent",
  title: "rTorrent",
  description: "A client for torrents, behind a web server or ruTorrent. It does not delete files.",
  capabilities: ["downloads"],
  itemKinds: [],
  config: Config,
  syncCost: {
    formula: "0; the downloads are read by 2 calls, whatever their number",
    calls: () => 0,
    reread: "1 to 3 for one download"
  },
  connect: (client, connection): Connected => {
    const { password, rpcPath, username } = connection.config
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      ...basicAuth(username, password),
      stopsAfter: isRefusedPassword
    })
    const rpc = rpcOf(upstream, connection.name, rpcPath)
    return {
      probe: timedProbe(
        Effect.map(rpc.read("system.client_version"), (version) => ({
          appName: "rTorrent",
          version: typeof version === "string" ? version : null
        }))
      ),
      read: {},
      downloads: downloadsOf(rpc)
    }
  }
}

interface Call {
  readonly method: string
  readonly parameters: ReadonlyArray<Parameter>
}

interface Rpc {
  readonly integration: string
  /** Fails for a fault. */
  readonly read: (method: string, parameters?: ReadonlyArray<Parameter>) => Effect.Effect<XmlValue, UpstreamError>
  /** The results in the order of the calls; a fault is one of them. */
  readonly readAll: (calls: ReadonlyArray<Call>) => Effect.Effect<ReadonlyArray<XmlValue>, UpstreamError>
  readonly changeAll: (
    calls: ReadonlyArray<Call>,
    options?: { readonly destroys?: boolean }
  ) => Effect.Effect<ReadonlyArray<XmlValue>, UpstreamError>
}

const rpcOf = (upstream: Upstream, integration: string, path: string): Rpc => {
  const send = (
    method: string,
    parameters: ReadonlyArray<Parameter>,
    options: { readonly reads?: boolean; readonly destroys?: boolean }
  ) =>
    upstream
      .send(
        "POST",
        path,
        {
          bytes: { content: new TextEncoder().encode(callText(method, parameters)), contentType: "text/xml" },
          headers: { accept: "text/xml" },
          parse: (text) => [responseValue(text)],
          timeoutMillis: 60_000,
          ...options
        },
        // Decoded by `parse`; in a list, since a value may be of any type.
        Schema.Tuple([Schema.Unknown])
      )
      .pipe(
        Effect.flatMap(([value]) =>
          value instanceof Fault
            ? Effect.fail(refusedBy(integration, `POST ${path} ${method}`, value.reason))
            : Effect.succeed(value as XmlValue)
        )
      )
  const all = (
    calls: ReadonlyArray<Call>,
    options: { readonly reads?: boolean; readonly destroys?: boolean }
  ): Effect.Effect<ReadonlyArray<XmlValue>, UpstreamError> =>
    calls.length === 0
      ? Effect.succeed([])
      : send(
          "system.multicall",
          [calls.map(({ method, parameters }) => ({ methodName: method, params: parameters }))],
          options
        ).pipe(
          Effect.flatMap((results) =>
            Array.isArray(results) && results.length === calls.length
              ? Effect.succeed(
                  // Each result is a list of one value, a fault is none.
                  results.map((result: XmlValue): XmlValue => (Array.isArray(result) ? (result[0] ?? "") : result))
                )
              : Effect.fail(refusedBy(integration, `POST ${path} system.multicall`, "it left out results"))
          )
        )
  return {
    integration,
    read: (method, parameters = []) => send(method, parameters, { reads: true }),
    readAll: (calls) => all(calls, { reads: true }),
    changeAll: (calls, options = {}) => all(calls, options)
  }
}

type Ids = ReadonlyArray<string>

/** "Could not find info-hash." */
const isAbsent = (value: XmlValue | undefined): boolean => value instanceof Fault && value.code === -501

const hashShape = /^[\da-f]{40}$/

const downloadsOf = (rpc: Rpc): DownloadsCapability => {
  const readings = makeReadings<null>()
  let last: Omit<Surroundings, "nowSeconds"> | null = null

  const read = Effect.fn("RTorrent.readDownloads")(function* (
    previous?: DownloadsReading | null
  ): Effect.fn.Return<DownloadsReading, UpstreamError> {
    const values = yield* rpc.readAll(clientCommands.map((method) => ({ method, parameters: [] })))
    const fields: Fields = Object.fromEntries(clientCommands.map((command, place) => [command, values[place]]))
    const listed = yield* rpc.read("d.multicall2", ["", "main", ...listCommands])
    const rows = (Array.isArray(listed) ? listed : []).flatMap((row: XmlValue) =>
      Array.isArray(row) ? [listFields(row)] : []
    )
    const client = clientOf(fields, rows)
    last = { down: client.limits.down, up: client.limits.up }
    const around = {
      ...last,
      nowSeconds: numberIn(fields, "system.time_seconds")
    }
    const downloads = new Map<string, Download>()
    yield* forEachWithPauses(rows, (row) => {
      const download = downloadOf(row, around)
      if (hashShape.test(download.id)) downloads.set(download.id, download)
    })
    return yield* readings.make(previous, { downloads, client, own: null })
  })

  const details = Effect.fn("RTorrent.details")(function* (
    ids: Ids,
    wanted: { readonly files: boolean; readonly trackers: boolean }
  ): Effect.fn.Return<ReadonlyArray<DownloadDetails>, UpstreamError> {
    const known = [...new Set(ids)].filter((id) => hashShape.test(id))
    const all = yield* rpc.readAll(
      known.flatMap((id) => {
        const hash = id.toUpperCase()
        return [
          { method: "d.is_private", parameters: [hash] },
          { method: "d.is_meta", parameters: [hash] },
          { method: "f.multicall", parameters: [hash, "", ...(wanted.files ? fileCommands : ["f.path="])] },
          { method: "t.multicall", parameters: [hash, "", ...(wanted.trackers ? trackerCommands : ["t.url="])] }
        ]
      })
    )
    return known.flatMap((id, place): ReadonlyArray<DownloadDetails> => {
      const [isPrivate, isMeta, files, trackers] = all.slice(place * 4, place * 4 + 4)
      if (files === undefined || trackers === undefined || isAbsent(isPrivate)) return []
      return [
        {
          id,
          files: wanted.files && isMeta !== 1 ? filesOf(files) : null,
          trackers: wanted.trackers ? trackersOf(trackers) : null,
          private: isMeta === 1 || typeof isPrivate !== "number" ? null : isPrivate === 1
        }
      ]
    })
  })

  const presence = (id: string) =>
    Effect.gen(function* () {
      if (!hashShape.test(id)) return { _tag: "Absent" } satisfies DownloadPresence
      const hash = id.toUpperCase()
      const [name, directory, basePath, size] = yield* rpc.readAll(
        ["d.name", "d.directory", "d.base_path", "d.size_bytes"].map((method) => ({ method, parameters: [hash] }))
      )
      if (isAbsent(name)) return { _tag: "Absent" } satisfies DownloadPresence
      if (name instanceof Fault) return yield* refusedBy(rpc.integration, "d.name", name.reason)
      const textOf = (value: XmlValue | undefined) => (typeof value === "string" && value !== "" ? value : null)
      return {
        _tag: "Present",
        name: textOf(name) ?? id,
        savePath: textOf(directory),
        contentPath: textOf(basePath),
        bytesTotal: typeof size === "number" ? size : null
      } satisfies DownloadPresence
    })

  /** It has no call for some of them that composes fields, so all rows are read. */
  const readSome = Effect.fn("RTorrent.readSome")(function* (ids: Ids) {
    const wanted = new Set(ids)
    if (wanted.size === 0) return []
    const listed = yield* rpc.read("d.multicall2", ["", "main", ...listCommands])
    const now = yield* rpc.read("system.time_seconds")
    const around = {
      ...(last ?? { down: unknownLimit, up: unknownLimit }),
      nowSeconds: typeof now === "number" ? now : null
    }
    return (Array.isArray(listed) ? listed : []).flatMap((row: XmlValue) => {
      const download = Array.isArray(row) ? downloadOf(listFields(row), around) : null
      return download !== null && wanted.has(download.id) ? [download] : []
    })
  })

  return { protocol: "torrent", read, readSome, details, presence, ...actionsOf(rpc, readings) }
}

const actionsOf = (rpc: Rpc, readings: ReadingMaker<null>) => {
  /** Several commands for each torrent in one request; each has an answer of its own. */
  const each = (
    ids: Ids,
    commands: (hash: string) => ReadonlyArray<Call>,
    options: { readonly destroys?: boolean } = {}
  ): Effect.Effect<DownloadOutcome, UpstreamError> =>
    Effect.gen(function* () {
      const distinct = [...new Set(ids)]
      const known = distinct.filter((id) => hashShape.test(id))
      const calls = known.map((id) => commands(id.toUpperCase()))
      const results = yield* rpc.changeAll(calls.flat(), options)
      let from = 0
      const outcomes = known.map((id, place): DownloadOutcome => {
        const own = results.slice(from, (from += calls[place]?.length ?? 0))
        const fault = own.find((result) => result instanceof Fault)
        if (!(fault instanceof Fault)) return allAccepted([id])
        return isAbsent(fault) ? { ...nothingDone, absent: [id] } : allRefused([id], fault.reason)
      })
      return mergeOutcomes([{ ...nothingDone, absent: distinct.filter((id) => !hashShape.test(id)) }, ...outcomes])
    })

  const act =
    (...methods: ReadonlyArray<string>) =>
    (ids: Ids) =>
      each(ids, (hash) => methods.map((method) => ({ method, parameters: [hash] })))

  const remove = (ids: Ids, { withData }: { readonly withData: boolean }) =>
    withData
      ? Effect.succeed(allRefused(ids, "rTorrent removes only the entry, and keeps the files"))
      : each(ids, (hash) => [{ method: "d.erase", parameters: [hash] }], { destroys: true }).pipe(
          Effect.tap(({ accepted }) => Effect.sync(() => readings.expectGone(accepted)))
        )

  return {
    pause: act("d.stop", "d.close"),
    resume: act("d.open", "d.start"),
    remove,
    removesData: false,
    recheck: act("d.check_hash"),
    reannounce: act("d.tracker_announce"),
    setCategory: (ids, category) => each(ids, (hash) => [{ method: "d.custom1.set", parameters: [hash, category] }]),
    createCategory: null,
    addTags: null,
    removeTags: null,
    setLimits: null,
    limits: [],
    ownLimits: [],
    setFileWanted: (id, indexes, wanted) =>
      indexes.length === 0
        ? Effect.succeed(allRefused([id], "no file is given"))
        : each(
            [id],
            (hash) => [
              ...indexes.map((index) => ({
                method: "f.priority.set",
                parameters: [`${hash}:f${Math.trunc(index)}`, wanted ? 1 : 0]
              })),
              { method: "d.update_priorities", parameters: [hash] }
            ],
            { destroys: true }
          ),
    setQueuePosition: null,
    setSavePath: null,
    exportTorrent: null,
    add: (torrent, { category, paused, savePath }) =>
      rpc
        .changeAll([
          {
            method: paused ? "load.raw" : "load.raw_start",
            parameters: [
              "",
              torrent,
              ...(savePath === null ? [] : [`d.directory_base.set=${quoted(savePath)}`]),
              ...(category === "" ? [] : [`d.custom1.set=${quoted(category)}`])
            ]
          }
        ])
        .pipe(
          Effect.flatMap(([answer]) =>
            answer instanceof Fault ? Effect.fail(refusedBy(rpc.integration, "load.raw", answer.reason)) : Effect.void
          )
        ),
    excludedFileNames: null
  } satisfies Partial<DownloadsCapability>
}

/** An argument of a command: in quotes, what a person has written cannot end it or begin another one. */
const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`
