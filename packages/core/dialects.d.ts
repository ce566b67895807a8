/**
 * The built-in dialects as the main TypeScript project sees them: hundreds of endpoints are checked by a project of their own
 * (`tsconfig.dialects.json`), which also checks that this is their type.
 */
import type { Dialect } from "./src/server/DialectServing.ts"

export declare const dialects: ReadonlyArray<Dialect>
