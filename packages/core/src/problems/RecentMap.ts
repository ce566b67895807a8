/**
 * A map for state in memory whose keys come from outside: an entry that has not been used for a while is dropped, and
 * beyond a number the least recently used one. There are no timers: what has expired is dropped by the next `drop`.
 */
export interface RecentMapOptions<V> {
  /** Number of entries, exceeded only while more of them are held. */
  readonly maximum: number
  /** How long an entry is kept after its last use. */
  readonly idleMillis: number
  /** Whether an entry must not be dropped now, however old it is. */
  readonly held?: (value: V) => boolean
}

/** Times are milliseconds of a monotonic clock (`passedMillis`). */
export class RecentMap<K, V> {
  /** In order of last use. */
  private readonly entries = new Map<K, { readonly value: V; readonly usedAt: number }>()
  private readonly options: RecentMapOptions<V>

  constructor(options: RecentMapOptions<V>) {
    this.options = options
  }

  get size(): number {
    return this.entries.size
  }

  get(key: K): V | undefined {
    return this.entries.get(key)?.value
  }

  /** Sets the value of a key, which counts as a use of it, and drops what has expired or is too much. */
  set(key: K, value: V, now: number): void {
    this.entries.delete(key)
    this.entries.set(key, { value, usedAt: now })
    this.drop(now)
  }

  delete(key: K): void {
    this.entries.delete(key)
  }

  /** Drops what has expired, and beyond the maximum what was used least recently. */
  drop(now: number): void {
    const { held = () => false, idleMillis, maximum } = this.options
    for (const [key, { usedAt, value }] of this.entries) {
      if (this.entries.size <= maximum && now - usedAt < idleMillis) break
      if (!held(value)) this.entries.delete(key)
    }
  }
}
