/** Events of disks. */
import { Schema } from "effect"
import { changeFields } from "../events/Change.ts"
import { eventType, NoPayload } from "../events/EventType.ts"

const category = "capacity"
const ofDisk = { category, subject: "disk-group" } as const
const warning = { ...ofDisk, severity: "warning" } as const
const ofFolder = { category, subject: "integration" } as const

const Pair = Schema.Struct({
  diskGroupIds: Schema.Array(Schema.String).annotate({ description: "Both disks." })
})
const Folder = Schema.Struct({
  path: Schema.String.annotate({ description: "Path of the root folder, as the application sees it." })
})

export const CapacityEvents = {
  breached: eventType("capacity.breached", {
    ...warning,
    description: "A plan was made for a disk that is fuller than its threshold.",
    payload: Schema.Struct({
      neededBytes: Schema.Finite,
      plannedBytes: Schema.Finite,
      limitedBy: Schema.NullOr(Schema.Literals(["caps", "candidates"])).annotate({
        description: "What limited the plan to less than is needed; `null` = nothing."
      })
    })
  }),
  found: eventType("disk-group.found", {
    ...ofDisk,
    description: "An application reported a disk that was not known before.",
    payload: NoPayload
  }),
  updated: eventType("disk-group.updated", {
    ...ofDisk,
    description: "Limits, mode or another setting of a disk was changed.",
    payload: Schema.Struct(changeFields)
  }),
  stale: eventType("disk-group.stale", {
    ...warning,
    description: "A disk was no longer reported by any application.",
    payload: NoPayload
  }),
  dropped: eventType("disk-group.dropped", {
    ...ofDisk,
    description: "A disk that no application had reported for a long time was deleted.",
    payload: NoPayload
  }),
  stopped: eventType("disk-group.stopped", {
    ...warning,
    description: "A disk was stopped: nothing more is planned for it until a person resumes it.",
    payload: NoPayload
  }),
  resumed: eventType("disk-group.resumed", {
    ...ofDisk,
    description: "A person resumed a disk: it is planned again.",
    payload: NoPayload
  }),
  mayBeSame: eventType("disk-group.may-be-same", {
    ...warning,
    description: "Two disks were found to look like one; until a person decides, a run plans only one of them.",
    payload: Pair
  }),
  merged: eventType("disk-group.merged", {
    ...ofDisk,
    description: "A person merged two disks that are one.",
    payload: Pair
  }),
  split: eventType("disk-group.split", {
    ...ofDisk,
    description: "A person split two disks, or declared them different.",
    payload: Pair
  }),
  rootFolderUnreachable: eventType("disk-group.root-folder-unreachable", {
    ...ofFolder,
    severity: "warning",
    description: "An application could not access one of its root folders; nothing is planned there.",
    payload: Folder
  }),
  rootFolderWithoutDisk: eventType("disk-group.root-folder-without-disk", {
    ...ofFolder,
    severity: "warning",
    description: "The disk of a root folder could not be determined; nothing is planned there.",
    payload: Folder
  }),
  rootFolderBack: eventType("disk-group.root-folder-back", {
    ...ofFolder,
    description: "The disk of a root folder was found again.",
    payload: Folder
  })
}
