/** The modules of core that others may import, each with the first sentence of its head comment. */
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { code, sections, table } from "./Markdown.ts"

const core = resolve(import.meta.dirname, "../../packages/core")

interface Exports {
  readonly supported: ReadonlyArray<string>
  readonly ownPackages: ReadonlyArray<string>
}

export const modulesReference = (): string => {
  const { ownPackages, supported }: Exports = JSON.parse(readFileSync(join(core, "exports.json"), "utf8"))
  return sections([
    table(
      ["`@tendarr/core/…`", "what it is"],
      supported.map((module) => [code(module), firstSentence(module)])
    ),
    `Only for Tendarr's own packages; these may change without notice: ${ownPackages.map(code).join(", ")}.`
  ])
}

const firstSentence = (module: string): string => {
  const head = /^\/\*\*(.*?)\*\//s.exec(readFileSync(join(core, "src", `${module}.ts`), "utf8"))?.[1]
  if (head === undefined) throw new Error(`${module}.ts says nothing at its head of what it is for`)
  const text = head.replaceAll(/\s*\n \* ?/g, " ").trim()
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text
}
