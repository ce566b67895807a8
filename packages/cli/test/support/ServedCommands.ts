/** Helpers that run commands on a server and return an outcome, JSON, or a failure. */
import { expect } from "vitest"
import { cli, type CliOptions, cliJson, type ServedSandbox } from "./Cli.ts"

export const servedCommands = (served: () => ServedSandbox) => {
  const run = (args: ReadonlyArray<string>, options: CliOptions = {}) => cli(args, { ...options, env: served().env })
  return {
    run,
    json: <A>(...args: ReadonlyArray<string>) => cliJson<A>(args, { env: served().env }),
    /** Runs a command that exits with the code and prints only its error, which is returned. */
    fails: async (code: number, args: ReadonlyArray<string>, options: CliOptions = {}) => {
      const outcome = await run(args, options)
      expect([args, outcome.code, outcome.stdout]).toEqual([args, code, ""])
      return outcome.stderr
    }
  }
}
