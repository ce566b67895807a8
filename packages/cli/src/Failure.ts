/**
 * How a command ends when it does not succeed: one line for people, a stable code where there is one, and an exit code
 * that scripts can tell apart.
 */
import { Schema } from "effect"

export const exitCodes = {
  ok: 0,
  /** Tendarr said no, or something broke. */
  failed: 1,
  usage: 2,
  unreachable: 3,
  /** A run ended with errors; the doctor found problems. */
  troubled: 4
} as const

/** What the codes mean, for the help. */
export const exitCodeLines: ReadonlyArray<string> = [
  "  0    done",
  "  1    Tendarr said no, or something broke; the line ends with a stable [code]",
  "  2    the command line was misused",
  "  3    there is no Tendarr where it was looked for",
  "  4    it was done, and not all is well: a run met errors, a check found problems, an application does not answer",
  "  130  left with Ctrl-C"
]

export class CommandFailure extends Schema.TaggedError<CommandFailure>()("CommandFailure", {
  exit: Schema.Literals([1, 2, 3, 4]),
  message: Schema.String,
  /** Of the problem that Tendarr answered with, else of ours. */
  code: Schema.NullOr(Schema.String),
  /** What to do about it. */
  hint: Schema.NullOr(Schema.String)
}) {}

export const failed = (message: string, code: string | null = null, hint: string | null = null): CommandFailure =>
  new CommandFailure({ exit: exitCodes.failed, message, code, hint })

export const misused = (message: string, hint: string | null = null): CommandFailure =>
  new CommandFailure({ exit: exitCodes.usage, message, code: null, hint })

export const unreachable = (message: string, hint: string | null = null): CommandFailure =>
  new CommandFailure({ exit: exitCodes.unreachable, message, code: "not-reachable", hint })

export const troubled = (message: string): CommandFailure =>
  new CommandFailure({ exit: exitCodes.troubled, message, code: null, hint: null })

/** What is printed of a failure. */
export const failureLines = (failure: CommandFailure): ReadonlyArray<string> => [
  `tendarr: ${failure.message}${failure.code === null ? "" : ` [${failure.code}]`}`,
  ...(failure.hint === null ? [] : [failure.hint])
]

/** An answer that is not what its types promise. */
export const unknownAnswer = (where: string, because: string): CommandFailure =>
  failed(
    `The answer of ${where} cannot be understood: ${firstLine(because)}`,
    "unknown-answer",
    "Is there a Tendarr at this address, and of the same version? `tendarr --version`, `tendarr status --json`"
  )

/** Any failure of a call as a failure of the command; `where` names what was called. */
export const toFailure = (error: unknown, where: string): CommandFailure => {
  if (error instanceof CommandFailure) return error
  const name = textOf(error, "name")
  if (name === "TendarrError") {
    const problem = fieldOf(error, "problem")
    return problem === null ? transportFailure(error, where) : problemFailure(problem)
  }
  if (name === "SyntaxError" || name === "SchemaError") return unknownAnswer(where, messageOf(error))
  // As `fetch` itself says that there was no answer.
  if (name === "TypeError" && fieldOf(error, "cause") !== undefined) return noAnswer(error, where)
  return textOf(error, "code") !== null && textOf(error, "title") !== null
    ? problemFailure(error)
    : failed(firstLine(messageOf(error)))
}

/** A problem as Tendarr answers it, or as one of its services fails with. */
const problemFailure = (problem: unknown): CommandFailure => {
  const code = textOf(problem, "code") ?? "unknown"
  const title = textOf(problem, "title") ?? ""
  const detail = textOf(problem, "detail") ?? textOf(problem, "message") ?? title
  const errors = fieldOf(problem, "errors")
  // Some details tell their faults already.
  const faults = (Array.isArray(errors) ? errors : []).map(faultOf).filter((fault) => !detail.includes(fault.message))
  return failed(
    [detail === title ? title : `${title}: ${detail}`, ...faults.map(({ at, message }) => `  ${at}: ${message}`)].join(
      "\n"
    ),
    code,
    hints[code] ?? null
  )
}

/** One bad value of a request, by its path as people wrote it. */
const faultOf = (issue: unknown): { readonly at: string; readonly message: string } => {
  const path = fieldOf(issue, "path")
  const [slot, ...rest] = Array.isArray(path) ? path.map(String) : []
  return { at: rest.join(".") || (slot ?? ""), message: textOf(issue, "message") ?? "" }
}

const noAnswer = (error: unknown, where: string): CommandFailure =>
  unreachable(`Nothing answers at ${where}${causeOf(error)}`, "Is it running, and is the address right?")

/** No answer, or one that is no problem of Tendarr: of a server at its end, or of another program. */
const transportFailure = (error: unknown, where: string): CommandFailure => {
  switch (textOf(error, "code")) {
    case "network":
      return noAnswer(error, where)
    case "timeout":
      return unreachable(`${where} took too long to answer`, "`tendarr status` shows what runs.")
    case "redirected":
      return unreachable(`${where} sends on to another address`, "Give the address that it sends to as --url.")
    case "unreadable":
      return unknownAnswer(where, messageOf(error))
    default: {
      const status = Number(fieldOf(error, "status"))
      return status >= 500
        ? failed(`${where} failed (status ${status}); its log says why`, "internal-error")
        : unreachable(`${where} answered with status ${status}; there is no Tendarr at this address`)
    }
  }
}

const hints: Readonly<Record<string, string>> = {
  "secret-reuse-refused":
    "Give the key of the new address by --key-file or --new-key, or send the stored one there by --keep-key.",
  unauthorized: "Give a key with --api-key or TENDARR_API_KEY.",
  "insufficient-scope": "Use a key of a wider scope.",
  "version-conflict": "Somebody else changed it meanwhile: look at it again, and repeat what is still right.",
  "run-queued-otherwise":
    "`tendarr jobs cancel` takes it off the queue; or try again when it has started, which `tendarr jobs list` shows.",
  "deletions-disabled": "They are the brake of the settings, group `removals`: deletionsEnabled."
}

/** `: ECONNREFUSED`, from the innermost cause that has a code. */
const causeOf = (error: unknown): string => {
  let code: string | null = null
  for (let cause = fieldOf(error, "cause"); cause !== undefined; cause = fieldOf(cause, "cause")) {
    code = textOf(cause, "code") ?? code
  }
  return code === null ? "" : ` (${code})`
}

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && key in value ? Reflect.get(value, key) : undefined

const textOf = (value: unknown, key: string): string | null => {
  const text = fieldOf(value, key)
  return typeof text === "string" ? text : null
}

const messageOf = (error: unknown): string => textOf(error, "message") ?? String(error)

const firstLine = (text: string): string => text.split("\n")[0] ?? text
