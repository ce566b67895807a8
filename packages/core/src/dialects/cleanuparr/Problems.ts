/** Refusals that only this API has. */
import { Schema } from "effect"
import { Problem } from "../../problems/Problem.ts"

/** What Cleanuparr has and Tendarr does in another way, or not at all. */
export class NotHere extends Problem<NotHere>()(
  "NotHere",
  { code: "not-here", status: 404, title: "Tendarr does not have this" },
  { detail: Schema.String }
) {}
