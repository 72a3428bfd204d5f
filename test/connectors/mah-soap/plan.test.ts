import { expect } from 'chai';
import type { ReportedEvent } from '../../../adapter/ports/destination.ts';
import { mahSoap } from '../../../connectors/mah-soap/index.ts';
import { codeOf, lineCode, reported, reportLine } from '../mah-alihealth/fixtures.ts';
import { eventOf, first, holderDefaults, openWith, type OpenHolder } from './open-holder.ts';

function open(change: object = {}): OpenHolder {
  return openWith(mahSoap, { ...holderDefaults(mahSoap), profile: 'example-one-string', user: 'u', password: 'p', endpoint: 'http://127.0.0.1:1/x', ...change });
}
const plan = (of: ReportedEvent, change: object = {}) => open(change).destination.plan(of);
const splitLine = (serial: number, change: object) => reportLine([lineCode(codeOf(serial), change)], { line: { split: true, quantity: '2', unit: '片' } });

describe('plans of holder systems', () => {
  it('makes one report per event whose key is the same whenever it is planned again, and never too long', () => {
    const [report, ...others] = plan(eventOf('dispense', [1, 2]));
    expect(others).to.deep.equal([]);
    expect(report).to.deep.include({ operation: 'upload-use', covers: ['1'], codes: [codeOf(1), codeOf(2)], priority: 2 });
    expect(report?.key).to.match(/^JA[0-9A-Z]{20,24}$/);
    expect(plan(eventOf('dispense', [1, 2]))[0]?.key).to.equal(report?.key);
    expect(plan(eventOf('dispense', [1, 2], { id: 'OTHER' }))[0]?.key).to.not.equal(report?.key);
  });

  it('keeps what the profile does not list as a local record, covering every line', () => {
    for (const kind of ['transfer-out', 'stock-gain', 'gift-in', 'stock-count'] as const) expect(first(plan(eventOf(kind, [1]))), kind).to.deep.include({ operation: 'none', covers: ['1'] }).with.property('notOwed');
    expect(plan(eventOf('void', []))).to.deep.equal([]);
  });

  it('tells a split pack once, at its first opening, whatever kind opened it', () => {
    expect(first(plan(reported({ kind: 'dispense' }, [splitLine(1, { firstOpening: true })])))).to.include({ operation: 'upload-use' });
    expect(first(plan(reported({ kind: 'dispense' }, [splitLine(1, {})])))).to.have.property('notOwed').that.matches(/首次拆零/);
    expect(first(plan(reported({ kind: 'split-open' }, [splitLine(1, { firstOpening: true })])))).to.include({ operation: 'upload-use' });
    expect(first(plan(reported({ kind: 'destroy' }, [splitLine(1, { firstOpening: true })])))).to.include({ operation: 'upload-use' });
    expect(first(plan(reported({ kind: 'dispense-return' }, [splitLine(1, {})])))).to.have.property('notOwed').that.matches(/最小单位/);
  });

  it('shows lines without codes and larger packages at dispensing to a person', () => {
    expect(first(plan(reported({ kind: 'dispense' }, [reportLine([])])))).to.have.nested.property('unsendable.reason', 'CODES_MISSING');
    expect(first(plan(reported({ kind: 'dispense' }, [reportLine([lineCode(codeOf(1, '8999201'))])])))).to.have.nested.property('unsendable.reason', 'INVALID_CODE');
    // a carton at receiving speaks for the packs in it
    const both = reportLine([lineCode(codeOf(1, '8999101')), lineCode(codeOf(2)), lineCode(codeOf(3))], { packs: '10' });
    expect(first(plan(reported({ kind: 'receipt' }, [both]))).codes).to.deep.equal([codeOf(1, '8999101')]);
  });

  it('fails closed on codes of other holders, or leaves them to another destination where the site says so', () => {
    const mixed = reported({ kind: 'dispense' }, [reportLine([lineCode(codeOf(1)), lineCode(codeOf(2, '8999777'))])]);
    const closed = plan(mixed, { prefixes: ['8999001'] });
    expect(closed.map((report) => [report.operation, report.codes, report.unsendable?.reason])).to.deep.equal([['upload-use', [codeOf(1)], undefined], ['none', [codeOf(2, '8999777')], 'OWNER_UNKNOWN']]);
    expect(plan(mixed, { prefixes: ['8999001'], otherOwners: 'not-owed' }).map(({ codes }) => codes)).to.deep.equal([[codeOf(1)]]);
    expect(first(plan(mixed, { prefixes: ['8111'], otherOwners: 'not-owed' }))).to.have.property('notOwed').that.matches(/其他持有人/);
  });

  it('sends a code that two lines name once, in a report that speaks for both', () => {
    const lines = ['1', '2'].map((lineNo) => reportLine([lineCode(codeOf(1))], { line: { lineNo } }));
    const [report, ...others] = plan(reported({ kind: 'dispense' }, lines));
    expect(others).to.deep.equal([]);
    expect(report).to.deep.include({ codes: [codeOf(1)], covers: ['1', '2'] });
  });

  it('plans no reversal where the profile names none: destruction needs a person', () => {
    const { destination } = open();
    const of = eventOf('destroy', [1]);
    const report = first(destination.plan(of));
    expect(destination.planReversal({ ...report, reported: of }, eventOf('void', []).event)).to.equal(undefined);
  });
});
