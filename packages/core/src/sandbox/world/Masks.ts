/** Sets of small numbers as bits: number n is bit n - 1. Used for episodes, tracks or parts with a file. */

/** All numbers up to `count`. */
export const fullMask = (count: number): number => 2 ** count - 1

export const hasBit = (mask: number, number: number): boolean => ((mask >>> (number - 1)) & 1) === 1

export const numbersUpTo = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, at) => at + 1)

/** The size of one of `count` files that together have exactly `sizeBytes`: all but the last are equal. */
export const shareOf = (sizeBytes: number, count: number, number: number): number => {
  const even = Math.floor(sizeBytes / count)
  return number === count ? sizeBytes - even * (count - 1) : even
}
