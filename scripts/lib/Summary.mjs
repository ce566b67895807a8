/** A reporter of the test runner: prints one machine-readable line after the usual summary. */
export default class Summary {
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length }
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed++
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === "passed" || state === "failed") counts[state]++
      }
    }
    process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
  }
}
