/** Settings for newly found disks, and for the order of candidates. */
import { Schema } from "effect"
import { flag, wholeNumber } from "../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"
import { DiskLimits } from "./DiskLimits.ts"
import { RemovalMode } from "./RemovalMode.ts"

export const tieBreakers = ["sizeDesc", "sizeAsc", "nameAsc", "oldestFirst", "newestFirst"] as const
export const TieBreaker = Schema.Literals(tieBreakers)
export type TieBreaker = typeof TieBreaker.Type

export const CapacitySettings = settingsGroup(
  "capacity",
  Schema.Struct({
    defaultMode: RemovalMode.annotate({ default: "dry-run", description: "Mode of a newly found disk group" }),
    defaultLimits: DiskLimits.pipe(
      Schema.annotateKey({
        default: { type: "percent", threshold: 85, target: 75 },
        description: "Threshold and target of a newly found disk group"
      })
    ),
    staleGraceDays: wholeNumber(0, 365, {
      default: 7,
      description: "Days after which a disk group that no integration reports any more is deleted"
    }),
    tieBreaker: TieBreaker.annotate({ default: "sizeDesc", description: "Order of candidates with equal scores" }),
    syncBeforeRun: flag({ default: true, description: "Sync the integrations before the engine runs" })
  }).annotate({ identifier: "CapacitySettings", title: "Capacity" })
)
export type CapacitySettings = SettingsOf<typeof CapacitySettings>
