/** API keys of a server on the same data directory, inside a program. */
import { type ApiKey, NewApiKey } from "../access/ApiKey.ts"
import { ApiKeys, type CreatedApiKey } from "../access/ApiKeys.ts"
import type { Calls } from "./Calls.ts"

/** Keys for the HTTP API of a server on this data directory. */
export interface ApiKeyCalls {
  /** Keys that are not revoked; the keys themselves cannot be retrieved again. */
  readonly list: () => Promise<ReadonlyArray<ApiKey>>
  /** The key is returned once, in this result. Rejects with `InvalidRequest` or `ApiKeyNameTaken`. */
  readonly create: (draft: typeof NewApiKey.Encoded) => Promise<CreatedApiKey>
  /** Rejects with `ApiKeyNotFound`, `InvalidRequest` or `ApiKeyNameTaken`. */
  readonly rename: (id: string, name: string) => Promise<ApiKey>
  /** Rejects with `ApiKeyNotFound`. */
  readonly revoke: (id: string) => Promise<void>
}

export const apiKeyCalls = ({ run, write }: Calls): ApiKeyCalls => ({
  list: () => run(ApiKeys.use((keys) => keys.list)),
  create: (draft) => write(NewApiKey, draft, (valid) => ApiKeys.use((keys) => keys.create(valid))),
  rename: (id, name) => run(ApiKeys.use((keys) => keys.rename(id, name))),
  revoke: (id) => run(ApiKeys.use((keys) => keys.revoke(id)))
})
