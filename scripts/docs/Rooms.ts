/** The allowed imports between the rooms of core. */
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import type { Rooms } from "../lib/ImportOrder.ts"
import { code, codes, sections, table } from "./Markdown.ts"

const file = join(resolve(import.meta.dirname, "../../packages/core"), "import-order.json")

export const roomsReference = (): string => {
  const { kept, rooms }: Rooms = JSON.parse(readFileSync(file, "utf8"))
  const every = rooms.map(({ room }) => room)
  return sections([
    table(
      ["room", "may import"],
      rooms.map(({ may, room, typesOf = [] }) => [
        room,
        [
          rowOf(
            may,
            every.filter((other) => other !== room)
          ),
          ...typesOf.map((other) => `types of ${other}`)
        ]
          .filter((part) => part !== "")
          .join(", ") || "nothing"
      ])
    ),
    "Some files may be imported only by certain others:",
    table(
      ["files", "imported by", "because"],
      kept.map(({ because, by, modules }) => [code(modules), codes(by), because])
    )
  ])
}

/** Lists the rooms that are missing, if that is shorter. */
const rowOf = (may: ReadonlyArray<string>, every: ReadonlyArray<string>): string => {
  const lacking = every.filter((room) => !may.includes(room))
  if (lacking.length === 0) return "everything"
  return lacking.length < may.length / 3 ? `everything but ${lacking.join(", ")}` : may.join(", ")
}
