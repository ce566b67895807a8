/** What is asked at a terminal. Where nobody can be asked, the command line has to say it; Ctrl-C ends the command. */
import { Console, Effect } from "effect"
import { Prompt, TerminalCapabilities } from "effect/cli"
import { failed, misused } from "./Failure.ts"
import { currentStyle } from "./output/Style.ts"
import { root, toggle } from "./Root.ts"

/** Whether somebody can be asked: at a terminal, and not for JSON. */
export const canAsk = Effect.gen(function* () {
  const { json } = yield* root
  const { canPrompt } = yield* TerminalCapabilities.TerminalCapabilities
  return canPrompt && !json
})

/** The answer to a question. Who leaves instead interrupts the command. */
export const asked = <A>(prompt: Prompt.Prompt<A>) =>
  Prompt.run(prompt).pipe(Effect.catchTag("QuitError", () => Effect.interrupt))

/** A secret, shown as stars while it is typed; before it a line that says where it is found. */
export const askedSecret = Effect.fnUntraced(function* (label: string, whereabouts: string | null = null) {
  const style = yield* currentStyle
  if (whereabouts !== null) yield* Console.log(style.dim(whereabouts))
  return yield* asked(
    Prompt.Password({
      message: label,
      validate: (text) =>
        text.trim() === "" ? Effect.fail("It cannot be empty; Ctrl-C leaves") : Effect.succeed(text.trim())
    })
  )
})

/** The flag that answers `confirm` beforehand. */
export const yesFlag = toggle("yes", "Do not ask")

/** Asks at a terminal; where nobody can be asked, `--yes` has to be given. */
export const confirm = Effect.fnUntraced(function* (question: string, yes = false) {
  if (yes) return
  if (!(yield* canAsk)) return yield* misused(`${question} Nobody can be asked here; give --yes`)
  const agreed = yield* Prompt.run(Prompt.Confirm({ message: question, initial: false })).pipe(
    Effect.catchTag("QuitError", () => Effect.succeed(false))
  )
  if (!agreed) return yield* failed("Nothing was changed", "not-confirmed")
})
