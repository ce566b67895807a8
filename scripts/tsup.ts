/** How packages are built: libraries with their dependencies outside, programs with everything inside. */
import { readFileSync } from "node:fs"
import { type Options } from "tsup"

type Plugin = NonNullable<Options["esbuildPlugins"]>[number]

const common = {
  format: "esm",
  platform: "node",
  target: "node22",
  dts: false,
  // Without this, tsup rewrites `node:sqlite` to `sqlite`, which no runtime has.
  removeNodeProtocol: false,
  // Modules of Bun itself, and optional dependencies; in tsup, `noExternal` takes precedence over `external`.
  esbuildOptions: (options) => {
    options.external = [...(options.external ?? []), "bun:*", "sharp"]
  },
  silent: true
} satisfies Options

/** The modules that the package in the current directory exports, by the paths of their files in `dist`. */
const listed = (): Record<string, string> => {
  const { main, ownPackages, supported } = JSON.parse(readFileSync("exports.json", "utf8")) as {
    readonly main: string
    readonly supported: ReadonlyArray<string>
    readonly ownPackages: ReadonlyArray<string>
  }
  return Object.fromEntries([main, ...supported, ...ownPackages].map((module) => [module, `src/${module}.ts`]))
}

/** One file per exported module, and shared chunks. Dependencies of package.json are not bundled. */
export const library = (options: Options = {}): Options => ({
  ...common,
  entry: listed(),
  splitting: true,
  ...options
})

/** Effect brings two reference pages of 5 MB in all, loaded lazily by functions that Tendarr does not call. */
const withoutForeignPages: Plugin = {
  name: "without-foreign-pages",
  setup: (build) => {
    build.onLoad({ filter: /http-api[\\/]internal[\\/]httpApi(Scalar|Swagger)\.js$/ }, () => ({ contents: "" }))
  }
}

/**
 * Bundles everything, so that a start reads one file instead of a thousand. What a program loads lazily becomes a separate
 * chunk.
 */
export const program = (options: Options): Options => ({
  ...common,
  splitting: true,
  minifySyntax: true,
  minifyWhitespace: true,
  noExternal: [/.*/],
  esbuildPlugins: [withoutForeignPages],
  // CommonJS inside the bundle needs a `require`, which ES modules do not have.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);'
  },
  ...options
})
