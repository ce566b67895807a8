/**
 * What the client promises wherever it runs. The same cases run on Node, on Bun and in a page of a browser, so they use
 * nothing but what all of them have.
 */
import { errors, images, lists } from "./CallCases.ts"
import type { Case } from "./Case.ts"
import { following } from "./FollowCases.ts"

export const cases: ReadonlyArray<Case> = [...lists, ...images, ...errors, ...following]
