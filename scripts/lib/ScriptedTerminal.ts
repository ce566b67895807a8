/**
 * A program in its own terminal, with input typed by a script: Bun opens the pseudo-terminal (`pty.mjs`), and this side
 * waits for output before it types.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const bun = fileURLToPath(new URL("../../node_modules/bun/bin/bun.exe", import.meta.url))
const bridge = fileURLToPath(new URL("./pty.mjs", import.meta.url))

export interface TerminalOptions {
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly columns?: number
  readonly rows?: number
  readonly patienceMillis?: number
}

export const keys = {
  enter: "\r",
  down: "\u001b[B",
  up: "\u001b[A",
  space: " ",
  ctrlC: "\u0003",
  erase: (count: number) => "\u007f".repeat(count)
} as const

export class ScriptedTerminal {
  /** The whole output, including control sequences. */
  raw = ""
  #read = 0
  readonly #child
  readonly #patienceMillis
  readonly #waiting = new Set<() => void>()

  constructor(command: ReadonlyArray<string>, options: TerminalOptions) {
    const { columns = 100, cwd, env, patienceMillis = 60_000, rows = 40 } = options
    this.#patienceMillis = patienceMillis
    this.#child = spawn(bun, [bridge, String(columns), String(rows), ...command], {
      env: { TERM: "xterm-256color", ...env },
      stdio: ["pipe", "pipe", "inherit"],
      ...(cwd === undefined ? {} : { cwd })
    })
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.raw += text
      for (const check of this.#waiting) check()
    })
  }

  /** The visible part of the output. */
  get text(): string {
    return plain(this.raw)
  }

  /** Waits until the expected text is shown, after the previously awaited one. */
  async shows(expected: string | RegExp): Promise<void> {
    const found = () => {
      const rest = this.text.slice(this.#read)
      const match = typeof expected === "string" ? rest.indexOf(expected) : rest.search(expected)
      if (match < 0) return false
      const length = typeof expected === "string" ? expected.length : (expected.exec(rest)?.[0].length ?? 0)
      this.#read += match + length
      return true
    }
    if (found()) return
    await new Promise<void>((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer)
        this.#waiting.delete(check)
        this.#child.off("close", gone)
        settle()
      }
      const missing = (why: string) => () => reject(new Error(`${why}, not "${String(expected)}":\n${this.text}`))
      const check = () => found() && done(resolve)
      const gone = () => done(found() ? resolve : missing("It ended"))
      const timer = setTimeout(() => done(missing("In time it did not show")), this.#patienceMillis)
      this.#waiting.add(check)
      this.#child.once("close", gone)
    })
  }

  type(text: string): void {
    this.#child.stdin.write(text)
  }

  /** Waits for a prompt, and answers it. */
  async answers(question: string | RegExp, typed: string): Promise<void> {
    await this.shows(question)
    this.type(typed)
  }

  /** Ends the program, whatever it is doing. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.destroy()
    await this.ends()
  }

  /** The exit code, once it has ended. */
  async ends(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "close")
    return this.#child.exitCode
  }
}

const plain = (raw: string): string =>
  raw
    // oxlint-disable-next-line no-control-regex
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "")
    // oxlint-disable-next-line no-control-regex
    .replace(/\u001b\][^\u0007]*\u0007|\u0007/g, "")
    .replace(/\r/g, "")
