/** The version of this build, from the package manifest. */
import manifest from "../../package.json" with { type: "json" }

export const version: string = manifest.version
