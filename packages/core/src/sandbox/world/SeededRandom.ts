/**
 * The sandbox's random generator: the same seed generates the same world on every machine and runtime. It is forked by
 * name, so that a change in how one part is generated does not affect the others.
 */
export class SeededRandom {
  readonly #seed: string
  #state: number

  constructor(seed: string) {
    this.#seed = seed
    this.#state = fnv1a(seed)
  }

  /** An independent generator, determined only by this one's seed and `name`. */
  fork(name: string): SeededRandom {
    return new SeededRandom(`${this.#seed}/${name}`)
  }

  /** 0 (included) to 1 (excluded): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** A real number from `low` up to `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  /** A whole number, both ends included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  /** Like `between`, but small values are far more likely: `shape` 1 is even, 3 is strongly skewed. */
  skewed(low: number, high: number, shape: number): number {
    return low + this.next() ** shape * (high - low)
  }

  pick<A>(values: readonly [A, ...ReadonlyArray<A>]): A {
    return values[Math.floor(this.next() * values.length)] ?? values[0]
  }

  /** One of `entries`, each as likely as its weight. */
  weighted<A>(entries: readonly [readonly [A, number], ...ReadonlyArray<readonly [A, number]>]): A {
    let rest = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [value, weight] of entries) {
      rest -= weight
      if (rest < 0) return value
    }
    return entries[0][0]
  }

  /** `count` different values, in their original order. */
  some<A>(values: ReadonlyArray<A>, count: number): ReadonlyArray<A> {
    const chosen = new Set<number>()
    while (chosen.size < Math.min(count, values.length)) chosen.add(Math.floor(this.next() * values.length))
    return values.filter((_, index) => chosen.has(index))
  }

  /** A random UUID with a valid format. */
  uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-8${this.hex(3)}-${this.hex(12)}`
  }

  hex(digits: number): string {
    let text = ""
    while (text.length < digits) text += Math.floor(this.next() * 16).toString(16)
    return text
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash | 0
}
