import { expect } from 'chai';
import fc from 'fast-check';
import { billNumber, revisedNumber } from '../../../connectors/mah-alihealth/bill-number.ts';
import { METHODS } from '../../../connectors/mah-alihealth/methods.ts';
import { planEvent } from '../../../connectors/mah-alihealth/plan.ts';
import { planReversal, reversalTime } from '../../../connectors/mah-alihealth/plan-reversal.ts';
import { reviseReport } from '../../../connectors/mah-alihealth/revise-report.ts';
import { codeOf, lineCode, mahSettings, reported, reportLine, reportOf, SUPPLIER } from './fixtures.ts';
import { FakeTop, gatewayError, taken } from './fake-top.ts';
import { openDestination, type OpenDestination } from './open-destination.ts';

const event = reported({}, []).event;

describe('mah-alihealth number of a bill that goes again', () => {
  it('is the same every time, another for each revision, at most 40 characters, and keeps the part that makes it unique', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), fc.constantFrom('', 'A', 'AB12'), fc.integer({ min: 2, max: 99 }), fc.constantFrom('', '_1', '_999'), (documentNo, prefix, revision, part) => {
      const number = `${billNumber({ event: { ...event, documentNo }, about: ['323'], prefix })}${part}`;
      const revised = revisedNumber(number, revision, prefix);
      expect(revised).to.match(/^[A-Za-z0-9_-]{1,40}$/);
      expect(revised).to.equal(revisedNumber(number, revision, prefix));
      expect(revised.endsWith(`${number.slice(-14 - part.length)}-R${String(revision)}`)).to.equal(true);
      expect(revised.startsWith(prefix)).to.equal(true);
      expect(new Set([number, revised, revisedNumber(number, revision === 99 ? 98 : revision + 1, prefix)]).size).to.equal(3);
    }));
  });

  it('counts on from a number that was revised already', () => {
    expect(revisedNumber('CF1-ABCDEFGHJKMNPQ-R2', 3, '')).to.equal('CF1-ABCDEFGHJKMNPQ-R3');
  });

  it('goes into the batch key, where a reversal keeps the time of its void', () => {
    const of = reported({}, [reportLine([lineCode(codeOf(1))])]);
    const [bill] = planEvent(of, mahSettings());
    if (bill === undefined) throw new Error('nothing planned');
    const revised = reviseReport(bill, 2, mahSettings());
    expect(revised).to.deep.include({ batchKey: revised.key, codes: bill.codes, operation: '323' });
    const reversal = planReversal({ ...bill, reported: of }, { ...event, kind: 'void', id: 'V1', occurredAt: '2026-11-23T08:00:00+08:00' }, mahSettings());
    if (reversal === undefined) throw new Error('no reversal');
    const again = reviseReport(reversal, 2, mahSettings());
    expect(again.batchKey.startsWith(`${again.key}@`)).to.equal(true);
    expect(reversalTime(again.batchKey)).to.equal(Date.parse('2026-11-23T08:00:00+08:00'));
  });
});

describe('mah-alihealth taking back the opening of a split pack', () => {
  const by = { ...event, kind: 'void' as const, id: 'V1' };
  const of = reported({}, [
    reportLine([lineCode(codeOf(1), { firstOpening: true, units: '2' })], { line: { lineNo: '1', split: true } }),
    reportLine([lineCode(codeOf(2))], { line: { lineNo: '2' } }),
  ]);

  it('names the packs that the event opened, and no whole ones', () => {
    const [bill] = planEvent(of, mahSettings());
    if (bill === undefined) throw new Error('nothing planned');
    expect(bill.codes).to.have.members([codeOf(1), codeOf(2)]);
    expect(planReversal({ ...bill, reported: of }, by, mahSettings())).to.deep.include({ operation: '116', unlessOpened: [codeOf(1)] });
  });

  it('sets no condition on a bill of whole packs, nor on packs another event opened', () => {
    const bill = { operation: '323', key: 'B1', covers: ['2'], codes: [codeOf(2)], reported: of };
    expect(planReversal(bill, by, mahSettings())).to.not.have.property('unlessOpened');
  });
});

describe('mah-alihealth methods that are not granted', () => {
  let top: FakeTop;
  let open: OpenDestination;
  beforeEach(async () => {
    top = new FakeTop();
    await top.start();
    open = openDestination(top.url);
  });
  afterEach(async () => {
    await open.destination.stop();
    await top.stop();
  });

  const receipt = (id: string) => { const of = reported({ id, kind: 'receipt', counterparty: { name: SUPPLIER.name } }, [reportLine([lineCode(codeOf(1))])]); return reportOf(open.destination.plan(of)[0] ?? expect.fail(), of); };
  const dispense = () => { const of = reported({ id: 'D1' }, [reportLine([lineCode(codeOf(2))])]); return reportOf(open.destination.plan(of)[0] ?? expect.fail(), of); };

  it('refuses what needs them without another call for a minute, and sends the rest', async () => {
    top.on(METHODS.uploadInOut, gatewayError(11));
    top.on(METHODS.uploadUse, taken());
    for (const id of ['R1', 'R2', 'R3']) expect(await open.send(receipt(id))).to.include({ kind: 'unavailable', reason: 'NOT_GRANTED' });
    expect(top.callsOf(METHODS.uploadInOut)).to.have.length(1);
    expect((await open.send(dispense())).kind).to.equal('processing');
  });

  it('tries them again after a minute, and goes on when they were granted', async () => {
    top.on(METHODS.uploadInOut, gatewayError(11));
    await open.send(receipt('R1'));
    top.on(METHODS.uploadInOut, taken());
    expect((await open.send(receipt('R2'))).kind).to.equal('unavailable');
    open.clock.offset += 60_000;
    expect((await open.send(receipt('R2'))).kind).to.equal('processing');
    expect((await open.send(receipt('R3'))).kind).to.equal('processing');
  });
});
