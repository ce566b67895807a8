/** Error handling of scripts: a failure is printed as one message, with exit code 1. */
import { say } from "./Process.mjs"

export const main = (program) => {
  program().catch((error) => {
    say(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  })
}
