import { expect } from 'chai';
import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventLine, TraceEvent } from '../../adapter/domain/event.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import type { RulesInForce } from '../../adapter/ports/policy.ts';
import { RecallBook } from '../../adapter/recall/recall-book.ts';
import { heldCodes, type CheckedReceipt } from '../../adapter/receiving/check-receipt.ts';
import { discrepanciesOf, listDiscrepancies, stepsOf } from '../../adapter/receiving/discrepancy-store.ts';
import { feedBack, type SupplierFeedback } from '../../adapter/receiving/feed-back.ts';
import { moveDiscrepancies } from '../../adapter/receiving/move-discrepancies.ts';
import { createReceiving, type Receiving } from '../../adapter/receiving/receiving.ts';
import type { SupplierBill } from '../../adapter/receiving/supplier-bill.ts';
import { verificationOf } from '../../adapter/receiving/verification.ts';
import { savePlatformWarnings } from '../../adapter/scan/platform-warning.ts';
import { onEachStore } from '../support/stores.ts';
import { DRUGS, HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';

const CODES = [1, 2, 3, 4].map((serial) => packCode(serial));
const [C1 = '', C2 = '', C3 = '', C4 = ''] = CODES;
const CARTON = packCode(7, '8999101');
const IN_CARTON = Array.from({ length: 10 }, (_, at) => packCode(100 + at));
const H = HOSPITAL.code;
const FOREIGN = packCode(55);

function line(codes: readonly string[], changes: Partial<EventLine> = {}): EventLine {
  return { lineNo: '1', drug: 'YP1', quantity: String(codes.reduce((sum, code) => sum + (code === CARTON ? 10 : 1), 0)), unit: '盒', split: false, lot: 'A1', expiresOn: '2028-06-30', codes, ...changes };
}

function bill(codes: readonly string[], changes: Partial<SupplierBill> = {}): SupplierBill {
  return { billNo: 'CK1', supplier: { code: 'S1', name: '供应商甲' }, addressee: { code: H }, lines: [{ lineNo: '1', drug: 'YP1', lot: 'A1', expiresOn: '2028-06-30', codes: codes.map((code) => ({ code })) }], ...changes };
}

onEachStore((open) => {
  describe('receiving', () => {
    let hospital: TestHospital;
    let receiving: Receiving;
    let rules: RulesInForce;
    const clock = { ms: Date.parse('2026-11-22T12:00:00+08:00') };
    beforeEach(async () => {
      hospital = await openTestHospital([], { driver: await open() });
      rules = { emergencyHours: 48, onMismatch: 'block', feedBackToSupplier: true, mayAlterRecords: false, articles: {} };
      const drugs = new Map<string, Drug>(DRUGS.map((drug) => [drug.drug, drug]));
      receiving = createReceiving({
        driver: hospital.driver, log: silentLog, clock: { now: () => clock.ms, sleep: () => Promise.resolve() }, recalls: new RecallBook(), policy: { rulesAt: () => rules },
        catalogue: { lookup: (_q, _institution, ids) => Promise.resolve(new Map([...drugs].filter(([id]) => ids.includes(id)))) },
      });
    });
    afterEach(() => hospital.stop());

    const receive = async (id: string, lines: readonly EventLine[], changes: Partial<TraceEvent> = {}): Promise<void> => {
      const answer = await hospital.submit({ id, kind: 'receipt', documentNo: 'RK1', deliveryNoteNo: 'CK1', occurredAt: '2026-11-22T09:00:00+08:00', lines, ...changes });
      expect(answer).to.deep.include({ kind: 'taken' });
    };
    const check = async (documentNo = 'RK1'): Promise<CheckedReceipt> => {
      const checked = await receiving.check(HOSPITAL, documentNo);
      if (checked === undefined) throw new Error('no receipt');
      return checked;
    };
    const open1 = async (documentNo = 'RK1'): Promise<readonly string[]> => (await hospital.driver.read((q) => discrepanciesOf(q, H, documentNo))).filter(({ state }) => state !== 'settled').map(({ kind, subject }) => `${kind} ${subject}`);

    it('says the same whether the bill or the goods came first', async () => {
      await receiving.submitBill(HOSPITAL, bill([C1, C2]), 'rest');
      await receive('E1', [line([C1, C3])]);
      const first = (await check()).comparison;
      expect(first.deviations.map(({ kind, subject }) => [kind, subject])).to.have.deep.members([['missing', C2], ['extra', C3]]);
      await receive('E2', [line([packCode(11), packCode(13)])], { documentNo: 'RK2', deliveryNoteNo: 'CK2' });
      expect((await check('RK2')).comparison.state).to.equal('no-bill');
      const { receipts } = await receiving.submitBill(HOSPITAL, bill([packCode(11), packCode(12)], { billNo: 'CK2' }), 'rest');
      expect(receipts).to.deep.equal(['RK2']);
      expect(await open1('RK2')).to.have.members([`missing ${packCode(12)}`, `extra ${packCode(13)}`]);
    });

    it('adds up a receipt that comes in several events, and settles by itself what later scans bring', async () => {
      await receiving.submitBill(HOSPITAL, bill([C1, C2, C3]), 'rest');
      await receive('E1', [line([C1])]);
      await check();
      expect(await open1()).to.have.members([`missing ${C2}`, `missing ${C3}`]);
      await receive('E2', [line([C2, C3])]);
      expect((await check()).comparison.state).to.equal('matched');
      expect(await open1()).to.deep.equal([]);
    });

    it('undoes with a voided receipt what was said about it', async () => {
      await receiving.submitBill(HOSPITAL, bill([C1]), 'rest');
      await receive('E1', [line([C1, C2])]);
      await check();
      await hospital.submit({ id: 'V1', kind: 'void', refers: 'E1' });
      expect((await check()).comparison.state).to.equal('voided');
      expect(await open1()).to.deep.equal([]);
      await receive('E2', [line([C1, C2])]);
      await check();
      expect(await open1()).to.deep.equal([`extra ${C2}`]);
      const steps = (await hospital.driver.read((q) => stepsOf(q, H, 'RK1'))).get(`extra ${C2}`) ?? [];
      expect(steps.map(({ from, to }) => `${from}>${to}`)).to.deep.equal(['>open', 'open>settled', 'settled>open']);
    });

    it('follows a bill that is corrected and then cancelled, and keeps every version', async () => {
      await receiving.submitBill(HOSPITAL, bill([C1]), 'rest');
      await receive('E1', [line([C1, C2])]);
      await check();
      expect(await receiving.submitBill(HOSPITAL, bill([C1, C2]), 'rest')).to.deep.include({ result: 'revised', revision: 2, receipts: ['RK1'] });
      expect(await open1()).to.deep.equal([]);
      expect(await receiving.submitBill(HOSPITAL, bill([C1, C2]), 'rest')).to.deep.include({ result: 'unchanged', revision: 2, receipts: [] });
      await receiving.submitBill(HOSPITAL, bill([], { cancelled: true, lines: [] }), 'rest');
      expect(await open1()).to.deep.equal(['bill-cancelled CK1']);
      expect(await hospital.rows('SELECT revision FROM upstream_bill_version WHERE institution = ? ORDER BY revision', H)).to.deep.equal([{ revision: 1 }, { revision: 2 }, { revision: 3 }]);
    });

    it('names a wrong addressee, lot, expiry and what the platform says against a code', async () => {
      await receiving.submitBill(HOSPITAL, bill([C1, C2, C3], { addressee: { name: '另一家医院' } }), 'rest');
      await hospital.driver.write((q) => savePlatformWarnings(q, H, new Map([[C3, [4]]]), clock.ms));
      await receive('E1', [line([C1], { lot: 'B9' }), line([C2], { lineNo: '2', expiresOn: '2027-01-01' }), line([C3], { lineNo: '3' })]);
      await check();
      expect(await open1()).to.have.members(['addressed-elsewhere CK1', `wrong-lot ${C1}`, `wrong-expiry ${C2}`, `not-activated ${C3}`]);
    });

    it('takes a scanned carton for its packs once the bill tells its content, and leaves it pending before', async () => {
      await receiving.submitBill(HOSPITAL, bill(IN_CARTON), 'rest');
      await receive('E1', [line([CARTON])]);
      expect((await check()).comparison).to.deep.include({ state: 'pending', deviations: [] });
      expect(await hospital.rows("SELECT code FROM package_node WHERE institution = ? AND state = 'pending'", H)).to.deep.equal([{ code: CARTON }]);
      const related = bill([], { lines: [{ lineNo: '1', drug: 'YP1', lot: 'A1', codes: IN_CARTON.map((code) => ({ code, level: 1, parent: CARTON })) }] });
      expect((await receiving.submitBill(HOSPITAL, related, 'rest')).receipts).to.deep.equal(['RK1']);
      expect((await check()).comparison).to.deep.include({ state: 'matched', matched: [CARTON] });
    });

    it('keeps mismatched goods off the shelf where the rules say so, the rest is accepted', async () => {
      await receiving.submitBill(HOSPITAL, bill([C1]), 'rest');
      await receive('E1', [line([C1, C2])]);
      const checked = await check();
      expect([checked.held, checked.comparison.matched]).to.deep.equal([[C2], [C1]]);
      expect(verificationOf(checked)).to.deep.equal({ checked: true, passed: false, billNos: ['CK1'], refused: [C2] });
      expect(await hospital.driver.read((q) => heldCodes(q, H, [C1, C2]))).to.deep.equal([{ code: C2, documentNo: 'RK1', kind: 'extra' }]);
      rules = { ...rules, onMismatch: 'record' };
      expect((await check()).held).to.deep.equal([]);
      expect(await hospital.driver.read((q) => heldCodes(q, H, [C2]))).to.deep.equal([]);
    });

    it('settles a discrepancy when the goods go back to the supplier', async () => {
      await receiving.submitBill(HOSPITAL, bill([C1]), 'rest');
      await receive('E1', [line([C1, C2])]);
      await check();
      await hospital.submit({ id: 'R1', kind: 'supplier-return', documentNo: 'TH1', lines: [line([C2])] });
      await check();
      const [one] = await hospital.driver.read((q) => discrepanciesOf(q, H, 'RK1'));
      expect(one).to.deep.include({ state: 'settled', reason: '实物已退供应商' });
    });

    it('tells the supplier once the grace is over, and leaves settled what a person settled', async () => {
      await receiving.submitBill(HOSPITAL, bill([C1, C3]), 'rest');
      await receive('E1', [line([C1, C2])]);
      await check();
      const sent: SupplierFeedback[] = [];
      const tell = (result: 'accepted' | 'unknown'): Promise<number> => feedBack({
        driver: hospital.driver, log: silentLog, clock: { now: () => clock.ms, sleep: () => Promise.resolve() }, channel: { name: 'test', send: (one) => { sent.push(one); return Promise.resolve({ result }); } },
      }, H, new AbortController().signal);
      expect(await tell('unknown')).to.equal(0);
      expect(await tell('accepted')).to.equal(1);
      expect(sent.map(({ supplier, items }) => [supplier, items.map(({ kind }) => kind)])).to.deep.equal([['S1', ['extra']], ['S1', ['extra']]]);
      expect(sent[0]?.feedbackNo).to.equal(sent[1]?.feedbackNo);
      clock.ms += 3_600_000;
      expect(await tell('accepted')).to.equal(1);
      const moved = await hospital.driver.write((q) => moveDiscrepancies(q, { institution: H, documentNo: 'RK1', states: ['fed-back'] }, { to: 'settled', note: '供应商已补单', by: '药师', atMs: clock.ms }));
      expect([moved.matched, moved.changed]).to.deep.equal([2, 2]);
      await check();
      expect(await open1()).to.deep.equal([]);
    });

    it('is not drawn into another delivery by a stray code, and says where the code belongs', async () => {
      await receiving.submitBill(HOSPITAL, bill([C1, C2]), 'rest');
      await receiving.submitBill(HOSPITAL, bill([C3, C4, FOREIGN], { billNo: 'CK9' }), 'rest');
      await receive('E1', [line([C1, C2, C3])]);
      const { deviations } = (await check()).comparison;
      expect(deviations.map(({ kind, subject, expected }) => [kind, subject, expected])).to.deep.equal([['extra', C3, '上游单据 CK9']]);
    });

    it('finds by a sweep what nobody marked', async () => {
      await receive('E1', [line([C1])]);
      clock.ms = Date.now();
      expect(await receiving.sweep(HOSPITAL)).to.be.greaterThan(0);
      expect(await receiving.checkDue(HOSPITAL)).to.equal(1);
      expect(await open1()).to.deep.equal(['no-upstream-bill RK1']);
      clock.ms = Date.parse('2026-11-22T12:00:00+08:00');
    });

    it('shows one institution nothing of another', async () => {
      await receiving.submitBill(HOSPITAL, bill([C1]), 'rest');
      await receive('E1', [line([C1, C2])]);
      await check();
      expect(await hospital.driver.read((q) => listDiscrepancies(q, { institution: 'H89990000002', states: ['open'], limit: 10 }))).to.deep.equal([]);
    });
  });
});
