/** Facts of downloads for rules. Unknown values keep: a rule that would strike needs a condition that is true. */
import { known } from "../library/Facts.ts"
import { inGibibytes, wholeDaysSince } from "../library/Facts/Derivations.ts"
import {
  client,
  type Definitions,
  observed,
  ofClient,
  ofObservation,
  orNone,
  told,
  unknown
} from "./DownloadFactReading.ts"
import { countsTime, creditedSeconds, progressWithin } from "./Observation.ts"
import { usageFacts } from "./UsageFacts.ts"

/** A host and the domains above it, without the top-level one. */
const domainsOf = (host: string): ReadonlyArray<string> => {
  const labels = host.split(".")
  // An address has no domains.
  if (labels.length < 3 || /^[\d.]+$|:/.test(host)) return [host]
  return labels.slice(0, -1).map((_, from) => labels.slice(from).join("."))
}

const minutes = (seconds: number): number => Math.floor(seconds / 60)

export const downloadFacts = {
  name: {
    type: "string",
    title: "Name",
    description: "Name of the download in its client.",
    aliases: ["title"],
    source: client,
    unknown: "never",
    read: orNone(({ download }) => download.name)
  },
  client: {
    type: "string",
    title: "Client",
    description: "Name of the download client.",
    named: "download client",
    source: client,
    unknown: "never",
    read: orNone(({ clientName }) => clientName)
  },
  protocol: {
    type: "string",
    title: "Protocol",
    description: "How it is downloaded.",
    values: ["torrent", "usenet"],
    source: client,
    unknown: "never",
    read: orNone(({ download }) => download.protocol)
  },
  state: {
    type: "string",
    title: "State",
    description: "What it does now.",
    values: ["metadata", "queued", "downloading", "stalled", "paused", "seeding", "completed", "error"],
    source: client,
    unknown: "its client reports a state that this version of Tendarr does not know",
    read: told(({ download }) => (download.state === "unknown" ? null : download.state))
  },
  category: {
    type: "string",
    title: "Category",
    description: "Category or label in its client; empty if it has none.",
    named: "category",
    ...ofClient,
    read: told(({ download }) => download.category)
  },
  tags: {
    type: "strings",
    title: "Tags",
    description: "Its tags in the client.",
    named: "tag",
    ...ofClient,
    read: told(({ download }) => download.tags)
  },
  trackers: {
    type: "strings",
    title: "Trackers",
    description: "Hosts of its trackers.",
    ...ofClient,
    read: told(({ download }) => download.trackers?.map(({ host }) => host) ?? download.trackerHosts)
  },
  trackerDomains: {
    type: "strings",
    title: "Domains of trackers",
    description: "Hosts of its trackers, and every domain that they belong to: example.org for tracker.example.org.",
    ...ofClient,
    read: told(({ download }) => {
      const hosts = download.trackers?.map(({ host }) => host) ?? download.trackerHosts
      return hosts === null ? null : [...new Set(hosts.flatMap(domainsOf))]
    })
  },
  trackerMessages: {
    type: "strings",
    title: "Messages of trackers",
    description: "What its trackers last answered.",
    source: client,
    unknown: "its trackers were not asked",
    read: told(({ download }) => download.trackers?.flatMap(({ message }) => message ?? []) ?? null)
  },
  private: {
    type: "boolean",
    title: "Private",
    description: "Whether it is of a private tracker.",
    source: client,
    unknown: "its client does not say, as for a magnet without its list of files",
    read: told(({ download }) => (download.protocol === "usenet" ? false : download.private))
  },
  sizeBytes: {
    type: "number",
    title: "Size",
    description: "Size of the wanted files.",
    unit: "bytes",
    aliases: ["size"],
    ...ofClient,
    read: told(({ download: { bytes } }) => bytes.wanted ?? bytes.total),
    derived: {
      sizeGb: {
        type: "number",
        title: "Size",
        description: "Size of the wanted files.",
        unit: "GiB",
        read: inGibibytes
      }
    }
  },
  completion: {
    type: "number",
    title: "Completion",
    description: "How much of the wanted bytes it has.",
    unit: "percent",
    ...ofClient,
    read: told(({ download: { progress } }) => (progress === null ? null : progress * 100))
  },
  speed: {
    type: "number",
    title: "Speed",
    description: "Current download speed.",
    unit: "bytes/s",
    ...ofClient,
    read: told(({ download }) => download.speeds.down)
  },
  averageSpeed: {
    type: "number",
    title: "Average speed",
    description: "Download speed over the last minutes in which it could move.",
    unit: "bytes/s",
    source: observed,
    unknown: "it could not move since it was first seen",
    read: (one) =>
      one.observation.averageSpeed === null
        ? unknown(observed, "it could not move yet")
        : known(Math.round(one.observation.averageSpeed), observed, one.at)
  },
  etaHours: {
    type: "number",
    title: "Hours left",
    description: "Hours until it is complete, by its client.",
    unit: "hours",
    ...ofClient,
    read: told(({ download }) => (download.etaSeconds === null ? null : download.etaSeconds / 3600))
  },
  stalledMinutes: {
    type: "number",
    title: "Minutes without progress",
    description:
      "Minutes since its last progress in which it could have moved: not while it waits, is paused, is checked, or its client has no connection.",
    unit: "minutes",
    ...ofObservation,
    read: orNone(({ observation }) => minutes(observation.stalledSeconds))
  },
  metadataMinutes: {
    type: "number",
    title: "Minutes without metadata",
    description: "Minutes in which a magnet could have got its list of files, and did not.",
    unit: "minutes",
    ...ofObservation,
    read: orNone(({ observation }) => minutes(observation.metadataSeconds))
  },
  movableHours: {
    type: "number",
    title: "Hours of downloading",
    description: "Hours in which it could move, since it was first seen.",
    unit: "hours",
    ...ofObservation,
    read: orNone(({ observation }) => observation.movableSeconds / 3600)
  },
  progressLastDay: {
    type: "number",
    title: "Progress of the last day",
    description: "Share of its size that it downloaded in the last 24 hours.",
    unit: "percent",
    source: observed,
    unknown: "it has not been observed for 24 hours, could not move for most of them, or was set back by a check",
    read: ({ at, download: { bytes }, observation }) => {
      const done = progressWithin(observation, 24, at)
      const size = bytes.wanted ?? bytes.total
      return done === null || size === null || size <= 0
        ? unknown(observed, "it was not observed for 24 hours in which it could move")
        : known((done / size) * 100, observed, at)
    }
  },
  availability: {
    type: "number",
    title: "Availability",
    description: "Complete copies within reach; below 1 it cannot be completed now.",
    unit: "copies",
    ...ofClient,
    read: told(({ download }) => download.availability)
  },
  bestAvailability: {
    type: "number",
    title: "Best availability",
    description: "The most complete copies that were ever within reach.",
    unit: "copies",
    ...ofClient,
    read: told(({ observation }) => observation.bestAvailability)
  },
  seenCompleteAt: {
    type: "date",
    title: "Last seen complete",
    description: "When a complete copy was last within reach.",
    ...ofClient,
    read: told(({ download }) => download.seenCompleteAt)
  },
  seeds: {
    type: "number",
    title: "Seeds",
    description: "Connected seeds.",
    unit: "seeds",
    ...ofClient,
    read: told(({ download }) => download.swarm.seedsConnected)
  },
  addedAt: {
    type: "date",
    title: "Added",
    description: "When it was added to its client.",
    ...ofClient,
    read: told(({ download }) => download.addedAt),
    derived: {
      daysSinceAdded: {
        type: "number",
        title: "Days since it was added",
        description: "Whole days since it was added to its client.",
        unit: "days",
        elapsed: true,
        read: wholeDaysSince
      }
    }
  },
  completedAt: {
    type: "date",
    title: "Completed",
    description: "When it was complete; empty if it is not.",
    ...ofClient,
    read: orNone(({ observation }) => observation.completedAt)
  },
  ratio: {
    type: "number",
    title: "Ratio",
    description: "Uploaded by downloaded bytes, the best that was seen.",
    source: client,
    unknown: "its client does not report it, or its counters were set back",
    read: ({ at, clientName, download, observation }) =>
      observation.counterFellAt !== null || download.ratio === "infinite" || observation.bestRatio === null
        ? unknown(clientName, "its counters cannot be relied on")
        : known(observation.bestRatio, clientName, at)
  },
  seedingHours: {
    type: "number",
    title: "Hours of seeding",
    description: "Hours that it has been seeding, as its client counts them.",
    unit: "hours",
    source: client,
    unknown: "its client does not report it, its counters were set back, or the time leapt within the last day",
    read: ({ at, clientName, observation }) =>
      observation.counterFellAt !== null || !countsTime(observation) || observation.bestSeedingSeconds === null
        ? unknown(clientName, "its counters cannot be relied on")
        : known(observation.bestSeedingSeconds / 3600, clientName, at)
  },
  creditedHours: {
    type: "number",
    title: "Hours of seeding, credited",
    description:
      "Hours of seeding that a tracker has probably counted: those of its client, or those that were seen with a working tracker if they are fewer.",
    unit: "hours",
    source: observed,
    unknown: "its client does not report its seeding time, or its counters were set back",
    read: ({ at, observation }) => {
      const seconds = creditedSeconds(observation)
      return seconds === null
        ? unknown(observed, "the counters of its client cannot be relied on")
        : known(seconds / 3600, observed, at)
    }
  },
  lastActiveAt: {
    type: "date",
    title: "Last active",
    description:
      "When it last uploaded or downloaded something, or when one of its trackers worked again after all had failed: until then, nobody could ask for it.",
    source: client,
    unknown: "its client does not report it, or none of its trackers works",
    read: (one) => {
      const { download, observation } = one
      if (observation.trackersDownSince !== null) return unknown(observed, "none of its trackers works")
      const { trackersBackAt: back } = observation
      return told(() =>
        back === undefined || download.lastActiveAt === null || download.lastActiveAt > back
          ? download.lastActiveAt
          : back
      )(one, null)
    },
    derived: {
      daysInactive: {
        type: "number",
        title: "Days without activity",
        description: "Whole days since it last uploaded or downloaded something.",
        unit: "days",
        elapsed: true,
        read: wholeDaysSince
      }
    }
  },
  swarmSeeds: {
    type: "number",
    title: "Seeds of the swarm",
    description: "Complete copies that its trackers know of.",
    unit: "seeds",
    ...ofClient,
    read: told(({ download }) => download.swarm.seedsTotal)
  },
  trackersDownHours: {
    type: "number",
    title: "Hours without a tracker",
    description: "Hours since all of its trackers failed; 0 if one works.",
    unit: "hours",
    source: observed,
    unknown: "its trackers were not asked",
    read: ({ at, download, observation: { trackersDownSince } }) =>
      download.trackers === null
        ? unknown(observed, "its trackers were not asked")
        : known(
            trackersDownSince === null ? 0 : (Date.parse(at) - Date.parse(trackersDownSince)) / 3_600_000,
            observed,
            at
          )
  },
  faults: {
    type: "strings",
    title: "Faults",
    description: "What is wrong with it now.",
    values: [
      "stalled",
      "slow",
      "metadata",
      "failed-import",
      "failed-download",
      "missing-files",
      "unregistered",
      "held"
    ],
    ...ofObservation,
    read: orNone(({ faults }) => faults.map(({ kind }) => kind))
  },
  faultOf: {
    type: "strings",
    title: "Whose fault",
    description: "Whose faults these are.",
    values: ["release", "environment", "person", "wait", "nobody"],
    ...ofObservation,
    read: orNone(({ faults }) => [...new Set(faults.map(({ owner }) => owner))])
  },
  ...usageFacts,
  strikes: {
    type: "number",
    title: "Strikes",
    description: "Strikes that it has now.",
    unit: "strikes",
    ...ofObservation,
    read: orNone(({ strikes }) => strikes)
  }
} as const satisfies Definitions

export type DownloadFactName = keyof typeof downloadFacts
