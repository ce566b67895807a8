/** How a command fails: one line for people, a stable code if there is one, and an exit code for scripts. */
import { Schema } from "effect"

export const exitCodes = {
  ok: 0,
  /** Tendarr refused, or an error occurred. */
  failed: 1,
  usage: 2,
  unreachable: 3,
  /** A run ended with errors, or the doctor found problems. */
  troubled: 4
} as const

/** Explanations of the codes, for the help. */
export const exitCodeLines: ReadonlyArray<string> = [
  "  0    done",
  "  1    Tendarr refused, or an error occurred; the line ends with a stable [code]",
  "  2    the command line was invalid",
  "  3    no Tendarr was found at the given place",
  "  4    the command succeeded, but there are problems: a run had errors, a check found problems, an application does not answer",
  "  130  cancelled with Ctrl-C"
]

export class CommandFailure extends Schema.TaggedError<CommandFailure>()("CommandFailure", {
  exit: Schema.Literals([1, 2, 3, 4]),
  message: Schema.String,
  /** The code of Tendarr's problem, otherwise one of the command's own. */
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

/** The lines that are printed for a failure. */
export const failureLines = (failure: CommandFailure): ReadonlyArray<string> => [
  `tendarr: ${failure.message}${failure.code === null ? "" : ` [${failure.code}]`}`,
  ...(failure.hint === null ? [] : [failure.hint])
]

/** A response that does not match its type. */
export const unknownAnswer = (where: string, because: string): CommandFailure =>
  failed(
    `The response of ${where} cannot be understood: ${firstLine(because)}`,
    "unknown-answer",
    "Is this the address of a Tendarr of the same version? Compare `tendarr --version` and `tendarr status --json`"
  )

/** Converts the failure of a call to one of the command; `where` names the installation. */
export const toFailure = (error: unknown, where: string): CommandFailure => {
  if (error instanceof CommandFailure) return error
  const name = textOf(error, "name")
  if (name === "TendarrError") {
    const problem = fieldOf(error, "problem")
    return problem === null ? transportFailure(error, where) : problemFailure(problem)
  }
  if (name === "SyntaxError" || name === "SchemaError") return unknownAnswer(where, messageOf(error))
  // How `fetch` reports that there was no response.
  if (name === "TypeError" && fieldOf(error, "cause") !== undefined) return noAnswer(error, where)
  return textOf(error, "code") !== null && textOf(error, "title") !== null
    ? problemFailure(error)
    : failed(firstLine(messageOf(error)))
}

/** A problem in a response of Tendarr, or the error of one of its services. */
const problemFailure = (problem: unknown): CommandFailure => {
  const code = textOf(problem, "code") ?? "unknown"
  const title = textOf(problem, "title") ?? ""
  const detail = textOf(problem, "detail") ?? textOf(problem, "message") ?? title
  const errors = fieldOf(problem, "errors")
  // Some details already contain their issues.
  const faults = (Array.isArray(errors) ? errors : []).map(faultOf).filter((fault) => !detail.includes(fault.message))
  return failed(
    [detail === title ? title : `${title}: ${detail}`, ...faults.map(({ at, message }) => `  ${at}: ${message}`)].join(
      "\n"
    ),
    code,
    hints[code] ?? null
  )
}

/** One invalid value of a request, with the path as people wrote it. */
const faultOf = (issue: unknown): { readonly at: string; readonly message: string } => {
  const path = fieldOf(issue, "path")
  const [slot, ...rest] = Array.isArray(path) ? path.map(String) : []
  return { at: rest.join(".") || (slot ?? ""), message: textOf(issue, "message") ?? "" }
}

const noAnswer = (error: unknown, where: string): CommandFailure =>
  unreachable(`Nothing answers at ${where}${causeOf(error)}`, "Is it running, and is the address right?")

/** No response, or one that is not a Tendarr problem: from an overloaded server, or from another program. */
const transportFailure = (error: unknown, where: string): CommandFailure => {
  switch (textOf(error, "code")) {
    case "network":
      return noAnswer(error, where)
    case "timeout":
      return unreachable(`${where} took too long to answer`, "`tendarr status` shows what is running.")
    case "redirected":
      return unreachable(`${where} redirects to another address`, "Give the address that it redirects to as --url.")
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
    "Give the key for the new address with --key-file or --new-key, or send the stored key there with --keep-key.",
  unauthorized: "Give a key with --api-key or TENDARR_API_KEY.",
  "insufficient-scope": "Use a key with a wider scope.",
  "version-conflict":
    "Somebody else changed it in the meantime: read it again, and repeat your change if it still applies.",
  "run-queued-otherwise":
    "`tendarr jobs cancel` removes it from the queue; or try again once it has started, see `tendarr jobs list`.",
  "deletions-disabled": "This is the brake: the setting removals.deletionsEnabled."
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
