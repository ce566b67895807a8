/** Runs the commands of a page in one shell, one block after the other, with the output of each. */
import { spawn } from "node:child_process"
import type { Block, Page } from "./Page.ts"
import type { Stage } from "./Stage.ts"

/** Precedes the output of a block. No command of a page prints it. */
const mark = "\u001e"

export const isRun = ({ words }: Block): boolean => !words.includes("no-run")

/** Resolves with the output of each block; rejects with the line in the page of the block that failed. */
export const runShell = async (page: Page, stage: Stage): Promise<ReadonlyMap<Block, string>> => {
  const blocks = page.blocks.filter((block) => block.language === "sh" && isRun(block))
  const script = blocks.map((block) => `printf '${mark}'\n${scriptOf(block, stage)}`).join("\n")
  const child = spawn("bash", ["-euo", "pipefail", "-c", script], {
    cwd: stage.folder,
    env: { ...stage.env, NO_COLOR: "1", LC_ALL: "C.UTF-8" },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text))
  }
  const code = await new Promise<number | null>((ended) => child.once("close", ended))
  const printed = output.split(mark).slice(1)
  const last = blocks[printed.length - 1]
  if (code !== 0) throw new Error(`${page.file}:${last?.line} ended with ${code}:\n${last?.text}\n${printed.at(-1)}`)
  return new Map(blocks.map((block, index) => [block, printed[index] ?? ""]))
}

/** A block that shows a failure (`fails`) must fail, and does not end the session. */
const scriptOf = ({ text, words }: Block, stage: Stage): string =>
  words.includes("fails")
    ? `set +e\n${stage.local(text)}\n[ $? -ne 0 ] || { echo "This should have failed"; exit 1; }\nset -e`
    : stage.local(text)

/** Whether the documented output matches the printed one. `…` matches anything. */
export const isOutput = (documented: string, printed: string): boolean => {
  const lines = (text: string) =>
    text
      .trim()
      .split("\n")
      .map((line) => line.trimEnd())
      .join("\n")
  const pattern = lines(documented)
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^]*?")
  return new RegExp(`^${pattern}$`).test(lines(printed))
}
