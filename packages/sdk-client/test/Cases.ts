/**
 * What the client guarantees on every runtime. The same cases run on Node, on Bun and in a browser, so they use only
 * APIs that all of them have.
 */
import { errors, images, lists } from "./CallCases.ts"
import type { Case } from "./Case.ts"
import { following } from "./FollowCases.ts"

export const cases: ReadonlyArray<Case> = [...lists, ...images, ...errors, ...following]
