/** How names of people are compared. */
import { fold } from "../problems/Fold.ts"

/** What a name is compared by: applications differ in case, in spaces around it and in how they compose its letters. */
export const nameKey = (name: string): string => fold(name.trim())
