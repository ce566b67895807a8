/** A browser for tests: the Chromium of the system, since a pinned one would have to be downloaded. */
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

const places = [
  process.env["TENDARR_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
]

/** `undefined` if there is none; with `TENDARR_BROWSER=required` that is a failure. */
export const chromiumPath = places.find((path) => path !== undefined && path !== "" && existsSync(path))

export const isBrowserRequired = process.env["TENDARR_BROWSER"] === "required"

/** Starts the browser with a new profile, which is deleted with it. */
export const startChromium = (): Promise<Browser> => {
  if (chromiumPath === undefined) throw new Error("There is no Chromium; set TENDARR_CHROMIUM to the path of one")
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync"
    ]
  })
}
