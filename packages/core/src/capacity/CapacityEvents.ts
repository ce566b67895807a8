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
  path: Schema.String.annotate({ description: "The root folder, as the application names it." })
})

export const CapacityEvents = {
  breached: eventType("capacity.breached", {
    ...warning,
    description: "A plan was made for a disk that is fuller than its threshold.",
    payload: Schema.Struct({
      neededBytes: Schema.Finite,
      plannedBytes: Schema.Finite,
      limitedBy: Schema.NullOr(Schema.Literals(["caps", "candidates"])).annotate({
        description: "What keeps the plan from freeing all that is needed; `null` = nothing."
      })
    })
  }),
  found: eventType("disk-group.found", {
    ...ofDisk,
    description: "An application reports a disk that was not known.",
    payload: NoPayload
  }),
  updated: eventType("disk-group.updated", {
    ...ofDisk,
    description: "Limits, mode or another setting of a disk was changed.",
    payload: Schema.Struct(changeFields)
  }),
  stale: eventType("disk-group.stale", {
    ...warning,
    description: "No application reports a disk any more.",
    payload: NoPayload
  }),
  dropped: eventType("disk-group.dropped", {
    ...ofDisk,
    description: "A disk that no application has reported for long is forgotten.",
    payload: NoPayload
  }),
  stopped: eventType("disk-group.stopped", {
    ...warning,
    description: "Nothing more is planned for a disk until a person resumes it.",
    payload: NoPayload
  }),
  resumed: eventType("disk-group.resumed", {
    ...ofDisk,
    description: "A person lets planning for a disk go on.",
    payload: NoPayload
  }),
  mayBeSame: eventType("disk-group.may-be-same", {
    ...warning,
    description: "Two disks look like one; until a person has said, one of them is planned in a run.",
    payload: Pair
  }),
  merged: eventType("disk-group.merged", {
    ...ofDisk,
    description: "A person has said that two disks are one.",
    payload: Pair
  }),
  split: eventType("disk-group.split", {
    ...ofDisk,
    description: "A person has said that two disks are not one.",
    payload: Pair
  }),
  rootFolderUnreachable: eventType("disk-group.root-folder-unreachable", {
    ...ofFolder,
    severity: "warning",
    description: "An application cannot reach one of its root folders; nothing is planned there.",
    payload: Folder
  }),
  rootFolderWithoutDisk: eventType("disk-group.root-folder-without-disk", {
    ...ofFolder,
    severity: "warning",
    description: "No disk is known on which a root folder stands; nothing is planned there.",
    payload: Folder
  }),
  rootFolderBack: eventType("disk-group.root-folder-back", {
    ...ofFolder,
    description: "A root folder stands on a disk again.",
    payload: Folder
  })
}
