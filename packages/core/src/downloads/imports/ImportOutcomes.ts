/** What may become of a download that waits for its import. Separate from its schemas, so that a command line can list them. */
export const importOutcomes = [
  "nobody",
  "unknown",
  "incomplete",
  "imported",
  "ignored",
  "held",
  "importing",
  "kept",
  "waiting",
  "import",
  "planned",
  "needs-person"
] as const
export type ImportOutcome = (typeof importOutcomes)[number]
