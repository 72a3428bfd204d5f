import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { oracleStatements, sqlServerStatements, unparsed, unreadOracle, unreadSqlServer } from './row-sql-statements.ts';

const scriptsOf = (folder: string): readonly { readonly path: string; readonly text: string }[] => readdirSync(`sql/his/${folder}`).filter((name) => name.endsWith('.sql')).sort()
  .map((name) => ({ path: `sql/his/${folder}/${name}`, text: readFileSync(`sql/his/${folder}/${name}`, 'utf8') }));
const SQL_SERVER = ['mssql', 'newtouch'].flatMap(scriptsOf);
const ORACLE = ['oracle', 'bsoft'].flatMap(scriptsOf);
const ALL = [...SQL_SERVER, ...ORACLE, ...scriptsOf('openhis')];

describe('sql/his: scripts for the DBA', () => {
  for (const { path, text } of SQL_SERVER) {
    it(`${path} is T-SQL that a parser reads, and runs on SQL Server 2008 R2`, () => {
      const statements = sqlServerStatements(text);
      expect(statements.length).to.be.greaterThan(0);
      expect(statements.flatMap(unreadSqlServer)).to.deep.equal([]);
      // newer than 2008 R2: CREATE OR ALTER (2016), DROP … IF EXISTS (2016), STRING_AGG (2017), TRIM (2017), CONCAT, IIF, TRY_CONVERT, OFFSET (2012)
      expect(text.replace(/^--.*$/gm, '')).to.not.match(/CREATE OR ALTER|DROP \w+ IF EXISTS|STRING_AGG|\bTRIM\(|\bCONCAT\(|\bIIF\(|TRY_CONVERT|\bOFFSET\b|NOLOCK|\bMERGE\b/i);
    });
  }

  for (const { path, text } of ORACLE) {
    it(`${path} is SQL and PL/SQL that can be read, and runs on Oracle 11.2`, () => {
      const statements = oracleStatements(text);
      expect(statements.length).to.be.greaterThan(0);
      expect(statements.flatMap(unreadOracle)).to.deep.equal([]);
      // newer than 11.2: IDENTITY, FETCH FIRST (12.1), IF NOT EXISTS (23); names longer than 30 bytes (12.2)
      expect(text.replace(/^--.*$/gm, '')).to.not.match(/GENERATED .* AS IDENTITY|FETCH FIRST|IF NOT EXISTS/i);
      for (const [, name = ''] of text.matchAll(/HIS_TRACE\.(\w+)/g)) expect(name.length, name).to.be.at.most(30);
    });
  }

  it('finds what is wrong: the readers are no rubber stamp', () => {
    expect(unreadSqlServer('ALTER VIEW his_trace.v AS SELECT a, FROM dbo.t')).to.have.length(1);
    expect(unreadSqlServer('CREATE TRIGGER dbo.t ON dbo.u AFTER INSERT AS BEGIN INSERT INTO a (b) SELECT c FROM inserted END')).to.have.length(1);
    expect(unreadSqlServer(`IF OBJECT_ID(N'a.b' IS NULL EXEC(N'CREATE VIEW a.b AS SELECT 1 AS x')`)).to.have.length(1);
    expect(unreadOracle('CREATE OR REPLACE VIEW HIS_TRACE.V AS SELECT a b c FROM t')).to.have.length(1);
    expect(unreadOracle('BEGIN FOR p IN (SELECT 1 FROM dual LOOP NULL; END LOOP; END')).to.have.length(1);
    expect(unreadOracle('CREATE OR REPLACE TRIGGER HIS_TRACE.T AFTER INSERT ON PHIS.X FOR EACH ROW BEGIN INSERT INTO a (b) VALUES (1); END')).to.have.length(1);
    expect(unparsed('SELECT 1 AS x', 'transactsql')).to.equal(undefined);
  });

  it('is read by sqlfluff too where it is installed', function () {
    if (spawnSync('sqlfluff', ['--version']).status !== 0) {
      process.stderr.write('  sqlfluff is not installed: the parser alone read the scripts\n');
      return this.skip();
    }
    this.timeout(300_000);
    for (const [dialect, scripts] of [['tsql', SQL_SERVER], ['oracle', ORACLE], ['postgres', scriptsOf('openhis')]] as const) {
      const run = spawnSync('sqlfluff', ['parse', '--dialect', dialect, ...scripts.map(({ path }) => path)], { encoding: 'utf8' });
      expect(run.stdout.split('\n').filter((line) => /unparsable|PRS/i.test(line)), dialect).to.deep.equal([]);
    }
  });

  it('creates nothing without asking whether it is there, so that every script can run again', () => {
    const bare = ALL.flatMap(({ path, text }) => text.replace(/^\s*--.*$/gm, '').split('\n')
      .filter((line) => /^\s*CREATE (?:VIEW|TABLE|SCHEMA|USER|LOGIN|ROLE|INDEX|UNIQUE|SEQUENCE|TRIGGER|FUNCTION)/.test(line) && !line.includes('IF NOT EXISTS')).map((line) => ({ path, line: line.trim(), text })));
    // what is created bare is dropped or guarded in the lines before
    for (const { path, line, text } of bare) {
      const name = /^CREATE (?:UNIQUE )?\w+ (\S+)/.exec(line)?.[1] ?? '';
      const before = text.slice(0, text.indexOf(line));
      const guarded = new RegExp(`DROP \\w+ IF EXISTS ${name.replace('.', '\\.')}\\b|(?:OBJECT_ID\\(N'|name = N'|PRINCIPAL_ID\\(N'|rolname = ')${name.replace('.', '\\.')}'`).test(before);
      expect(guarded, `${path}: ${line}`).to.equal(true);
    }
  });

  it('removes in the uninstall script whatever the others create', () => {
    for (const folder of ['mssql', 'newtouch']) {
      const uninstall = scriptsOf(folder).find(({ path }) => path.endsWith('9-uninstall.sql'))?.text ?? '';
      const created = scriptsOf(folder).flatMap(({ text }) => [...text.matchAll(/CREATE (?:VIEW|TABLE|TRIGGER) ((?:his_trace|dbo)\.\w+)/g)].map(([, name]) => name));
      for (const name of created) expect(uninstall, name).to.match(new RegExp(`DROP (?:VIEW|TABLE|TRIGGER) ${String(name).replace('.', '\\.')};`));
    }
    for (const folder of ['oracle', 'bsoft']) {
      for (const { text, path } of scriptsOf(folder)) for (const [, owner] of text.matchAll(/CREATE (?:OR REPLACE )?(?:VIEW|TABLE|TRIGGER|SEQUENCE|INDEX) (\w+)\./g)) expect(owner, path).to.equal('HIS_TRACE');
    }
  });

  it('grants the account nothing but SELECT on views, unless a person takes the comment marks away', () => {
    for (const { path, text } of ALL.filter(({ path: name }) => name.includes('account'))) {
      for (const [, right, object] of text.replace(/^\s*--.*$/gm, '').matchAll(/GRANT ([\w, ()]+?) ON (?:SCHEMA )?([\w.]+)/g)) expect(`${right ?? ''} ${object ?? ''}`, path).to.match(/^(?:SELECT (?:his_trace|HIS_TRACE)\.\w+|USAGE his_trace)$/);
    }
  });
});
