/**
 * Progress of long work on standard error: one line that is rewritten on a terminal, otherwise an occasional plain
 * line.
 */
import { Clock, Console, Effect, Ref, Stdio } from "effect"
import { clean } from "./Format.ts"
import { cut } from "./Table.ts"

/** Minimum time between plain lines. */
const plainEveryMillis = 2000

export interface Progress {
  readonly show: (text: string) => Effect.Effect<void>
}

const write = (text: string) => Effect.sync(() => void process.stderr.write(text))

/** The line is cleared when the scope closes. */
export const makeProgress = Effect.gen(function* () {
  const stdio = yield* Stdio.Stdio
  const rewrites = (yield* stdio.stderrIsTerminal) && process.env["TERM"] !== "dumb"
  const last = yield* Ref.make({ text: "", at: Number.NEGATIVE_INFINITY })
  if (rewrites) yield* Effect.addFinalizer(() => write("\r\u001b[2K"))
  const show = Effect.fnUntraced(function* (text: string) {
    const { at, text: before } = yield* Ref.get(last)
    if (text === before) return
    const now = yield* Clock.currentTimeMillis
    if (rewrites) {
      yield* write(`\r\u001b[2K${cut(clean(text), (process.stderr.columns || 80) - 1)}`)
    } else if (now - at < plainEveryMillis) {
      return
    } else {
      yield* Console.error(clean(text))
    }
    yield* Ref.set(last, { text, at: now })
  })
  return { show } satisfies Progress
})
