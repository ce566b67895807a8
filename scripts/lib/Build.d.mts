/** What TypeScript programs use of Build.mjs. */
export declare const programs: { readonly node: string; readonly bun: string }
