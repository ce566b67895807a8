/** What a look at an act says before a request is sent. */
export type Verdict =
  | { readonly _tag: "Go" }
  /** The intent has lost its ground and ends. */
  | { readonly _tag: "Spare"; readonly reason: string }
  /** Not now; the intent stays. */
  | { readonly _tag: "Wait"; readonly reason: string }

export const go: Verdict = { _tag: "Go" }
export const spare = (reason: string): Verdict => ({ _tag: "Spare", reason })
export const wait = (reason: string): Verdict => ({ _tag: "Wait", reason })
