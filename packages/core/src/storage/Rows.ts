/** How values are stored in columns: JSON as text, booleans as 0 and 1. */

export const toJson = (value: unknown): string => JSON.stringify(value)

/** For migrations. Rooms read documents by `StoredDocuments.ts`, and rows by `StoredRows.ts`. */
export const fromJson = <A>(text: string): A => JSON.parse(text) as A

export const toBit = (value: boolean): 0 | 1 => (value ? 1 : 0)

export const fromBit = (value: number): boolean => value !== 0
