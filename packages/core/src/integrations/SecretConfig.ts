/**
 * The configuration of an integration as stored in the database: fields that its kind does not declare as harmless are
 * sealed, and clients see a mask in their place.
 */
import { Effect, Option } from "effect"
import { isSealed, type SealPlace, type SecretBox } from "../storage/SecretBox.ts"
import { secretMask } from "./Integration.ts"
import type { Kind } from "./Kind.ts"
import { receiversOf } from "./Receivers.ts"

export type Config = Readonly<Record<string, unknown>>

/** Every field that its kind does not declare as harmless is a secret, and so are all fields of an unknown kind. */
export const isSecret = (kind: Kind | undefined, key: string): boolean => {
  const field = kind?.fields.find((candidate) => candidate.key === key)
  return field === undefined || field.type === "secret"
}

export const maskSecrets = (kind: Kind | undefined, config: Config): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key, isSecret(kind, key) ? secretMask : value]))

/** The given values, with stored values where a value is masked or missing. */
export const keepSecrets = (stored: Config, given: Config): Config => ({
  ...stored,
  ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== secretMask))
})

/** The row of a configuration, and its address. */
export interface Addressee {
  readonly id: number
  readonly url: string
}

/** Location of a value. */
export const placeOf = (integrationId: number, key: string): string => `integrations/${integrationId}/config/${key}`

/** A value can be opened only at its own location, and only while all receivers are those that it was sealed for. */
const placesFor = ({ id, url }: Addressee, plain: Config): ((key: string) => SealPlace) => {
  const receivers = receiversOf(url, plain)
  return (key) => ({ at: placeOf(id, key), receivers })
}

export const sealConfig = (box: SecretBox, kind: Kind | undefined, to: Addressee, config: Config) => {
  const plain = Object.entries(config).filter(([key]) => !isSecret(kind, key))
  const place = placesFor(to, Object.fromEntries(plain))
  return Effect.map(
    Effect.forEach(Object.entries(config), ([key, value]) =>
      isSecret(kind, key)
        ? Effect.map(box.seal(place(key), value), (sealed) => [key, sealed] as const)
        : Effect.succeed([key, value] as const)
    ),
    (entries): Config => Object.fromEntries(entries)
  )
}

export interface OpenedConfig {
  /** Includes secrets, except withheld ones. */
  readonly config: Config
  /** Fields whose sealed values were not given for this row and these receivers. They count as absent. */
  readonly withheld: ReadonlyArray<string>
}

export const openConfig = (box: SecretBox, to: Addressee, stored: Config): OpenedConfig => {
  const place = placesFor(to, Object.fromEntries(Object.entries(stored).filter(([, value]) => !isSealed(value))))
  const opened = Object.entries(stored).map(([key, value]) => [key, box.open(place(key), value)] as const)
  return {
    config: Object.fromEntries(
      opened.flatMap(([key, value]) => (Option.isSome(value) ? [[key, value.value] as const] : []))
    ),
    withheld: opened.flatMap(([key, value]) => (Option.isNone(value) ? [key] : []))
  }
}

/** Reseals a stored configuration where possible. Withheld values stay as they are, for their own address. */
export const resealConfig = (box: SecretBox, kind: Kind | undefined, to: Addressee, stored: Config) => {
  const { config, withheld } = openConfig(box, to, stored)
  return Effect.map(sealConfig(box, kind, to, config), (sealed): Config => ({
    ...sealed,
    ...Object.fromEntries(withheld.map((key) => [key, stored[key]] as const))
  }))
}
