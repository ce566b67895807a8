/** One check of the doctor, with its result and what to do about it. */

export const checkStatuses = ["ok", "warn", "fail", "skipped"] as const
export type CheckStatus = (typeof checkStatuses)[number]

export interface Check {
  /** Stable, lower-kebab-case; the part before the colon is the group. */
  readonly name: string
  readonly status: CheckStatus
  /** The finding, in one sentence. */
  readonly detail: string
  /** What to do; `null` if nothing has to be done. */
  readonly hint: string | null
}

const check =
  (status: CheckStatus) =>
  (name: string, detail: string, hint: string | null = null): Check => ({ name, status, detail, hint })

export const ok = check("ok")
export const warn = check("warn")
export const fail = check("fail")
export const skipped = check("skipped")

export interface Report {
  /** No check failed. */
  readonly ok: boolean
  readonly warnings: number
  readonly failures: number
  readonly checks: ReadonlyArray<Check>
}

export const reportOf = (checks: ReadonlyArray<Check>): Report => {
  const failures = checks.filter(({ status }) => status === "fail").length
  return { ok: failures === 0, warnings: checks.filter(({ status }) => status === "warn").length, failures, checks }
}
