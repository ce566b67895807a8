/** Where the files of downloads are as Tendarr sees them: paths of a client, mapped as its integration says. */
import { Effect } from "effect"
import { Integrations } from "../../integrations/Integrations.ts"
import { mapperOf, normalisePath } from "../../integrations/Paths.ts"
import { mappingsOf } from "../../library/Places.ts"
import type { Downloading } from "../Downloading.ts"

/** A path of an integration as a common path. */
export type ToCommon = (integrationId: string, path: string) => string

export const commonPaths = Effect.gen(function* () {
  const integrations = yield* Integrations
  return Effect.map(integrations.list, (all): ToCommon => {
    const mappers = new Map([...mappingsOf(all)].map(([id, each]) => [id, mapperOf(each)]))
    return (integrationId, path) => normalisePath(mappers.get(integrationId)?.(path) ?? path)
  })
})

/** The file or folder of a download; `null` if its client does not say where it is. */
export const contentOf = ({ download, integrationId }: Downloading, toCommon: ToCommon): string | null => {
  const { contentPath, name, savePath } = download
  const path = contentPath ?? (savePath === null ? null : `${savePath}/${name}`)
  return path === null ? null : toCommon(integrationId, path)
}
