/**
 * Imports go one way: `packages/core/import-order.json` lists for each folder of core ("room") which others it may import, and
 * which files only certain others may import. Anything else is refused, so a new folder needs a row first.
 */
import { isBuiltin } from "node:module"
import { posix } from "node:path"
import ts from "typescript"

export interface Room {
  /** A folder of `packages/core/src`, or a file at its top with the folder of its parts. */
  readonly room: string
  /** Rooms that it may import. */
  readonly may: ReadonlyArray<string>
  /** Rooms of which it may import only types. */
  readonly typesOf?: ReadonlyArray<string>
}

/** Files that only certain others may import. Folders end with `/`; if several match, the longest applies. */
export interface Kept {
  readonly modules: string
  readonly by: ReadonlyArray<string>
  readonly because: string
}

export interface Rooms {
  readonly rooms: ReadonlyArray<Room>
  readonly kept: ReadonlyArray<Kept>
}

export interface Import {
  readonly specifier: string
  readonly line: number
  readonly isType: boolean
}

/** Every import of a file: statements, exports from elsewhere, `import()` as a value and as a type, and `require`. */
export const importsOf = (path: string, text: string): ReadonlyArray<Import> => {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: Array<Import> = []
  const add = (node: ts.Node | undefined, isType: boolean) => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return
    found.push({ specifier: node.text, line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1, isType })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause))
    else if (ts.isExportDeclaration(node)) {
      const named =
        node.exportClause !== undefined && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : []
      add(node.moduleSpecifier, node.isTypeOnly || (named.length > 0 && named.every((each) => each.isTypeOnly)))
    } else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true)
    else if (ts.isCallExpression(node) && isLoading(node.expression)) add(node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

const isTypeImport = (clause: ts.ImportClause | undefined): boolean => {
  if (clause === undefined) return false
  if (clause.isTypeOnly) return true
  const { name, namedBindings } = clause
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false
  return namedBindings.elements.length > 0 && namedBindings.elements.every((each) => each.isTypeOnly)
}

const isLoading = (called: ts.Expression): boolean =>
  called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === "require")

export interface Sources {
  /** Text by path, relative to `packages/core/src`. */
  readonly files: ReadonlyMap<string, string>
  /** Packages that core may import. */
  readonly packages: ReadonlyArray<string>
}

/** The violations in the imports of core, one line each. */
export const problemsOfImports = ({ kept, rooms }: Rooms, { files, packages }: Sources): ReadonlyArray<string> => {
  const byName = new Map(rooms.map((room) => [room.room, room]))
  const present = new Set([...files.keys()].map(roomOf))
  const problems = [
    ...[...present].flatMap((room) => (byName.has(room) ? [] : [lackingRow(room)])),
    ...rooms.flatMap(({ may, room, typesOf = [] }) => [
      ...(present.has(room) ? [] : [`${list}: it has a row for ${room}, which is not in packages/core/src`]),
      ...[...may, ...typesOf]
        .filter((other) => !byName.has(other))
        .map((other) => `${list}: ${room} may import ${other}, which has no row`)
    ]),
    ...kept.flatMap(({ by, modules }) =>
      [modules, ...by]
        .filter((path) => ![...files.keys()].some((file) => isIn(path, file)))
        .map((path) => `${list}: ${path} is kept for somebody, and is not there`)
    )
  ]
  for (const [path, text] of files) {
    const room = byName.get(roomOf(path))
    if (room === undefined) continue
    for (const { isType, line, specifier } of importsOf(path, text)) {
      const refusal = specifier.startsWith(".")
        ? refusalOf(room, path, posix.join(posix.dirname(path), specifier), isType, kept)
        : refusalOfPackage(specifier, packages)
      if (refusal !== null) problems.push(`packages/core/src/${path}:${line}: it imports ${specifier}; ${refusal}`)
    }
  }
  return problems
}

const list = "packages/core/import-order.json"

const lackingRow = (room: string): string =>
  `packages/core/src/${room}: it has no row in ${list}. Add one with the rooms that it may import, name it in the rows of those that may import it, and run: npm run docs`

/** `removals/Execution/Looking.ts` belongs to `removals`, `Tendarr.ts` and `Tendarr/Calls.ts` to `Tendarr`. */
const roomOf = (path: string): string => (path.split("/")[0] ?? path).replace(/\.ts$/, "")

const isIn = (modules: string, path: string): boolean =>
  modules.endsWith("/") ? path.startsWith(modules) : path === modules

/** The manifest is the only allowed file outside the sources. */
const manifest = "../package.json"

const refusalOf = (
  { may, room, typesOf = [] }: Room,
  from: string,
  to: string,
  isType: boolean,
  kept: ReadonlyArray<Kept>
): string | null => {
  if (to === manifest) return null
  if (to.startsWith("../")) return "core imports nothing that stands outside of packages/core/src"
  const [keeper] = kept
    .filter(({ modules }) => isIn(modules, to))
    .toSorted((a, b) => b.modules.length - a.modules.length)
  if (keeper !== undefined && !keeper.by.some((path) => isIn(path, from))) {
    return `${keeper.because} (imported by ${keeper.by.join(", ")})`
  }
  const other = roomOf(to)
  if (other === room || may.includes(other)) return null
  if (!typesOf.includes(other))
    return `imports run one way: ${room} may import ${namesOf([...may, ...typesOf])} (${list})`
  return isType ? null : `${room} may import types of ${other} alone (${list})`
}

const namesOf = (rooms: ReadonlyArray<string>): string => (rooms.length === 0 ? "no other room" : rooms.join(", "))

const refusalOfPackage = (specifier: string, packages: ReadonlyArray<string>): string | null => {
  if (specifier.startsWith("node:") && isBuiltin(specifier)) return null
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")
  return packages.includes(name)
    ? null
    : "core imports its dependencies alone and runs on every runtime: what a runtime brings comes in as a service"
}
