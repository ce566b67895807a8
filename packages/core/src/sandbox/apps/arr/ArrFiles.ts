/** File fields in responses of the arrs: quality, media info, and name. */
import type { Quality } from "../../world/WorldModel.ts"

/** `web` is `webdl` for Radarr and `web` for Sonarr; only Radarr has `modifier`. */
export const qualityAnswer = (quality: Quality, family: "movie" | "episode") => {
  const pixels = Number.parseInt(quality.resolution, 10)
  const bluray = quality.source === "bluray"
  const web = family === "movie" ? "webdl" : "web"
  return {
    quality: {
      id: qualityIds[quality.source][quality.resolution],
      name: `${bluray ? "Bluray" : "WEBDL"}-${quality.resolution}`,
      source: bluray ? "bluray" : web,
      resolution: pixels,
      ...(family === "movie" ? { modifier: "none" } : {})
    },
    revision: { version: 1, real: 0, isRepack: false }
  }
}

export const mediaInfoAnswer = (quality: Quality, sizeBytes: number, minutes: number) => ({
  audioBitrate: 640_000,
  audioChannels: quality.audioCodec === "AAC" ? 2 : 5.1,
  audioCodec: quality.audioCodec,
  audioLanguages: "eng",
  audioStreamCount: 1,
  videoBitDepth: quality.dynamicRange === "" ? 8 : 10,
  videoBitrate: Math.max(0, Math.round((sizeBytes * 8) / (minutes * 60)) - 640_000),
  videoCodec: quality.videoCodec,
  videoFps: 23.976,
  videoDynamicRange: quality.dynamicRange === "" ? "" : "HDR",
  videoDynamicRangeType: quality.dynamicRange,
  resolution: dimensions[quality.resolution],
  runTime: `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:00`,
  scanType: "Progressive",
  subtitles: "eng"
})

export const releaseName = (title: string, suffix: string, quality: Quality): string =>
  `${title.replace(/[^A-Za-z0-9]+/g, ".")}.${suffix}.${quality.resolution}.${quality.source === "bluray" ? "BluRay" : "WEB-DL"}.${quality.videoCodec}-${releaseGroup}`

export const releaseGroup = "SANDBOX"

const qualityIds = {
  bluray: { "720p": 6, "1080p": 7, "2160p": 19 },
  web: { "720p": 5, "1080p": 3, "2160p": 18 }
} as const
const dimensions = { "720p": "1280x536", "1080p": "1920x804", "2160p": "3840x1608" } as const
