/** What a run that carries out acts is given, and what it reports. */
import type { Effect } from "effect"

export interface ActReport {
  readonly done: number
  readonly spared: number
  readonly failed: number
  readonly waiting: number
}

export interface ActRunContext {
  readonly progress: (done: number, total: number | null, message: string) => Effect.Effect<void>
  readonly log: (level: "info" | "warning" | "error", message: string) => Effect.Effect<void>
}
