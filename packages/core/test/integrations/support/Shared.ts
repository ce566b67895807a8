/** Recorded responses and API documents of the applications, which are outside the repository. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parse } from "yaml"

const root = process.env["TENDARR_SHARED"] ?? fileURLToPath(new URL("../../../../../../shared", import.meta.url))

export const hasShared = existsSync(`${root}/fixtures`) && existsSync(`${root}/specs`)

export const fixtureText = (path: string): string => readFileSync(`${root}/fixtures/${path}`, "utf8")

export const fixture = (path: string): unknown => JSON.parse(fixtureText(path))

export const fixtureNames = (directory: string): ReadonlyArray<string> =>
  hasShared ? readdirSync(`${root}/fixtures/${directory}`) : []

export const spec = (file: string): unknown => {
  const text = readFileSync(`${root}/specs/${file}`, "utf8")
  return file.endsWith(".json") ? JSON.parse(text) : parse(text)
}
