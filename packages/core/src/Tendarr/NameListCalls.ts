/** Lists of names, for embedding programs: storing, reading again, and believing. */
import { type NameList, NameListDefinition, NameListPatch } from "../downloads/malware/NameList.ts"
import { NameLists } from "../downloads/malware/NameLists.ts"
import type { Page } from "../storage/Pages.ts"
import type { Calls } from "./Calls.ts"

/** Lists of names of files in downloads. Everything about one list rejects with `NameListNotFound`. */
export interface NameListCalls {
  readonly list: () => Promise<ReadonlyArray<NameList>>
  readonly get: (id: string) => Promise<NameList>
  /** One page of the entries of the copy that applies. */
  readonly entries: (
    id: string,
    paging?: { readonly limit?: number; readonly cursor?: string }
  ) => Promise<Page<string>>
  /**
   * Reads its source at once; if that fails, `failure` says why, and the list does not apply until it was read. Rejects
   * with `InvalidRequest`, which names every error by its path, or `NameListNameTaken`.
   */
  readonly create: (draft: typeof NameListDefinition.Encoded) => Promise<NameList>
  /** Changes the given fields. Rejects as `create`, and with `VersionConflict` if `version` is not the current one. */
  readonly update: (id: string, patch: typeof NameListPatch.Encoded, version?: number) => Promise<NameList>
  /** Reads its source again. Rejects with `NameListUnreadable`; the last good copy still applies. */
  readonly refresh: (id: string) => Promise<NameList>
  /** Records that a person believes what is held. */
  readonly accept: (id: string) => Promise<NameList>
  readonly remove: (id: string) => Promise<void>
}

export const nameListCalls = ({ run, write }: Calls): NameListCalls => ({
  list: () => run(NameLists.use((lists) => lists.list)),
  get: (id) => run(NameLists.use((lists) => lists.get(id))),
  entries: (id, paging = {}) => run(NameLists.use((lists) => lists.entries(id, paging))),
  create: (draft) => write(NameListDefinition, draft, (valid) => NameLists.use((lists) => lists.create(valid))),
  update: (id, patch, version) =>
    write(NameListPatch, patch, (valid) => NameLists.use((lists) => lists.update(id, valid, version))),
  refresh: (id) => run(NameLists.use((lists) => lists.refresh(id))),
  accept: (id) => run(NameLists.use((lists) => lists.accept(id))),
  remove: (id) => run(NameLists.use((lists) => lists.remove(id)))
})
