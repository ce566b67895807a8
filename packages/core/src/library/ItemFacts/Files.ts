/** An item's files: how large and how good they are. */
import { inGibibytes, isZero, linesOf } from "../Facts/Derivations.ts"
import { catalog, type ItemFacts, managed, managedWhole } from "./Definition.ts"
import { through } from "./Through.ts"

export const files = {
  sizeBytes: {
    type: "number",
    title: "Size (bytes)",
    description: "Size on disk.",
    unit: "bytes",
    aliases: ["size", "file_size"],
    ...managed,
    read: (item, { sources }) => through(sources.catalog(item.integrationId), item.sizeBytes),
    derived: {
      sizeGb: {
        type: "number",
        title: "Size (GiB)",
        description: "Size on disk in units of 2^30 bytes.",
        unit: "GiB",
        aliases: ["size_gib"],
        read: inGibibytes
      },
      empty: {
        type: "boolean",
        title: "Empty",
        description: "Whether it has no file at all.",
        read: isZero
      }
    }
  },
  qualityProfile: {
    type: "string",
    title: "Quality profile",
    description: "Name of the quality profile.",
    aliases: ["quality", "profile"],
    named: "quality profile",
    ...managedWhole,
    read: catalog("qualityProfile")
  },
  qualityProfileId: {
    type: "number",
    title: "Number of the quality profile",
    description: "The number by which the managing application knows the quality profile.",
    aliases: ["profile_id"],
    ...managedWhole,
    read: catalog("qualityProfileId")
  },
  resolution: {
    type: "string",
    title: "Resolution",
    description: "Resolution by name.",
    values: ["2160p", "1080p", "720p", "576p", "480p"],
    ...managed,
    read: catalog("resolution"),
    derived: {
      resolutionNumber: {
        type: "number",
        title: "Resolution (lines)",
        description: "Lines of the picture: 2160 for 4K, 576 for SD. None if the resolution is none.",
        read: linesOf
      }
    }
  },
  videoCodec: {
    type: "string",
    title: "Video codec",
    description: "Video codec.",
    aliases: ["codec"],
    ...managed,
    read: catalog("videoCodec")
  },
  audioCodec: {
    type: "string",
    title: "Audio codec",
    description: "Audio codec.",
    ...managed,
    read: catalog("audioCodec")
  },
  hdr: {
    type: "string",
    title: "HDR",
    description: "Dynamic range.",
    values: ["none", "hdr10", "hdr10+", "dv", "hlg"],
    ...managed,
    read: catalog("hdr")
  },
  bitrate: {
    type: "number",
    title: "Bit rate",
    description: "Bit rate of the file.",
    unit: "bits/s",
    ...managed,
    read: catalog("bitrate")
  }
} as const satisfies ItemFacts
