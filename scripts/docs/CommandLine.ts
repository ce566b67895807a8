/** The help of every command, as printed with `--help`. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import type { Command } from "effect/cli"
import { runCommandLine, tendarr } from "../../packages/cli/src/Command.ts"
import { sections } from "./Markdown.ts"

export const commandLineReference = (): Promise<string> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const parts: Array<string> = []
      for (const path of pathsOf(tendarr)) {
        const help = yield* helpOf(path)
        const own = path.length === 0 ? help : withoutGlobals(help)
        parts.push(`## ${["tendarr", ...path].join(" ")}\n\n\`\`\`text\n${own.trim()}\n\`\`\``)
      }
      return sections(parts)
    }).pipe(Effect.provide(NodeServices.layer))
  )

/** The root, then each command before its subcommands. */
const pathsOf = (command: Tree, path: ReadonlyArray<string> = []): ReadonlyArray<ReadonlyArray<string>> => [
  path,
  ...command.subcommands.flatMap(({ commands }) => commands.flatMap((each) => pathsOf(each, [...path, each.name])))
]

type Tree = Pick<Command.Command.Any, "name" | "subcommands">

/** Flags that every command accepts are listed once, for the root. */
const withoutGlobals = (help: string): string => help.replaceAll(/\n(?:GLOBAL|INHERITED) FLAGS\n(?:  .*\n?)*/g, "")

const helpOf = Effect.fnUntraced(function* (path: ReadonlyArray<string>) {
  const printed: Array<string> = []
  const paper: Console.Console = Object.assign(Object.create(console), {
    log: (...lines: ReadonlyArray<unknown>) => void printed.push(lines.join(" "))
  })
  yield* Effect.provideService(runCommandLine([...path, "--help"]), Console.Console, paper)
  return printed.join("\n")
})
