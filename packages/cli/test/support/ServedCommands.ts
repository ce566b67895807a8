/** Short ways to run commands on a server: to an outcome, to JSON, or to a failure. */
import { expect } from "vitest"
import { cli, type CliOptions, cliJson, type ServedSandbox } from "./Cli.ts"

export const servedCommands = (served: () => ServedSandbox) => {
  const run = (args: ReadonlyArray<string>, options: CliOptions = {}) => cli(args, { ...options, env: served().env })
  return {
    run,
    json: <A>(...args: ReadonlyArray<string>) => cliJson<A>(args, { env: served().env }),
    /** Ends with the code, and prints nothing but why; answers that. */
    fails: async (code: number, args: ReadonlyArray<string>, options: CliOptions = {}) => {
      const outcome = await run(args, options)
      expect([args, outcome.code, outcome.stdout]).toEqual([args, code, ""])
      return outcome.stderr
    }
  }
}
