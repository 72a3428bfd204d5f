import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { problemsOfKind } from '../../adapter/intake/event-kind-rules.ts';
import { eventSchema } from '../../adapter/intake/event-schema.ts';
import type { HisMapping, MappingContext } from '../../adapter/ports/his-mapping.ts';
import type { Interpretation } from '../../adapter/ports/his-record.ts';
import type { HisRow } from '../../adapter/ports/row.ts';
import { bsoft } from '../../mappings/bsoft/index.ts';
import { newtouch } from '../../mappings/newtouch/index.ts';
import { openhis } from '../../mappings/openhis/index.ts';

interface RowSample { readonly title: string; readonly rows: readonly HisRow[]; readonly expect: Interpretation }

const CONTEXT: MappingContext = { source: 'his-db', institution: 'H35010200001', institutions: ['H35010200001', 'H35010200002'], receivedAt: '2026-11-22T10:00:00+08:00' };

function samplesOf(name: string): readonly (RowSample & { readonly file: string })[] {
  const folder = `mappings/${name}/samples`;
  return readdirSync(folder).filter((file) => file.endsWith('.json')).sort().map((file) => ({ ...JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as RowSample, file }));
}

function read(mapping: HisMapping, rows: readonly HisRow[]): Interpretation {
  const meaning = mapping.fromRow?.(rows, CONTEXT);
  if (meaning === undefined) throw new Error(`${mapping.name} reads no rows`);
  return meaning;
}

for (const mapping of [newtouch, bsoft, openhis]) {
  describe(`mapping ${mapping.name}: row samples`, () => {
    const samples = samplesOf(mapping.name);

    it('has at least fifteen samples, bad ones among them', () => {
      expect(samples.length).to.be.at.least(15);
      expect(samples.filter((sample) => sample.expect.kind === 'refused').length).to.be.at.least(5);
    });

    for (const sample of samples) {
      it(`${sample.file}: ${sample.title}`, () => expect(read(mapping, sample.rows)).to.deep.equal(sample.expect));
    }

    it('makes only events that the intake takes', () => {
      for (const sample of samples) {
        const meaning = read(mapping, sample.rows);
        for (const event of meaning.kind === 'events' ? meaning.events : []) {
          expect(eventSchema.safeParse(event).error?.issues ?? [], sample.file).to.deep.equal([]);
          expect(problemsOfKind(event), sample.file).to.deep.equal([]);
        }
      }
    });

    it('refuses in the column names of the HIS, and never repeats a name, a visit or an identity number', () => {
      for (const sample of samples) {
        const meaning = read(mapping, sample.rows);
        if (meaning.kind !== 'refused') continue;
        expect(Object.keys(sample.rows[0] ?? {}), sample.file).to.include(meaning.refusal.field);
        expect(JSON.stringify(meaning), sample.file).to.not.match(/样例[甲乙]|H00000000|工作证/);
      }
    });

    it('gives no meaning to rows that are empty throughout, and does not fail on them', () => {
      expect(read(mapping, [{}]).kind).to.equal('refused');
      for (const sample of samples) {
        const nothing = sample.rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, name === 'RECORD' ? value : null])));
        expect(['refused', 'noted'], sample.file).to.include(read(mapping, nothing).kind);
      }
    });

    it('survives any single value being damaged', () => {
      for (const sample of samples.filter(({ expect: { kind } }) => kind === 'events')) {
        const [first, ...others] = sample.rows;
        for (const name of Object.keys(first ?? {})) {
          for (const bad of ['', '\u0000', '😀'.repeat(40), '-', '1e400', '9'.repeat(20), '2026-02-30']) {
            const meaning = read(mapping, [{ ...first, [name]: bad }, ...others]);
            expect(['events', 'noted', 'refused'], `${sample.file} ${name}`).to.include(meaning.kind);
          }
        }
      }
    });
  });
}
