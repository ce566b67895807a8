/** Ids are strings to clients and whole numbers in the database. */

/** The number of a row; -1, which names none, for a text that is no such number. */
export const rowId = (id: string): number => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) : -1)

/** A place in a log, from 0 (before the first entry) on; `null` for a text that is none. */
export const placeOf = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null)
