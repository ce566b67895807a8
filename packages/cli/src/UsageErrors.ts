/** Messages for an invalid command line: what is wrong, the nearest valid word, and where to find help. */
import { Console, Effect } from "effect"
import { type CliError, CliOutput, type HelpDoc } from "effect/cli"

/**
 * Prints help and version unchanged, and usage errors briefly to standard error. `verbs` are all commands (`removals
 * approve`), to suggest one if its first word was omitted; `topics` are appended to the main help.
 */
export const usageErrors = (verbs: ReadonlyArray<string>, topics: ReadonlyArray<string>) =>
  CliOutput.layerPresenter({
    present: (event) => {
      switch (event._tag) {
        case "InvalidInvocation":
          return Console.error(usageLines(event.commandPath, event.helpDoc, event.errors, verbs).join("\n"))
        case "Version":
          return Console.log(`${event.name} ${event.version}`)
        case "Help":
          return Effect.andThen(
            CliOutput.defaultPresenter.present({ ...event, helpDoc: readable(event.helpDoc) }),
            event.commandPath.length === 1 ? Console.log(topics.join("\n")) : Effect.void
          )
      }
    }
  })

/** Shows toggles as such, and lists the shells and levels only once, in the description. */
const readable = (help: HelpDoc.HelpDoc): HelpDoc.HelpDoc => ({
  ...help,
  flags: help.flags.map(readableFlag),
  ...(help.inheritedFlags === undefined ? {} : { inheritedFlags: help.inheritedFlags.map(readableFlag) }),
  ...(help.globalFlags === undefined ? {} : { globalFlags: help.globalFlags.map(readableFlag) })
})

const metavars: Readonly<Record<string, string>> = { completions: "SHELL", "log-level": "LEVEL" }

const readableFlag = (flag: HelpDoc.FlagDoc): HelpDoc.FlagDoc => ({
  ...flag,
  type: flag.type === "[=boolean]" ? "boolean" : (metavars[flag.name] ?? flag.type)
})

const usageLines = (
  path: ReadonlyArray<string>,
  help: HelpDoc.HelpDoc,
  errors: ReadonlyArray<CliError.NonShowHelpErrors>,
  verbs: ReadonlyArray<string>
): ReadonlyArray<string> => [
  ...errors.map((error) => `${path[0]}: ${sentenceOf(error, help, path.length === 1 ? verbs : [])}`),
  `Usage: ${help.usage}`,
  `See \`${path.join(" ")} --help\`.`
]

const sentenceOf = (error: CliError.NonShowHelpErrors, help: HelpDoc.HelpDoc, verbs: ReadonlyArray<string>): string => {
  switch (error._tag) {
    case "UnrecognizedOption":
      return `there is no flag ${error.option}${didYouMean(error.option, flagsOf(help))}`
    case "UnknownSubcommand":
      return `there is no command ${error.subcommand}${didYouMean(error.subcommand, commandsOf(help), verbs)}`
    default:
      return (error.message.split("\n")[0] ?? "").replace(/^[A-Z]/, (letter) => letter.toLowerCase())
  }
}

const didYouMean = (word: string, candidates: ReadonlyArray<string>, verbs: ReadonlyArray<string> = []): string => {
  const best = nearest(word, candidates)
  const found = best === null ? verbsEndingIn(word, verbs) : [best]
  return found.length === 0 ? "" : `. Did you mean ${found.join(" or ")}?`
}

/** Longer commands whose last word is this one, or the nearest to it. */
const verbsEndingIn = (word: string, verbs: ReadonlyArray<string>): ReadonlyArray<string> => {
  const longer = verbs.filter((verb) => verb.includes(" "))
  const last = (verb: string) => verb.slice(verb.lastIndexOf(" ") + 1)
  const best = nearest(word, [...new Set(longer.map(last))])
  return longer.filter((verb) => last(verb) === best)
}

const flagsOf = (help: HelpDoc.HelpDoc): ReadonlyArray<string> =>
  [...help.flags, ...(help.inheritedFlags ?? []), ...(help.globalFlags ?? [])].map(({ name }) => `--${name}`)

const commandsOf = (help: HelpDoc.HelpDoc): ReadonlyArray<string> =>
  (help.subcommands ?? []).flatMap(({ commands }) => commands.map(({ name }) => name))

/** The candidate that starts with the word, else the one with the fewest edits; `null` if none is near. */
export const nearest = (word: string, candidates: ReadonlyArray<string>): string | null => {
  const typed = word.toLowerCase()
  const begins = candidates.filter((candidate) => candidate.startsWith(typed))
  if (begins.length === 1 && typed.replace(/^-+/, "").length >= 2) return begins[0] ?? null
  const ranked = candidates
    .map((candidate) => ({ candidate, changes: changesBetween(typed, candidate) }))
    .filter(({ candidate, changes }) => changes <= Math.max(2, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.changes - b.changes)
  return ranked[0]?.candidate ?? null
}

/** Insertions, deletions, substitutions and swaps of neighbours (Damerau and Levenshtein, optimal string alignment). */
const changesBetween = (a: string, b: string): number => {
  let before: ReadonlyArray<number> = []
  let last: ReadonlyArray<number> = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
        )
      )
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
