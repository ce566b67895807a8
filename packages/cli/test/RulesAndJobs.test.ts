import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ask, patient, spawned, type ServedSandbox, serveSandbox } from "./support/Cli.ts"
import { servedCommands } from "./support/ServedCommands.ts"

describe("over HTTP", patient, () => {
  let served: ServedSandbox
  beforeAll(async () => {
    served = await serveSandbox()
  }, patient.timeout)
  afterAll(() => served.stop())

  const { fails, json, run } = servedCommands(() => served)

  describe("rules", () => {
    it("are created from one line, a file or standard input, also in the form in which they are shown", async () => {
      const added = await json<{ id: string; condition: object; scope: object }>(
        "rules",
        "add",
        "--name",
        "Old and unseen",
        "--effect",
        "prefer-remove",
        "--when",
        "year<2000",
        "--when",
        "playCount = 0",
        "--kind",
        "movie",
        "--integration",
        "radarr"
      )
      expect(added.condition).toEqual({
        kind: "group",
        logic: "AND",
        children: [
          { kind: "condition", field: "year", operator: "lessThan", value: "2000" },
          { kind: "condition", field: "playCount", operator: "equals", value: "0" }
        ]
      })
      expect(added.scope).toEqual({ itemKinds: ["movie"], integrationIds: ["1"] })
      const shown = await run(["rules", "show", "old and unseen", "--json"])
      const copied = await spawned(["rules", "add", "--file", "-", "--name", "Copy", "--off"], {
        env: served.env,
        input: shown.stdout
      })
      expect([copied.code, copied.stderr]).toEqual([0, ""])
      expect(copied.stdout).toContain("When year lessThan 2000 and playCount equals 0")
      expect(copied.stdout).toContain("disabled")
      const list = (await run(["rules", "list"])).stdout
      expect(list).toMatch(/Old and unseen\s+prefer-remove\s/)
      expect(list).toMatch(/Copy\s+prefer-remove \(off\)/)
    })

    it("are refused with the name of the invalid field, and the nearest valid name", async () => {
      const add = ["rules", "add", "--name", "X", "--effect", "lean-keep"]
      expect(await fails(1, [...add, "--when", "yaer > 3"])).toMatch(
        /condition\.field: .*did you mean year\?.*\[invalid-request\]/
      )
      expect(await fails(2, [...add, "--when", "year greaterThen 3"])).toContain("Did you mean greaterThan?")
      expect(await fails(2, [...add, "--when", "year"])).toContain("is not a condition")
      expect(await fails(2, ["rules", "add", "--when", "year > 3"])).toContain("--name, --effect")
      expect(await fails(2, [...add, "--file", "-"], { input: "{" })).toContain("is not JSON")
      expect(await fails(2, [...add, "--file", "-"], { input: '{"condtion":1}' })).toContain("has no field condtion")
      expect(await fails(2, ["rules", "add", "--name", "X", "--effect", "leen-keep", "--when", "year > 3"])).toContain(
        "Did you mean lean-keep?"
      )
      expect(await fails(1, [...add, "--when", "year > 3", "--subject", "itme"])).toMatch(
        /subject: .*did you mean item\?.*\[invalid-request\]/
      )
      expect(await fails(1, ["rules", "list", "--subject", "itme"])).toContain("did you mean item?")
      expect(await fails(1, ["rules", "show", "Old and unsen"])).toContain('Did you mean "Old and unseen"?')
      expect(await fails(2, ["rules", "fields", "yeer"])).toContain("Did you mean year?")
    })

    it("are changed, moved to another position, and deleted after a confirmation", async () => {
      await json("rules", "edit", "Copy", "--name", "Third", "--when", "rating >= 8", "--effect", "always-keep")
      await json("rules", "enable", "Third")
      const ordered = await json<{ items: ReadonlyArray<{ name: string }> }>("rules", "move", "Third", "--first")
      expect(ordered.items.map(({ name }) => name)).toEqual(["Third", "Old and unseen"])
      expect(await fails(1, ["rules", "move", "Third", "--to", "3"])).toContain("Positions are 1 to 2")
      expect(await fails(2, ["rules", "move", "Third"])).toContain("Give one of")
      expect(await fails(2, ["rules", "remove", "Third"])).toContain("--yes")
      expect((await run(["rules", "remove", "Third", "--yes"])).code).toBe(0)
      expect(await fails(1, ["rules", "remove", "Third", "--yes"])).toContain("[rule-not-found]")
    })

    it("are shown with their unknown names, in the list and by doctor", async () => {
      const added = await json<{ id: string; warnings: ReadonlyArray<string> }>(
        "rules",
        "add",
        "--name",
        "Nowhere",
        "--effect",
        "lean-keep",
        "--when",
        "year > 1900",
        "--library",
        "Moviez"
      )
      expect(added.warnings).toHaveLength(1)
      expect(added.warnings[0]).toMatch(/^No item has the library "Moviez"/)
      expect((await run(["rules", "list"])).stdout).toMatch(/! Nowhere[\s\S]*! No item has the library "Moviez"/)
      expect((await run(["doctor"])).stdout).toMatch(/warn {2}rule:\d+: "Nowhere": No item has the library/)
      const preview = await run(["rules", "preview", "Nowhere"])
      expect(preview.stdout).toContain('! No item has the library "Moviez"')
      expect((await run(["rules", "acknowledge", "Nowhere"])).stdout).toContain("has no lost names")
      expect(await fails(1, ["rules", "add", "--file", "-"], { input: withScope(["999"]) })).toContain(
        "scope.integrationIds.0: there is no integration 999"
      )
      expect((await run(["rules", "remove", "Nowhere", "--yes"])).code).toBe(0)
    })

    it("act by themselves: written with flags, run, started from templates, and shared", async () => {
      const unseen = ["--when", "neverWatched = true", "--when", "daysSinceAdded > 365"]
      const added = await json<{ effect: string; action: object; priority: number }>(
        "rules",
        "add",
        "--name",
        "Unseen",
        "--act",
        "remove",
        "--grace-days",
        "14",
        "--approval",
        "--priority",
        "5",
        ...unseen
      )
      expect([added.effect, added.priority]).toEqual(["act", 5])
      expect(added.action).toEqual({ type: "remove", graceDays: 14, approval: true })
      expect((await run(["rules", "list"])).stdout).toMatch(
        /Unseen\s+act\s+remove, after 14 days, once approved, priority 5/
      )
      const dry = await run(["rules", "run", "Unseen", "--dry-run"])
      expect([dry.code, dry.stdout]).toEqual([
        0,
        expect.stringMatching(/^Matches \d+ items?, [\s\S]*Nothing was written/)
      ])
      expect((await run(["rules", "preview", "Unseen"])).stdout).toMatch(/Newly queued: \d+|Held: /)
      expect(await fails(1, ["rules", "run", "Old and unseen"])).toContain("[rule-does-not-act]")
      expect(await fails(2, ["rules", "edit", "Unseen", "--unmonitor"])).toContain("--unmonitor needs --act change")
      expect(await fails(1, ["rules", "add", "--name", "Y", "--act", "change", ...unseen])).toContain("changes nothing")
      expect(await fails(1, ["rules", "edit", "Old and unseen", "--priority", "3"])).toContain("priority: a rule with")
      const edited = await json<{ action: object }>("rules", "edit", "Unseen", "--grace-days", "21", "--no-approval")
      expect(edited.action).toEqual({ type: "remove", graceDays: 21, approval: false })
      const changed = await json<{ action: object }>("rules", "edit", "Unseen", "--act", "change", "--add-tag", "old")
      expect(changed.action).toEqual({ type: "change", addTags: ["old"] })

      const templates = await json<{ items: ReadonlyArray<{ id: string; matched: { items: number } }> }>(
        "rules",
        "templates"
      )
      expect(templates.items.every(({ matched }) => matched.items > 0)).toBe(true)
      expect((await run(["rules", "templates"])).stdout).toContain(templates.items[0]?.id)
      expect(await fails(1, ["rules", "add", "--template", "never-wached"])).toContain("Did you mean never-watched?")
      const started = ["rules", "add", "--template", "watched-once", "--off"]
      expect((await run(started)).stdout).toContain("Does: remove, after 14 days, once approved")
      expect((await run([...started, "--name", "Sooner", "--grace-days", "3", "--no-approval"])).stdout).toContain(
        "Does: remove, after 3 days\n"
      )

      const yaml = (await run(["rules", "share", "Unseen"])).stdout
      expect(yaml).toContain("name: Unseen\n")
      const other = yaml.replace("name: Unseen", "name: Unseen too")
      const tried = await run(["rules", "import", "-", "--dry-run"], { input: other })
      expect(tried.stdout).toContain('add "Unseen too"')
      expect((await run(["rules", "import", "-", "--yes"], { input: other })).code).toBe(0)
      expect(await fails(1, ["rules", "import", "-", "--yes"], { input: `${other}    grace: 3\n` })).toContain(
        "rules.0.grace: is not a known key"
      )
      for (const name of ["Unseen", "Unseen too", "Watched once"]) await run(["rules", "remove", name, "--yes"])
    })

    it("are tried on the library and on given facts, with the results true, false and unknown", async () => {
      const { stdout } = await run(["rules", "preview", "Old and unseen", "--limit", "1"])
      expect(stdout).toMatch(/^True for \d+ items? of .*, unknown for .*, false for the rest of \d+ items of /)
      const all = await json<{ matched: { items: number }; items: ReadonlyArray<unknown>; nextCursor: null }>(
        "rules",
        "preview",
        "--when",
        "year > 1900",
        "--all"
      )
      expect(all.items).toHaveLength(all.matched.items)
      const given = ["rules", "test", "--when", "year < 2000", "--when", "playCount = 0", "--fact", "year=1990"]
      const unknown = await json<{ truth: string; unknown: ReadonlyArray<string> }>(...given, "--fact", "playCount=?")
      expect([unknown.truth, unknown.unknown]).toEqual(["unknown", ["playCount"]])
      expect((await run([...given, "--fact", "playCount=0"])).stdout).toContain("The condition is true")
      expect(await fails(2, ["rules", "preview"])).toContain("Give either")
    })
  })

  describe("jobs", () => {
    it("are started with options and awaited, and their runs and logs are printed", async () => {
      const started = await json<{ id: string; status: string; options: object }>(
        "jobs",
        "start",
        "capacity",
        "--option",
        "dryRun=true",
        "--option",
        "sync=false",
        "--wait"
      )
      expect(started).toMatchObject({ status: "completed", options: { dryRun: true, sync: false } })
      const runs = await json<{ items: ReadonlyArray<{ id: string }>; nextCursor: string | null }>(
        "jobs",
        "runs",
        "capacity",
        "--limit",
        "1"
      )
      expect(runs.items[0]?.id).toBe(started.id)
      expect(runs.nextCursor).not.toBeNull()
      const logs = await json<{ items: ReadonlyArray<{ message: string }> }>("jobs", "logs", started.id)
      const followed = (await run(["jobs", "logs", started.id, "--follow", "--json"])).stdout.trim().split("\n")
      expect(followed.map((line) => JSON.parse(line) as unknown)).toEqual(logs.items)
      expect((await run(["jobs", "retry", started.id, "--wait"])).stdout).toContain("completed")
      expect(await fails(1, ["jobs", "cancel", started.id])).toContain("[run-not-cancellable]")
    })

    it("a run that did not complete ends with 4", async () => {
      const { items } = await ask<{ items: ReadonlyArray<{ id: string; kind: string; url: string }> }>(
        served,
        "GET",
        "/integrations"
      )
      const seerr = items.find(({ kind }) => kind === "seerr")!
      await ask(served, "PATCH", `/integrations/${seerr.id}`, { url: "http://127.0.0.1:9", confirmSecretReuse: true })
      const { code, stderr } = await run(["jobs", "start", "library-sync", "--wait"])
      expect([code, stderr.includes("completed-with-errors")]).toEqual([4, true])
      await ask(served, "PATCH", `/integrations/${seerr.id}`, { url: seerr.url, confirmSecretReuse: true })
    })

    it("a misspelt job or option is refused before anything starts", async () => {
      expect(await fails(1, ["jobs", "start", "capacty"])).toContain("Did you mean capacity?")
      expect(await fails(1, ["jobs", "start", "capacity", "--option", "dryrun=true"])).toContain("options.dryrun")
      expect(await fails(2, ["jobs", "start", "capacity", "--option", "dryRun"])).toContain("key=value")
    })

    it("are scheduled, disabled, enabled and reset", async () => {
      interface Job {
        readonly schedule: object
        readonly scheduleEnabled: boolean
      }
      const cron = ["--cron", "0 4 * * *", "--zone", "Europe/Berlin"]
      expect((await json<Job>("jobs", "schedule", "backup", ...cron)).schedule).toEqual({
        type: "cron",
        expression: "0 4 * * *",
        zone: "Europe/Berlin"
      })
      expect((await json<Job>("jobs", "schedule", "backup", "--every", "2d")).schedule).toEqual({
        type: "interval",
        seconds: 172_800
      })
      expect((await json<Job>("jobs", "unschedule", "backup")).scheduleEnabled).toBe(false)
      expect((await json<Job>("jobs", "schedule", "backup", "--on")).scheduleEnabled).toBe(true)
      expect((await run(["jobs", "schedule", "backup", "--own"])).stdout).toContain("0 3 * * 0 (UTC)")
      expect(await fails(1, ["jobs", "schedule", "backup", "--cron", "nonsense"])).toContain("schedule.expression")
      expect(await fails(2, ["jobs", "schedule", "backup", "--every", "soon"])).toContain("not a duration")
      expect(await fails(2, ["jobs", "schedule", "backup"])).toContain("Give one of")
    })
  })
})

const withScope = (integrationIds: ReadonlyArray<string>) =>
  JSON.stringify({
    name: "Elsewhere",
    effect: "lean-keep",
    condition: { kind: "condition", field: "year", operator: "greaterThan", value: 1900 },
    scope: { integrationIds }
  })
