/** Checks that continue after a failure, and the final line with the counts. */
const counts = { passed: 0, failed: 0 }

/** Runs one check; a rejection is its failure. */
export const expect = async (what, check) => {
  try {
    await check()
    counts.passed++
    process.stdout.write(`ok  ${what}\n`)
  } catch (error) {
    counts.failed++
    process.stdout.write(`FAILED  ${what}: ${error.output ?? error.stack ?? error}\n`)
  }
}

/** Prints `N passed, N failed`, and sets the exit code accordingly. */
export const tellCounts = () => {
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
  if (counts.failed > 0) process.exitCode = 1
}
