import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { VERDICTS } from '../../../connectors/shared/outcome-rules/rule.ts';
import { FRAME_SHAPE } from '../../../connectors/shared/holder/report-shape.ts';
import { FORMATS } from '../../../connectors/shared/template/formats.ts';
import { isListShape, type Shape } from '../../../connectors/shared/template/value.ts';

const README = readFileSync('connectors/mah-soap/README.md', 'utf8');
const tableAfter = (mark: string): string => README.split(`<!-- ${mark} -->`)[1]?.split('\n\n')[0] ?? '';

describe('README of the holder connectors', () => {
  it('lists every name a template may use, and no other', () => {
    const rows = tableAfter('names').split('\n').filter((row) => row.startsWith('| `') || row.startsWith('| 仅'));
    const listed = rows.flatMap((row) => [...(row.split('|')[2] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''));
    const known = (shape: Shape): string[] => Object.entries(shape).flatMap(([name, entry]) => (entry === 'value' ? [name] : entry === 'any' ? [] : isListShape(entry) ? known(entry[0]) : known(entry)));
    expect(new Set(listed.filter((name) => !['sendStaff', 'sendPatient', 'partners', 'values', 'codes'].includes(name)))).to.deep.equal(new Set(known(FRAME_SHAPE)));
  });

  it('explains every format and every verdict', () => {
    for (const name of Object.keys(FORMATS)) expect(tableAfter('formats'), name).to.match(new RegExp(`\`${name}(:|\`)`));
    for (const verdict of VERDICTS) expect(README).to.contain(`\`${verdict}\``);
  });
});
