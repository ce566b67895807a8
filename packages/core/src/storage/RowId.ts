/** Ids are strings to clients and whole numbers in the database. What is no such number names no row. */
export const rowId = (id: string): number => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) : -1)
