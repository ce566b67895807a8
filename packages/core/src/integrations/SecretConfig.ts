/**
 * The configuration of an integration as it stands in the database: what its kind did not declare as harmless is sealed,
 * and clients see a mask in its place.
 */
import { Effect } from "effect"
import type { SecretBox } from "../storage/SecretBox.ts"
import { secretMask } from "./Integration.ts"
import type { Kind } from "./Kind.ts"

export type Config = Readonly<Record<string, unknown>>

/** Everything a kind did not declare as harmless is a secret, and so is all of a kind that is not known. */
export const isSecret = (kind: Kind | undefined, key: string): boolean => {
  const field = kind?.fields.find((candidate) => candidate.key === key)
  return field === undefined || field.type === "secret"
}

export const maskSecrets = (kind: Kind | undefined, config: Config): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key, isSecret(kind, key) ? secretMask : value]))

/** What is given, and the stored values where it has a mask or nothing. */
export const keepSecrets = (stored: Config, given: Config): Config => ({
  ...stored,
  ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== secretMask))
})

/** Where a value stands; it can be opened nowhere else. */
export const placeOf = (integrationId: number, key: string): string => `integrations/${integrationId}/config/${key}`

export const sealConfig = (box: SecretBox, kind: Kind | undefined, integrationId: number, config: Config) =>
  Effect.map(
    Effect.forEach(Object.entries(config), ([key, value]) =>
      isSecret(kind, key)
        ? Effect.map(box.seal(placeOf(integrationId, key), value), (sealed) => [key, sealed] as const)
        : Effect.succeed([key, value] as const)
    ),
    (entries): Config => Object.fromEntries(entries)
  )

export const openConfig = (box: SecretBox, integrationId: number, stored: Config): Config =>
  Object.fromEntries(Object.entries(stored).map(([key, value]) => [key, box.open(placeOf(integrationId, key), value)]))
