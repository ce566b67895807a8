/** The names of the jobs that Tendarr brings: stored with every run and schedule, and part of the API, so they never change. */

/** Reads every integration. */
export const syncJob = "library-sync"
/** The main job: scores the library and plans removals. */
export const capacityJob = "capacity"
/** Carries out what is due. */
export const removalsJob = "removals"
export const backupJob = "backup"
export const housekeepingJob = "housekeeping"
