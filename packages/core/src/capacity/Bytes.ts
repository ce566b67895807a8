/** Sizes formatted for people. */

const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] as const

/** `57937393296` → `53.96 GiB`; binary units, two decimals. */
export const formatBytes = (bytes: number): string => {
  let value = Math.abs(bytes)
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const text = unit === 0 ? String(value) : value.toFixed(2)
  return `${bytes < 0 ? "-" : ""}${text} ${units[unit] ?? "bytes"}`
}
