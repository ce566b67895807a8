/**
 * The configuration of an integration as stored in the database: fields that its kind does not declare as harmless are
 * sealed, and clients see a mask in their place.
 */
import { Effect, type Result } from "effect"
import {
  fieldsOf,
  openFields,
  type SealedColumn,
  sealedDocument,
  type SealedRow,
  sealFields
} from "../storage/SealedColumns.ts"
import type { StoredDocumentInvalid } from "../storage/StoredDocuments.ts"
import type { SecretBox } from "../storage/SecretBox.ts"
import { isSecretOf } from "./ConfigForm.ts"
import { secretMask } from "./Integration.ts"
import type { Kind } from "./Kind.ts"
import type { Kinds } from "./Kinds.ts"
import { receiversOf } from "./Receivers.ts"

export type Config = Readonly<Record<string, unknown>>

/** Every field that its kind does not declare as harmless is a secret, and so are all fields of an unknown kind. */
export const isSecret = (kind: Kind | undefined, key: string): boolean => kind === undefined || isSecretOf(kind, key)

export const maskSecrets = (kind: Kind | undefined, config: Config): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key, isSecret(kind, key) ? secretMask : value]))

/** The given values, with stored values where a value is masked or missing. */
export const keepSecrets = (stored: Config, given: Config): Config => ({
  ...stored,
  ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== secretMask))
})

/** The row of a configuration, as far as sealing needs it. */
export interface Addressee {
  readonly id: number
  readonly kind: string
  readonly name: string
  readonly url: string
}

const place = { table: "integrations", id: "id", column: "config", form: "document" } as const

/** Keys are bound to the addresses that they are sent to. Which of them are secret depends on the kind. */
export const integrationConfigs = (kinds: Kinds["Service"]): SealedColumn =>
  sealedDocument({
    ...place,
    reads: ["kind", "name", "url"],
    secrets: Effect.map(
      kinds.list,
      (all) => (row, key) =>
        isSecret(
          all.find(({ id }) => id === row["kind"]),
          key
        )
    ),
    receivers: ({ url }, plain) => receiversOf(String(url), plain),
    nameOf: ({ name }, key) => `the ${key} of the integration "${String(name)}"`
  })

/** The stored configuration of a row, sealed as it is. */
export const configIn = (row: Addressee, text: string): Result.Result<Config, StoredDocumentInvalid> =>
  fieldsOf(place, rowOf(row), text)

const rowOf = ({ id, kind, name, url }: Addressee): SealedRow => ({ id, kind, name, url })

export interface OpenedConfig {
  /** Includes secrets, except withheld ones. */
  readonly config: Config
  /** Fields whose sealed values were not given for this row and these receivers. They count as absent. */
  readonly withheld: ReadonlyArray<string>
}

export interface ConfigSeal {
  readonly seal: (to: Addressee, config: Config) => Effect.Effect<Config>
  readonly open: (to: Addressee, stored: Config) => OpenedConfig
}

export const makeConfigSeal = (box: SecretBox, kinds: Kinds["Service"]): ConfigSeal => {
  const column = integrationConfigs(kinds)
  return {
    seal: (to, config) => sealFields(box, column, rowOf(to), config),
    open: (to, stored) => {
      const { fields, withheld } = openFields(box, column, rowOf(to), stored)
      return { config: fields, withheld }
    }
  }
}
