import { expect } from 'chai';
import { findLines, ourTexts } from './repository-files.ts';

// written in parts, so that this file does not find itself
const UNFINISHED = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`);
const NARROWED = new RegExp('\\b(describe|it|test)\\.(' + 'on' + 'ly|ski' + 'p)\\(|\\bx(it|describe)\\(');
const MACHINE_PATH = new RegExp('(^|[^\\w.])/(' + ['ro' + 'ot', 'ho' + 'me', 'tm' + 'p', 'wo' + 'rk'].join('|') + ')/');

/** 20-digit literals that are no trace code, each with its reason. */
const NO_TRACE_CODES: ReadonlySet<string> = new Set([
  '81012350000000157474', '81012350000000157475', // the published signing example of the MAH platform
  '81234567890123460000', // what a spreadsheet makes of a code that was read as a number
  '00000000000000000000', '69012345678901234567', '35010020261122093501', // a blank, another maker's scheme, a message id
]);

describe('tidy: texts of the repository', () => {
  const texts = ourTexts();

  it('sees the repository', () => {
    expect(texts.map(({ path }) => path)).to.include.members(['package.json', 'adapter/main.ts', 'README.md', 'sql/sqlite/000001-spine.sql', '.ci/run']);
  });

  it('leaves nothing unfinished and narrows no test run', () => {
    expect(findLines(texts, (line) => UNFINISHED.test(line) || NARROWED.test(line))).to.deep.equal([]);
  });

  it('names no path of a developer’s machine', () => {
    expect(findLines(texts, (line, path) => !path.endsWith('.md') && MACHINE_PATH.test(line))).to.deep.equal([]);
  });

  it('holds synthetic trace codes only: 20 digits begin with 8999', () => {
    const real = (line: string): boolean => [...line.matchAll(/(?<![0-9A-Za-z])\d{20}(?![0-9A-Za-z])/g)].some(([code]) => !code.startsWith('8999') && !NO_TRACE_CODES.has(code));
    expect(findLines(texts, real)).to.deep.equal([]);
  });

  it('ends every source file with a line break and uses Unix line ends', () => {
    const sources = texts.filter(({ path }) => /\.(ts|mjs|cjs|js|sql)$/.test(path));
    expect(sources.filter(({ lines }) => lines.at(-1) !== '' || lines.some((line) => line.endsWith('\r'))).map(({ path }) => path)).to.deep.equal([]);
  });
});
