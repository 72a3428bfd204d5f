import { createRequire } from 'node:module';
import type { Parser as SqlParser } from 'node-sql-parser';

const { Parser } = createRequire(import.meta.url)('node-sql-parser') as { Parser: new () => SqlParser };
const parser = new Parser();

/** @returns the statements of a T-SQL script: batches end with GO, a batch of guarded statements has one at the start of each line */
export function sqlServerStatements(script: string): readonly string[] {
  return withoutComments(script).split(/^GO\s*$/m).flatMap((batch) => (/^\s*CREATE TRIGGER/.test(batch) ? [batch] : batch.split(/;\s*\n(?=\S)/))).map(tidy).filter((text) => text !== '');
}

/** @returns the statements of a SQL*Plus script: PL/SQL ends with a slash on its own line, SQL with a semicolon */
export function oracleStatements(script: string): readonly string[] {
  return withoutComments(script).split(/^\/\s*$/m).flatMap((part) => {
    const code = /^(?:DECLARE|BEGIN|CREATE OR REPLACE TRIGGER)\b/m.exec(part);
    if (code === null) return part.split(';');
    return [...part.slice(0, code.index).split(';'), part.slice(code.index)];
  }).map(tidy).filter((text) => text !== '');
}

const withoutComments = (script: string): string => script.replace(/^\s*--.*$/gm, '');
const tidy = (text: string): string => text.trim().replace(/;$/, '');

/** @returns why the parser cannot read it; undefined when it can */
export function unparsed(sql: string, database: 'transactsql' | 'postgresql'): string | undefined {
  try {
    parser.astify(sql, { database });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'unreadable';
  }
}

/** Statements of accounts and guards that the parser does not know: their whole shape is given here. */
const SQL_SERVER_SHAPES: readonly RegExp[] = [
  /^CREATE LOGIN \w+ WITH PASSWORD = N'[^']+', CHECK_POLICY = ON$/,
  /^CREATE USER \w+ FOR LOGIN \w+ WITH DEFAULT_SCHEMA = \w+$/,
  /^DROP (?:USER|LOGIN) \w+$/,
  /^DROP (?:VIEW|TABLE|TRIGGER) (?:dbo|his_trace)\.\w+$/,
];

/**
 * Reads one T-SQL statement: what the parser knows goes to the parser, in parts where it stumbles over the whole: the guard of an IF as a
 * SELECT, what EXEC runs as a statement of its own, a table without the names of its constraints, a trigger by its frame and its body.
 * @returns what nobody could read
 */
export function unreadSqlServer(statement: string): readonly string[] {
  const guarded = /^IF ([\s\S]+?)\s(?=(?:EXEC|CREATE|DROP)\b)([\s\S]+)$/.exec(statement);
  if (guarded !== null) return [...readOr(`SELECT CASE WHEN ${guarded[1] ?? ''} THEN 1 ELSE 0 END`), ...unreadSqlServer(guarded[2] ?? '')];
  const run = /^EXEC\(N'((?:[^']|'')*)'\)$/.exec(statement);
  if (run !== null) return unreadSqlServer((run[1] ?? '').replaceAll(`''`, `'`));
  const trigger = /^CREATE TRIGGER dbo\.\w+ ON dbo\.\w+ AFTER INSERT AS\s+BEGIN\s+SET NOCOUNT ON;\s+SET XACT_ABORT OFF;\s+BEGIN TRY\s+([\s\S]+?);\s+END TRY\s+BEGIN CATCH\s+SET NOCOUNT ON;\s+END CATCH\s+END$/.exec(statement);
  if (trigger !== null) return readOr(trigger[1] ?? '');
  if (/^CREATE SCHEMA \w+ AUTHORIZATION dbo$|^DROP SCHEMA \w+$/.test(statement) || SQL_SERVER_SHAPES.some((shape) => shape.test(statement))) return [];
  return readOr(statement.replace(/ CONSTRAINT \w+ (?=DEFAULT|PRIMARY KEY)/g, ' ').replace(/\browversion\b/g, 'binary'));
}

function readOr(sql: string): readonly string[] {
  const why = unparsed(sql, 'transactsql');
  return why === undefined ? [] : [`${sql.slice(0, 200)} — ${why.slice(0, 200)}`];
}

/** Words that open a block in PL/SQL and the END that closes it; IF and LOOP have ENDs of their own. */
function blocksBalance(code: string): boolean {
  const words = withoutTexts(code).toUpperCase();
  const count = (pattern: RegExp): number => [...words.matchAll(pattern)].length;
  return count(/\bBEGIN\b/g) === count(/\bEND\b(?!\s+(?:IF|LOOP))/g) && count(/\bEND IF\b/g) === count(/(?<!END )\bIF\b(?=[^;]*\bTHEN\b)/g) && count(/\bEND LOOP\b/g) === count(/(?<!END )\bLOOP\b/g)
    && count(/\(/g) === count(/\)/g) && /END;?\s*$/.test(words);
}

const withoutTexts = (code: string): string => code.replace(/'(?:[^']|'')*'/g, `''`);

/**
 * Reads one Oracle statement. Views, grants and inserts are plain SQL, read by the parser of the nearest dialect (VARCHAR2 is VARCHAR
 * there); PL/SQL by its structure, the texts it runs by the parser again.
 * @returns what nobody could read
 */
export function unreadOracle(statement: string): readonly string[] {
  const sql = statement.replace(/\bVARCHAR2\b/g, 'VARCHAR');
  const trigger = /^CREATE OR REPLACE TRIGGER HIS_TRACE\.\w+\s+AFTER INSERT ON \w+\.\w+\s+FOR EACH ROW\s+BEGIN\s+([\s\S]+?);\s+EXCEPTION\s+WHEN OTHERS THEN NULL;\s+END$/.exec(statement);
  if (trigger !== null) return nearest((trigger[1] ?? '').replace(':NEW.', 'n.').replace('HIS_TRACE.BSOFT_KEYS_SEQ.NEXTVAL', '1'));
  if (/^GRANT CREATE SESSION TO \w+$/.test(statement)) return [];
  if (!/^(?:DECLARE|BEGIN)\b/.test(statement)) return nearest(sql);
  if (!blocksBalance(statement)) return [`${statement.slice(0, 100)} — blocks do not balance`];
  return [...statement.matchAll(/unless_exists\('((?:[^']|'')*)'\)/g)].flatMap(([, text = '']) => {
    const inner = text.replaceAll(`''`, `'`).replace(/ ROWDEPENDENCIES$| CACHE \d+$/, '').replace(/\bVARCHAR2\b/g, 'VARCHAR').replace(/\bNUMBER\b/g, 'NUMERIC').replace(/ DEFAULT SYSDATE/g, ' DEFAULT CURRENT_DATE').replace(/ CONSTRAINT \w+ (?=PRIMARY KEY)/g, ' ')
      .replace(/^CREATE INDEX HIS_TRACE\./, 'CREATE INDEX ');
    return nearest(inner);
  });
}

function nearest(sql: string): readonly string[] {
  const why = unparsed(sql, 'postgresql');
  return why === undefined ? [] : [`${sql.slice(0, 200)} — ${why.slice(0, 200)}`];
}
