/** Run by Bun: `pty.mjs COLUMNS ROWS COMMAND…` runs the command at a pseudo-terminal that is this process's input and output. */
const [columns, rows, ...command] = process.argv.slice(2)

const child = Bun.spawn(command, {
  env: process.env,
  terminal: {
    cols: Number(columns),
    rows: Number(rows),
    data: (_terminal, bytes) => process.stdout.write(bytes)
  }
})
process.stdin.on("data", (bytes) => child.terminal.write(bytes))
// The input has ended.
process.stdin.on("end", () => child.kill("SIGKILL"))
process.exit(await child.exited)
