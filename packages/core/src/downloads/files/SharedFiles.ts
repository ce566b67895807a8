/** Whether a download may be deleted with its files without taking those of another one. */
import { Effect } from "effect"
import { sharingFiles } from "../Assembling.ts"
import { Downloads } from "../Downloads.ts"
import { commonPaths } from "./ClientPaths.ts"
import { Links } from "./Links.ts"

/** Whether another download uses its files: by their paths as the clients name them, or by the file system. */
export const makeSharesFiles = Effect.gen(function* () {
  const downloads = yield* Downloads
  const links = yield* Links
  const toCommonNow = yield* commonPaths
  return Effect.fnUntraced(function* (downloadId: string): Effect.fn.Return<boolean> {
    const sharing = sharingFiles(yield* downloads.current, downloadId, yield* toCommonNow)
    return sharing !== undefined || (yield* links.sharingFiles(downloadId)) !== null
  })
})
