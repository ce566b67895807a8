/** Prompts at a terminal. Without a terminal, flags have to answer them; Ctrl-C ends the command. */
import { Console, Effect } from "effect"
import { Prompt, TerminalCapabilities } from "effect/cli"
import { failed, misused } from "./Failure.ts"
import { currentStyle } from "./output/Style.ts"
import { root, toggle } from "./Root.ts"

/** Whether prompting is possible: at a terminal, and without `--json`. */
export const canAsk = Effect.gen(function* () {
  const { json } = yield* root
  const { canPrompt } = yield* TerminalCapabilities.TerminalCapabilities
  return canPrompt && !json
})

/** Prompts. If the user cancels instead, the command is interrupted. */
export const asked = <A>(prompt: Prompt.Prompt<A>) =>
  Prompt.run(prompt).pipe(Effect.catchTag("QuitError", () => Effect.interrupt))

/** A secret, masked with asterisks while it is typed, preceded by a line that says where to find it. */
export const askedSecret = Effect.fnUntraced(function* (label: string, whereabouts: string | null = null) {
  const style = yield* currentStyle
  if (whereabouts !== null) yield* Console.log(style.dim(whereabouts))
  return yield* asked(
    Prompt.Password({
      message: label,
      validate: (text) =>
        text.trim() === "" ? Effect.fail("It cannot be empty; press Ctrl-C to quit") : Effect.succeed(text.trim())
    })
  )
})

/** The flag that answers `confirm` in advance. */
export const yesFlag = toggle("yes", "Do not ask for confirmation")

/** Asks for confirmation at a terminal; without one, `--yes` is required. */
export const confirm = Effect.fnUntraced(function* (question: string, yes = false) {
  if (yes) return
  if (!(yield* canAsk)) return yield* misused(`${question} There is no terminal to ask on; give --yes`)
  const agreed = yield* Prompt.run(Prompt.Confirm({ message: question, initial: false })).pipe(
    Effect.catchTag("QuitError", () => Effect.succeed(false))
  )
  if (!agreed) return yield* failed("Nothing was changed", "not-confirmed")
})
