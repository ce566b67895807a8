/** What TypeScript programs use of Process.mjs. */
export declare const root: string
export declare const runtimes: { readonly node: string; readonly bun: string }
export declare const script: (path: string) => string
export declare const environment: (extra?: Readonly<Record<string, string>>) => Record<string, string | undefined>
