/** The messages of the log, for searching. */
import { type Layer, Logger } from "effect"

export class RecordedLog {
  private readonly messages: Array<string> = []

  readonly layer: Layer.Layer<never> = Logger.layer([
    Logger.make(({ message }) => {
      this.messages.push(Array.isArray(message) ? message.map(String).join(" ") : String(message))
    })
  ])

  has(pattern: RegExp): boolean {
    return this.messages.some((message) => pattern.test(message))
  }

  text(): string {
    return this.messages.join("\n")
  }
}
