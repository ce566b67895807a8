/** The people of a title: always the same ones, without being part of the world's state. */
import { SeededRandom } from "./SeededRandom.ts"

export interface Credits {
  readonly actors: ReadonlyArray<string>
  readonly directors: ReadonlyArray<string>
  readonly writers: ReadonlyArray<string>
}

export const creditsOf = (title: string): Credits => {
  const random = new SeededRandom(`credits/${title}`)
  const names = Array.from({ length: 5 }, () => `${random.pick(firstNames)} ${random.pick(lastNames)}`)
  return { actors: [...new Set(names.slice(0, 3))], directors: names.slice(3, 4), writers: names.slice(4) }
}

const firstNames = ["Ines", "Otto", "Maren", "Tevin", "Lale", "Piet", "Noor", "Bram"] as const
const lastNames = ["Askeland", "Vordan", "Quist", "Marlow", "Tarin", "Eske", "Holm", "Brandt"] as const
