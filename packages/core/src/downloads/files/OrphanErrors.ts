/** Errors of orphaned files. */
import { Schema } from "effect"
import { Problem } from "../../problems/Problem.ts"

export class OrphanNotFound extends Problem<OrphanNotFound>()(
  "OrphanNotFound",
  { code: "orphan-not-found", status: 404, title: "There is no such orphaned file" },
  { orphanId: Schema.String }
) {}

export class OrphanConflict extends Problem<OrphanConflict>()(
  "OrphanConflict",
  { code: "orphan-conflict", status: 409, title: "The orphaned file is not in a state that allows this" },
  { orphanId: Schema.String, state: Schema.String, detail: Schema.String }
) {}
