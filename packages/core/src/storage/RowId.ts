/** Ids are strings to clients and whole numbers in the database. */

/** The number of a row; -1, which no row has, for a text that is not such a number. */
export const rowId = (id: string): number => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) : -1)

/** A position in a log, from 0 (before the first entry) on; `null` for a text that is not one. */
export const placeOf = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null)
