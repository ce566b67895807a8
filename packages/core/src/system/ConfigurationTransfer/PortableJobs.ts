/** Schedules and settings of jobs in a document, in which subjects of jobs are identified by name. */
import { Effect, Equal } from "effect"
import type { Jobs } from "../../jobs/Jobs.ts"
import type { JobInfo } from "../../jobs/Run.ts"
import type { PortableJobSettings, PortableSchedule } from "../Configuration.ts"
import { differences, type Gathering } from "./Gathering.ts"

interface Owner {
  readonly jobs: Jobs["Service"]
}

/** A job without subjects, or one subject of a job. */
interface Place {
  readonly job: string
  readonly subject: { readonly id: string; readonly name: string } | null
  readonly schedule: JobInfo["schedule"]
  readonly scheduleEnabled: boolean
}

const placesOf = (jobs: ReadonlyArray<JobInfo>): ReadonlyArray<Place> =>
  jobs.flatMap((info): ReadonlyArray<Place> => {
    const { name: job, schedule, scheduleEnabled, subjects } = info
    return subjects === undefined
      ? [{ job, subject: null, schedule, scheduleEnabled }]
      : subjects.map((each) => ({
          job,
          subject: { id: each.id, name: each.name },
          schedule: each.schedule,
          scheduleEnabled: each.scheduleEnabled
        }))
  })

const named = ({ job, subject }: Place) => ({ job, ...(subject === null ? {} : { subject: subject.name }) })

export const schedulesOf = (jobs: ReadonlyArray<JobInfo>): ReadonlyArray<PortableSchedule> =>
  placesOf(jobs).map(toPortableSchedule)

const toPortableSchedule = (place: Place): PortableSchedule => ({
  ...named(place),
  schedule: place.schedule,
  enabled: place.scheduleEnabled
})

/** The settings of all jobs that have some, as differences from the defaults. */
export const jobSettingsOf = Effect.fnUntraced(function* (jobs: Jobs["Service"], known: ReadonlyArray<JobInfo>) {
  const found: Array<PortableJobSettings> = []
  const configurable = new Set(known.flatMap(({ name, settingsSchema }) => (settingsSchema === null ? [] : [name])))
  for (const place of placesOf(known)) {
    if (!configurable.has(place.job)) continue
    const { defaults, value } = yield* Effect.orDie(jobs.settings(place.job, place.subject?.id))
    const settings = Object.fromEntries(
      Object.entries(value).filter(([key, each]) => !Equal.equals(defaults[key], each))
    )
    found.push({ ...named(place), settings })
  }
  return found
})

export const importSchedules = Effect.fnUntraced(function* (
  { jobs }: Owner,
  { apply, skip }: Gathering,
  given: ReadonlyArray<PortableSchedule>
) {
  const places = placesOf(yield* jobs.list)
  for (const [index, wanted] of given.entries()) {
    const place = placeOf(places, wanted)
    if (place === undefined) {
      skip(["schedules", index], absence(wanted))
      continue
    }
    const { enabled, schedule } = wanted
    const fields = differences(toPortableSchedule(place), wanted)
    if (fields.length === 0) continue
    yield* apply(
      ["schedules", index],
      { section: "schedules", name: textOf(wanted), change: "change", fields },
      jobs.setSchedule(place.job, { schedule, enabled }, place.subject?.id)
    )
  }
})

export const importJobSettings = Effect.fnUntraced(function* (
  { jobs }: Owner,
  { apply, skip }: Gathering,
  given: ReadonlyArray<PortableJobSettings>
) {
  const known = yield* jobs.list
  const places = placesOf(known)
  for (const [index, wanted] of given.entries()) {
    const place = placeOf(places, wanted)
    if (place === undefined) {
      skip(["jobSettings", index], absence(wanted))
      continue
    }
    if (known.find(({ name }) => name === place.job)?.settingsSchema === null) {
      skip(["jobSettings", index], `the job "${place.job}" has no settings here`)
      continue
    }
    const { defaults, value } = yield* Effect.orDie(jobs.settings(place.job, place.subject?.id))
    yield* apply(
      ["jobSettings", index, "settings"],
      {
        section: "jobSettings",
        name: textOf(wanted),
        change: "change",
        fields: differences(value, { ...defaults, ...wanted.settings })
      },
      jobs.replaceSettings(place.job, wanted.settings, place.subject?.id)
    )
  }
})

interface Named {
  readonly job: string
  readonly subject?: string
}

const placeOf = (places: ReadonlyArray<Place>, { job, subject }: Named): Place | undefined =>
  places.find((place) => place.job === job && place.subject?.name === subject)

const textOf = ({ job, subject }: Named): string => (subject === undefined ? job : `${job} (${subject})`)

const absence = ({ job, subject }: Named): string =>
  subject === undefined ? `there is no job "${job}" here` : `there is no job "${job}" for "${subject}" here`
