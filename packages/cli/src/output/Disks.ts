/** Disk groups in words. */
import type { DiskLimits } from "@tendarr/sdk-client"
import { bytes } from "./Format.ts"

/** When removing starts, and where it ends: `85 % → 75 %`, or in free bytes `< 50 GiB → 100 GiB free`. */
export const limitsOf = (limits: DiskLimits): string =>
  limits.type === "percent"
    ? `${limits.threshold} % → ${limits.target} %`
    : `< ${bytes(limits.threshold)} → ${bytes(limits.target)} free`
