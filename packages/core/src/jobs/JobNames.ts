/**
 * Names of the built-in jobs: they are stored with every run and schedule and are part of the API, so they never
 * change.
 */

/** Reads every integration. */
export const syncJob = "library-sync"
/** The main job: scores the library and plans removals. */
export const capacityJob = "capacity"
/** Carries out due removals. */
export const removalsJob = "removals"
/** Runs one acting rule. */
export const ruleJob = "rule"
export const backupJob = "backup"
export const housekeepingJob = "housekeeping"
/** Runs the rules about downloads. */
export const cleaningJob = "download-cleaning"
/** Reads the hard links of downloads. */
export const linksJob = "download-links"
/** Moves orphaned files into quarantine. */
export const orphansJob = "orphaned-files"
/** Runs the rules about seeding. */
export const seedingJob = "seeding"
/** Compares the files of downloads with lists of names. */
export const malwareJob = "malware-blocking"
/** Hands downloads that were not imported to their applications. */
export const importsJob = "download-imports"
/** Reads lists of names from their sources. */
export const nameListsJob = "name-lists"
