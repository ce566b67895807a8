/** What is asked at a terminal. Where nobody can be asked, the command line has to say it; Ctrl-C ends the command. */
import { Effect, type Redacted } from "effect"
import { Prompt, TerminalCapabilities } from "effect/cli"
import { failed, misused } from "./Failure.ts"
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

/** A secret, shown as stars while it is typed. */
export const askedSecret = (message: string): Effect.Effect<Redacted.Redacted<string>, never, Prompt.Environment> =>
  asked(
    Prompt.Password({
      message,
      validate: (text) =>
        text.trim() === "" ? Effect.fail("It cannot be empty; Ctrl-C leaves") : Effect.succeed(text.trim())
    })
  )

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
