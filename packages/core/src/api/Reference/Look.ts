/** The style and the one script of the reference page, and the content security policy that allows nothing else. */
import { createHash } from "node:crypto"
import type { Html } from "../Html.ts"

const style = `
:root { color-scheme: light dark; --page: #fbfaf7; --ink: #23211d; --soft: #6b665c; --line: #e2ddd2; --card: #ffffff; --code: #f1eee6; --link: #1c5fa8; --get: #1c6b46; --post: #1c5fa8; --put: #8a5a00; --patch: #7a3f9d; --delete: #a8321c; }
@media (prefers-color-scheme: dark) { :root { --page: #16171a; --ink: #e6e3dc; --soft: #a09a8e; --line: #33353b; --card: #1d1f23; --code: #26282e; --link: #84b8f2; --get: #6fce9f; --post: #84b8f2; --put: #e0b35a; --patch: #cf9bea; --delete: #f08a72; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em; }
p { margin: .4rem 0; max-width: 46rem; }
.frame { display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border-right: 1px solid var(--line); padding: 1rem 1rem 3rem 1.25rem; font-size: .875rem; }
nav h2 { margin: 1.1rem 0 .2rem; font-size: .75rem; letter-spacing: .06em; text-transform: uppercase; }
nav h2 a { color: var(--soft); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { display: flex; gap: .5rem; align-items: baseline; }
nav li a { padding: .1rem 0; color: var(--ink); overflow-wrap: anywhere; }
nav .method { flex: none; width: 3.1rem; text-align: right; font-size: .625rem; }
nav input { width: 100%; padding: .45rem .6rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .375rem; }
main { padding: 1.5rem 2.5rem 6rem; max-width: 66rem; }
h1 { margin: 0 0 .25rem; font-size: 1.9rem; line-height: 1.2; }
main h2 { margin: 3rem 0 .25rem; font-size: 1.35rem; text-transform: capitalize; }
h3 { margin: 0; font-size: 1.05rem; }
h3 a { color: inherit; }
h4 { margin: 1.1rem 0 .3rem; font-size: .8125rem; color: var(--soft); font-weight: 600; }
.operation, .schema, .card { margin: 1rem 0; padding: 1rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
.operation:target, .schema:target { border-color: var(--link); }
.line { display: flex; flex-wrap: wrap; gap: .3rem .6rem; align-items: baseline; margin: .25rem 0 .5rem; max-width: none; }
.method { font-weight: 700; font-size: .75rem; font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .patch { color: var(--patch); } .delete { color: var(--delete); }
.path { overflow-wrap: anywhere; }
var { font-style: normal; color: var(--put); }
.access, .remark, .media, .bounds, .status { font-size: .75rem; color: var(--soft); font-weight: 400; }
.access { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .55rem; margin-left: auto; }
.remark { margin-left: .5rem; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.fields th { width: 13rem; font-weight: 400; }
.fields .fields { margin: .3rem 0 0; border-left: 2px solid var(--line); }
.fields .fields th { width: 10rem; padding-left: .75rem; }
.problems td:first-child { width: 3rem; } .problems td:nth-child(2) { width: 15rem; }
td p { margin: .15rem 0; }
pre { margin: 1rem 0 0; padding: .75rem 1rem; overflow-x: auto; background: var(--code); border-radius: .375rem; line-height: 1.45; }
p code, li code, td p code { background: var(--code); padding: .05rem .3rem; border-radius: .25rem; }
details { margin-top: 1rem; } summary { cursor: pointer; font-size: .8125rem; color: var(--soft); }
[hidden] { display: none !important; }
@media (max-width: 60rem) { .frame { display: block; } nav { position: static; height: auto; max-height: 22rem; border-right: 0; border-bottom: 1px solid var(--line); } main { padding: 1.25rem 1rem 4rem; } .fields th { width: 9rem; } .problems td:nth-child(2) { width: 10rem; } }
@media print { nav { display: none; } .frame { display: block; } }
`

/** Shows the filter, which does not work without a script, and hides entries that do not match it. */
const script = `
const box = document.getElementById("filter")
const entries = [...document.querySelectorAll("[data-words]")]
const groups = [...document.querySelectorAll("[data-group]")]
box.hidden = false
box.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean)
  for (const entry of entries) entry.hidden = !words.every((word) => entry.dataset.words.includes(word))
  for (const group of groups) group.hidden = !group.querySelector("[data-words]:not([hidden])")
})
`

// Built by hand: both must appear on the page exactly as hashed in the policy.
export const styleElement: Html = { html: `<style>${style}</style>` }
export const scriptElement: Html = { html: `<script>${script}</script>` }

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Allows only this style and this script, and no requests. */
export const referencePolicy = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join("; ")
