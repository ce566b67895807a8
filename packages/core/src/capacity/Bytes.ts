/** Sizes formatted for people. */

const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"] as const

/** `57937393296` → `53.96 GiB`; binary units, two decimals. */
export const formatBytes = (bytes: number): string => {
  const { unit, value } = scaled(bytes, 1024)
  return `${bytes < 0 ? "-" : ""}${unit === 0 ? value : value.toFixed(2)} ${units[unit]}`
}

/** `12.3 GiB`: three significant digits, for tables and summaries. */
export const shortBytes = (bytes: number): string => {
  // What would be rounded to 1024 is shown in the next unit.
  const { unit, value } = scaled(bytes, 1023.95)
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${bytes < 0 ? "-" : ""}${value.toFixed(digits)} ${unit === 0 ? "B" : units[unit]}`
}

const scaled = (bytes: number, most: number) => {
  let value = Math.abs(bytes)
  let unit = 0
  while (value >= most && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return { value, unit }
}
