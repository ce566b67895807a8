/** A page of the documentation for tests: its fenced blocks, headings and links. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../../..", import.meta.url))

/** The environment of the examples of a page: `<!-- examples: empty -->` at its beginning; `sandbox` by default. */
export const stages = ["sandbox", "moving", "people", "empty", "stack", "none"] as const
export type StageName = (typeof stages)[number]

export interface Block {
  /** Line of the page on which its text begins. */
  readonly line: number
  readonly language: string
  /** The words after the language: `no-run`, `output`. */
  readonly words: ReadonlyArray<string>
  readonly text: string
}

export interface Page {
  /** Relative to the root of the repository. */
  readonly file: string
  readonly text: string
  readonly stage: StageName
  readonly blocks: ReadonlyArray<Block>
}

export const readPage = (file: string): Page => {
  const text = readFileSync(join(root, file), "utf8")
  const named = /<!-- examples: (\S+) -->/.exec(text)?.[1] ?? "sandbox"
  const stage = stages.find((each) => each === named)
  if (stage === undefined) throw new Error(`${file}: "${named}" is no stage; there are ${stages.join(", ")}`)
  return { file, text, stage, blocks: blocksOf(text) }
}

/** Every page of Markdown that people read, by its path from the root. */
export const allPages = (): ReadonlyArray<Page> => [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "examples/README.md"].map(readPage),
  ...readdirSync(join(root, "packages"))
    .map((name) => join("packages", name, "README.md"))
    .filter((file) => existsSync(join(root, file)))
    .map(readPage),
  ...readdirSync(join(root, "docs"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted()
    .map(readPage)
]

const blocksOf = (text: string): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  const fence = /^(`{3,})([^\n`]*)\n([\s\S]*?)^\1[ \t]*$/gm
  for (const { 0: whole, 2: info = "", 3: body = "", index } of text.matchAll(fence)) {
    const [language = "", ...words] = info.trim().split(/\s+/)
    blocks.push({
      line: text.slice(0, index + whole.indexOf("\n") + 1).split("\n").length,
      language,
      words,
      text: body
    })
  }
  return blocks
}

/** Anchors that code forges derive from headings: lower case, no punctuation, dashes for spaces. */
export const anchorsOf = ({ text }: Page): ReadonlySet<string> =>
  new Set(
    [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- _]/gu, "")
        .replaceAll(" ", "-")
    )
  )

/** Links to other pages and files of the repository. */
export const linksOf = ({ text }: Page): ReadonlyArray<string> =>
  [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))

const withoutBlocks = (text: string): string => text.replaceAll(/^(`{3,})[\s\S]*?^\1[ \t]*$/gm, "")
