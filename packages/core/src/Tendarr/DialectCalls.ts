/** The dialects of a server on the same data directory, inside a program. */
import type { DialectKey } from "../access/DialectKeys.ts"
import type { DialectName } from "../settings/DialectsSettings.ts"
import { Dialects, type DialectState } from "../system/Dialects.ts"
import type { Calls } from "./Calls.ts"

/** The HTTP APIs of other products, which a server on this data directory serves. The settings switch them on. */
export interface DialectCalls {
  readonly list: () => Promise<ReadonlyArray<DialectState>>
  /** Created if there is none yet. It is accepted only by that dialect, and grants everything there. */
  readonly key: (name: DialectName) => Promise<DialectKey>
  /** The former key is refused from then on. Rejects with `DialectKeyPreset` if the environment sets the key. */
  readonly renewKey: (name: DialectName) => Promise<DialectKey>
}

export const dialectCalls = ({ run }: Calls): DialectCalls => ({
  list: () => run(Dialects.use((dialects) => dialects.list)),
  key: (name) => run(Dialects.use((dialects) => dialects.key(name))),
  renewKey: (name) => run(Dialects.use((dialects) => dialects.renewKey(name)))
})
