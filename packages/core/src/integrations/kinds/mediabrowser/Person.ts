/** The users of Jellyfin and Emby. */
import type { PersonObservation } from "../../Observations.ts"
import { serverAccount } from "../Values.ts"

/** An id of 32 digits is unique across applications. */
export const personOf = (id: string | null | undefined, name: string | null | undefined): PersonObservation => ({
  name: name ?? id ?? "unknown",
  ...(name === null || name === undefined || id === null || id === undefined || id.length < 16 ? {} : { names: [id] }),
  ...serverAccount(id, name)
})
