/** A browser for tests: Chromium of the system, since a pinned one would be a download of its own. */
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

const places = [
  process.env["TENDARR_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
]

/** `undefined` where there is none; with `TENDARR_BROWSER=required` that is a failure. */
export const chromiumPath = places.find((path) => path !== undefined && path !== "" && existsSync(path))

export const isBrowserRequired = process.env["TENDARR_BROWSER"] === "required"

/** With a profile that is new and goes with it. */
export const startChromium = (): Promise<Browser> => {
  if (chromiumPath === undefined) throw new Error("There is no Chromium; TENDARR_CHROMIUM may say where one is")
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
