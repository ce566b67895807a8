/** How facts of downloads are read. A value that nobody reports is unknown, which keeps. */
import { type Fact, type FactValue, known } from "../library/Facts.ts"
import type { FactDefinition } from "../library/Facts/Definition.ts"
import type { Downloading, DownloadOwner } from "./Downloading.ts"

type Definition = FactDefinition<Downloading, null>
export type Definitions = { readonly [name: string]: Definition }

export const client = "the download client"
export const application = "the application that had it fetched"
export const observed = "Tendarr's own readings"
export const fileSystem = "the file system"

export const unknown = (source: string, detail: string): Fact => ({
  _tag: "Unknown",
  reason: "not-told",
  detail,
  source
})

/** A value of the client; `null` is unknown, since a client that does not report it does not say "none". */
export const told =
  (read: (one: Downloading) => FactValue): Definition["read"] =>
  (one) => {
    const value = read(one)
    return value === null ? unknown(one.clientName, "its client does not say") : known(value, one.clientName, one.at)
  }

/** A value of the client of which `null` means none. */
export const orNone =
  (read: (one: Downloading) => FactValue): Definition["read"] =>
  (one) =>
    known(read(one), one.clientName, one.at)

export const ofOwner =
  (read: (owner: DownloadOwner) => FactValue): Definition["read"] =>
  (one) => {
    const { ownership } = one
    if (ownership._tag === "Unknown") return unknown(application, ownership.because)
    if (ownership._tag === "Nobody") return known(null, "all applications", one.at)
    return known(read(ownership.owner), ownership.owner.name, one.at)
  }

export const ofClient = { source: client, unknown: "its client does not report it" } as const
export const ofApplication = { source: application, unknown: "one of the applications could not be read" } as const
export const ofObservation = { source: observed, unknown: "never" } as const
