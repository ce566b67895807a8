/** The error of versioned resources when another change came first. */
import { Schema } from "effect"
import { Problem } from "./Problem.ts"

/** The resource was changed since it was read; read it again and repeat the change. */
export class VersionConflict extends Problem<VersionConflict>()(
  "VersionConflict",
  { code: "version-conflict", status: 412, title: "The resource was changed in the meantime" },
  { version: Schema.Int }
) {}
