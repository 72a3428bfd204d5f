import { expect } from 'chai';
import { CHUNK_EVENTS } from '../../adapter/store/queries/summary-view.ts';
import { getSummary } from '../../adapter/http/routes/get-summary.ts';
import { A, onBothStores, startHttp } from './fixture.ts';
import type { HttpFixture } from './fixture.ts';
import { seedDelivery, seedEvent, seedRecord } from './seed.ts';

interface ClassFigures { readonly lines: number; readonly reasons: readonly { reason: string; lines: number }[]; readonly items: readonly { id: string; lineNo: string; reason?: string }[] }
interface Figures { readonly name: string; readonly lines: number; readonly reported: number; readonly complete: boolean; readonly completeness: string; readonly reportRate: string; readonly excluded: ClassFigures; readonly pending: ClassFigures; readonly attention: ClassFigures; readonly missing: ClassFigures; readonly reversals: Readonly<Record<string, number>> }

describe('http: completeness of a day', () => { onBothStores((open) => {
    let http: HttpFixture;
    beforeEach(async () => { http = await startHttp({ open }); });
    afterEach(() => http.close());

    async function summary(query = 'date=2026-11-22'): Promise<{ readonly body: Record<string, unknown>; readonly insurance: Figures; readonly mah: Figures }> {
      const answer = await http.call(`/api/v1/summary?${query}`, { token: http.token('pharmacist') });
      expect(answer.status, answer.text).to.equal(200);
      const parsed = getSummary.response.schema?.safeParse(answer.json);
      expect(parsed?.success, JSON.stringify(parsed?.error?.issues)).to.equal(true);
      const [insurance, mah] = answer.json['destinations'] as [Figures, Figures];
      return { body: answer.json, insurance, mah };
    }

    it('puts every line in exactly one class per destination, with the reason', async () => {
      const { driver } = http;
      const lines = ['1', '2', '3', '4', '5', '6'].map((lineNo) => ({ lineNo }));
      await seedEvent(driver, { institution: A, eventNo: 1, id: 'E1', lines: [...lines, { lineNo: '7', exclusion: '中药饮片除外' }] });
      const states: readonly [string, string, object][] = [
        ['1', 'accepted', {}], ['2', 'duplicate', {}], ['3', 'held', { hold: 'settlement' }], ['4', 'needs-attention', { reason: 'CATALOG', detail: '目录编码不存在' }], ['5', 'not-owed', { detail: '自费不报' }],
      ];
      for (const [at, [lineNo, state, more]] of states.entries()) await seedDelivery(driver, { institution: A, deliveryNo: at + 1, eventNo: 1, destination: 'insurance', state, covers: [lineNo], ...more });
      const { insurance, mah, body } = await summary();
      expect([insurance.lines, insurance.reported, insurance.pending.lines, insurance.attention.lines, insurance.excluded.lines, insurance.missing.lines]).to.deep.equal([7, 2, 1, 1, 2, 1]);
      expect(insurance.pending.reasons).to.deep.equal([{ reason: 'settlement', lines: 1 }]);
      expect(insurance.attention.reasons).to.deep.equal([{ reason: '目录编码不存在', lines: 1 }]);
      expect(insurance.excluded.reasons.map((found) => found.reason)).to.have.members(['中药饮片除外', '自费不报']);
      expect(insurance.missing.items).to.deep.equal([{ source: 'his', id: 'E1', kind: 'dispense', lineNo: '6', drug: 'YP1' }]);
      expect([insurance.complete, insurance.completeness, insurance.reportRate]).to.deep.equal([false, '85.71', '40.00']);
      expect([mah.missing.lines, mah.excluded.lines]).to.deep.equal([6, 1]);
      expect([body['lines'], body['events'], body['complete'], body['completeness']]).to.deep.equal([7, 1, false, '50.00']);
    });

    it('counts a line as reported only when none of its reports is open', async () => {
      await seedEvent(http.driver, { institution: A, eventNo: 1, id: 'E1', kind: 'receipt', lines: [{ lineNo: '1' }, { lineNo: '2' }] });
      await seedDelivery(http.driver, { institution: A, deliveryNo: 1, eventNo: 1, destination: 'insurance', state: 'accepted', covers: ['1', '2'] });
      await seedDelivery(http.driver, { institution: A, deliveryNo: 2, eventNo: 1, destination: 'insurance', state: 'unknown', covers: ['2'] });
      const { insurance } = await summary();
      expect([insurance.reported, insurance.pending.lines, insurance.missing.lines]).to.deep.equal([1, 1, 0]);
    });

    it('goes by the day the event happened in China, and counts what still waits in quarantine', async () => {
      await seedEvent(http.driver, { institution: A, eventNo: 1, id: 'E1', occurredAt: '2026-11-21T15:59:59Z', lines: [{ lineNo: '1' }] });
      await seedEvent(http.driver, { institution: A, eventNo: 2, id: 'E2', occurredAt: '2026-11-21T16:00:00Z', lines: [{ lineNo: '1' }, { lineNo: '2' }] });
      await seedRecord(http.driver, { institution: A, recordNo: 9, receivedAt: '2026-11-22T23:59:59+08:00' });
      await seedRecord(http.driver, { institution: A, recordNo: 10, receivedAt: '2026-11-23T00:00:00+08:00' });
      expect((await summary()).body).to.include({ date: '2026-11-22', lines: 2, quarantined: 1 });
      expect((await summary('date=2026-11-21')).body).to.include({ lines: 1, quarantined: 0 });
      expect((await summary('')).body, 'today').to.include({ date: '2026-11-22', lines: 2 });
      expect((await summary('date=2026-11-20')).body).to.include({ lines: 0, complete: true, completeness: '100.00' });
    });

    it('counts reversals apart from the lines', async () => {
      await seedEvent(http.driver, { institution: A, eventNo: 1, id: 'E1', lines: [{ lineNo: '1' }] });
      await seedEvent(http.driver, { institution: A, eventNo: 2, id: 'E2', kind: 'void', refers: 'E1' });
      await seedDelivery(http.driver, { institution: A, deliveryNo: 1, eventNo: 1, destination: 'insurance', state: 'accepted', covers: ['1'] });
      await seedDelivery(http.driver, { institution: A, deliveryNo: 2, eventNo: 2, subjectNo: 1, destination: 'insurance', state: 'needs-attention', covers: ['1'], reverses: 1 });
      const { insurance } = await summary();
      expect([insurance.lines, insurance.reported, insurance.attention.lines, insurance.reversals]).to.deep.equal([1, 1, 0, { reported: 0, pending: 0, attention: 1 }]);
    });

    it('reads a day of more events than one chunk, and lists no more items than asked', async () => {
      const events = CHUNK_EVENTS + 5;
      await Promise.all(Array.from({ length: events }, (_, at) => seedEvent(http.driver, { institution: A, eventNo: at + 1, id: `E${String(at + 1)}`, lines: [{ lineNo: '1' }] })));
      const { body, insurance } = await summary('date=2026-11-22&items=3');
      expect([body['events'], insurance.missing.lines, insurance.missing.items.length]).to.deep.equal([events, events, 3]);
    });
}); });
