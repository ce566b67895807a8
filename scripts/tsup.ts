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
    // One character outside Latin-1 would double the memory of a whole file.
    options.charset = "ascii"
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
 * An `import` of node:http reads all of its exports, among them `WebSocket`, for which Node loads its own HTTP client:
 * 10 MB and 30 ms at every start. This one reads those that are used.
 */
const httpOnDemand: Plugin = {
  name: "http-on-demand",
  setup: (build) => {
    build.onResolve({ filter: /^(node:)?http$/ }, () => ({ path: "node:http", namespace: "http-on-demand" }))
    build.onLoad({ filter: /./, namespace: "http-on-demand" }, () => ({
      contents: `module.exports = process.getBuiltinModule("node:http")`
    }))
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
  esbuildPlugins: [withoutForeignPages, httpOnDemand],
  // CommonJS inside the bundle needs a `require`, which ES modules do not have.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);'
  },
  ...options
})
