/** How a script ends: a failure is one message for people, and exit code 1. */
import { say } from "./Process.mjs"

export const main = (program) => {
  program().catch((error) => {
    say(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  })
}
