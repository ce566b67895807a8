/** What TypeScript programs use of LongTests.mjs. */
export declare const longTests: ReadonlyArray<string>
export declare const killTests: ReadonlyArray<string>
export declare const longest: ReadonlyArray<string>
