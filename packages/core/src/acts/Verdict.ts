/** The result of a check of an act before a request is sent. */
export type Verdict =
  | { readonly _tag: "Go" }
  /** The act is no longer justified and ends. */
  | { readonly _tag: "Spare"; readonly reason: string }
  /** Not now; the act stays open. */
  | { readonly _tag: "Wait"; readonly reason: string }

export const go: Verdict = { _tag: "Go" }
export const spare = (reason: string): Verdict => ({ _tag: "Spare", reason })
export const wait = (reason: string): Verdict => ({ _tag: "Wait", reason })
