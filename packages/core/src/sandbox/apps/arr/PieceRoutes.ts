/** The pieces of an arr for creators, and their files. */
import { Schema } from "effect"
import type { PieceRecord } from "../../world/CreatorModel.ts"
import type { CreatorShelf } from "../../world/CreatorShelf.ts"
import { fullMask } from "../../world/Masks.ts"
import { json, queryInt, queryInts, wholeList } from "../Reply.ts"
import { type AppContext, type Call, destroy, route, type Route } from "../SandboxApp.ts"
import { arrBadBody, arrBody, arrFailure, arrFlag, arrNotFound } from "./ArrReplies.ts"
import { numbersIn } from "./ArrRoutes.ts"
import { creatorAnswers, type CreatorFormat, partsWithFiles } from "./CreatorAnswers.ts"

export const pieceRoutes = (
  context: AppContext,
  shelf: CreatorShelf,
  api: string,
  format: CreatorFormat
): ReadonlyArray<Route> => {
  const { file, piece } = format.words
  const answers = creatorAnswers(context, shelf, format)
  const [pieces, files] = [`${api}/${piece}`, `${api}/${file}file`]
  const idsOfPieces = `${piece}Ids`
  const idsOfFiles = `${file}FileIds`
  const found = (call: Call) => shelf.pieces.get(Number(call.params["id"]))
  const named = (query: URLSearchParams) => piecesNamed(shelf, format, query)

  return [
    route("GET", pieces, (call) =>
      wholeList(call, {
        before: "[",
        after: "]",
        rows: named(call.query),
        render: (record) => answers.piece(call, record, false)
      })
    ),
    route("GET", `${pieces}/:id`, (call) => {
      const record = found(call)
      return record === undefined ? arrNotFound(call) : json(call, answers.piece(call, record, true))
    }),
    route("PUT", `${pieces}/monitor`, async (call) => {
      const body = await arrBody(call, Schema.Struct({ monitored: Schema.Boolean }))
      if (body === undefined || !Array.isArray(body.raw[idsOfPieces])) return arrBadBody(call)
      const records = numbersIn(body.raw[idsOfPieces]).flatMap((id) => shelf.pieces.get(id) ?? [])
      for (const record of records) record.monitored = body.value.monitored
      context.world.revision++
      return json(
        call,
        records.map((record) => answers.piece(call, record, false)),
        202
      )
    }),
    route("PUT", `${pieces}/:id`, async (call) => {
      const record = found(call)
      const body = await arrBody(call, Schema.Struct({ monitored: Schema.optionalKey(Schema.Boolean) }))
      if (record === undefined) return arrNotFound(call)
      if (body === undefined) return arrBadBody(call)
      record.monitored = body.value.monitored ?? false
      context.world.revision++
      return json(call, answers.piece(call, record, true), 202)
    }),
    route("DELETE", `${pieces}/:id`, (call) => {
      const record = found(call)
      if (record === undefined) return arrNotFound(call)
      const deleteFiles = arrFlag(call.query, "deleteFiles")
      const exclude = arrFlag(call.query, "addImportListExclusion")
      return destroy(
        call,
        ({ freesBytes }) => {
          const { work } = record
          shelf.removePiece(record, { deleteFiles, freesBytes })
          if (exclude) shelf.exclusions.add(work.foreignId, `${record.creator.work.name} - ${work.title}`, 0)
        },
        () => json(call, {}),
        () => arrFailure(call, "database is locked")
      )
    }),
    route("GET", files, (call) => {
      const ids = queryInts(call.query, idsOfFiles)
      const wanted =
        ids.length > 0
          ? ids.flatMap((id) => shelf.partOfFile(id) ?? [])
          : named(call.query).flatMap((record) => partsWithFiles(record).map((part) => ({ piece: record, part })))
      return wholeList(call, {
        before: "[",
        after: "]",
        rows: wanted,
        render: (each) => answers.file(each.piece, each.part)
      })
    }),
    route("GET", `${files}/:id`, (call) => {
      const one = shelf.partOfFile(Number(call.params["id"]))
      return one === undefined ? arrNotFound(call) : json(call, answers.file(one.piece, one.part))
    }),
    route("DELETE", `${files}/bulk`, async (call) => {
      const body = await arrBody(call, Schema.Record(Schema.String, Schema.Unknown))
      if (body === undefined || !Array.isArray(body.raw[idsOfFiles])) return arrBadBody(call)
      return removeFiles(
        shelf,
        call,
        numbersIn(body.raw[idsOfFiles]).flatMap((id) => shelf.partOfFile(id) ?? [])
      )
    }),
    route("DELETE", `${files}/:id`, (call) => {
      const one = shelf.partOfFile(Number(call.params["id"]))
      return one === undefined ? arrNotFound(call) : removeFiles(shelf, call, [one])
    })
  ]
}

/** The pieces that a query selects: by creator, by their own ids, by their foreign id, or all. */
export const piecesNamed = (
  shelf: CreatorShelf,
  { words: { creator, piece } }: CreatorFormat,
  query: URLSearchParams
): ReadonlyArray<PieceRecord> => {
  const creatorId = queryInt(query, `${creator}Id`, 0)
  if (creatorId !== 0) return shelf.creators.get(creatorId)?.pieces ?? []
  const ids = [...queryInts(query, `${piece}Ids`), ...queryInts(query, `${piece}Id`)]
  if (ids.length > 0) return ids.flatMap((id) => shelf.pieces.get(id) ?? [])
  const foreignId = query.get(`foreign${piece.slice(0, 1).toUpperCase()}${piece.slice(1)}Id`)
  return [...shelf.pieces.values()].filter((record) => foreignId === null || record.work.foreignId === foreignId)
}

/** Files of one piece are deleted together, so that the history has one event for them. */
const removeFiles = (
  shelf: CreatorShelf,
  call: Call,
  files: ReadonlyArray<{ readonly piece: PieceRecord; readonly part: number }>
): Response => {
  const masks = new Map<PieceRecord, number>()
  for (const { part, piece } of files) masks.set(piece, (masks.get(piece) ?? 0) | (1 << (part - 1)))
  return destroy(
    call,
    ({ freesBytes }) => {
      for (const [piece, mask] of masks) shelf.deleteFiles(piece, mask & fullMask(piece.work.parts), freesBytes)
    },
    () => json(call, {}),
    () => arrFailure(call, "database is locked")
  )
}
