/**
 * Rooms of core write SQL that every database understands. SQL that only SQLite understands is in `storage/`, behind a
 * name for what it does (`storage/Dialect.ts`), and so does how a transaction begins (`storage/Transactions.ts`).
 */
import ts from "typescript"

interface Word {
  readonly found: RegExp
  readonly instead: string
}

const dialect = "is SQL of SQLite alone: give it a name in storage/Dialect.ts"

/** Looked for in texts. */
const words: ReadonlyArray<Word> = [
  /\bjson_(each|tree|extract|group_array|group_object|array|object|set|insert|remove|patch|valid|type)\s*\(/i,
  /->>?\s*'\$/,
  /\bMATCH\s*(\?|'|")/i,
  /\bfts5\b/i,
  /\b(instr|strftime|julianday|unixepoch|ifnull|iif|typeof|group_concat|changes|last_insert_rowid|printf)\s*\(/i,
  /\bdatetime\s*\(/i,
  // With two arguments they are no aggregates, and have other names elsewhere.
  /\b(max|min)\s*\(\s*(\d+|[\w.]+)\s*,/i,
  /\browid\b/,
  /\bTEMP(ORARY)?\s+TABLE\b/i,
  /\bON CONFLICT\s+DO UPDATE\b/i,
  /\bINSERT OR (IGNORE|REPLACE|ABORT|FAIL|ROLLBACK)\b/i,
  /\b(VACUUM|PRAGMA|GLOB|INDEXED BY|AUTOINCREMENT)\b/,
  /\bCOLLATE NOCASE\b/i,
  /\bsqlite_(master|schema|sequence|stat1)\b/i
].map((found) => ({ found, instead: dialect }))

/** Looked for in code. */
const calls: ReadonlyArray<Word> = [
  {
    found: /^onDialect(OrElse)?$/,
    instead: "distinguishes databases: put the difference behind a named helper in storage/Dialect.ts"
  },
  { found: /^withTransaction$/, instead: "begins a transaction: use `transacting` of storage/Transactions.ts" }
]

/** The files of core by their path below `src`. A finding names file, line and word. */
export const problemsOfSql = (files: ReadonlyMap<string, string>): ReadonlyArray<string> =>
  [...files].filter(([path]) => !isAllowed(path)).flatMap(([path, text]) => problemsOf(path, text))

/** The lock of a data directory is a lock of SQLite on a separate file, whatever the database is. */
const isAllowed = (path: string) => path.startsWith("storage/") || path === "server/FolderLock.ts"

const problemsOf = (path: string, text: string): ReadonlyArray<string> => {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: Array<string> = []
  const look = (among: ReadonlyArray<Word>, said: string, node: ts.Node) => {
    for (const { found: word, instead } of among) {
      const match = word.exec(said)
      if (match === null) continue
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
      found.push(`packages/core/src/${path}:${line}: ${match[0].trim()} ${instead}`)
    }
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return
    if (ts.isTemplateExpression(node)) {
      // As in a statement with parameters.
      look(
        words,
        [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text: piece }) => piece).join("?"),
        node
      )
    } else if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      look(words, node.text, node)
    } else if (ts.isPropertyAccessExpression(node)) {
      look(calls, node.name.text, node.name)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}
