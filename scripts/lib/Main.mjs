/** Error handling of scripts: a failure is printed as one message, with exit code 1. */
import { print } from "./Process.mjs"

export const main = (program) => {
  program().catch((error) => {
    print(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  })
}
