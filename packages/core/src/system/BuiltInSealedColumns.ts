/** The built-in columns whose secrets are sealed. A new one needs a line here. */
import { Effect, Layer } from "effect"
import { dialectKeys } from "../access/DialectKeys.ts"
import { keptTorrents } from "../downloads/seeding/KeptTorrents.ts"
import { Kinds } from "../integrations/Kinds.ts"
import { integrationConfigs } from "../integrations/SecretConfig.ts"
import { moveInSecrets } from "../moving/MoveInSecrets.ts"
import { SealedColumns } from "../storage/SealedColumns.ts"

export const BuiltInSealedColumns = Layer.unwrap(
  Effect.map(Kinds, (kinds) =>
    SealedColumns.layerOf([integrationConfigs(kinds), dialectKeys, keptTorrents, moveInSecrets])
  )
)
