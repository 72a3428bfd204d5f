import { expect } from 'chai';
import { silentLog } from '../../adapter/ports/log.ts';
import type { Table } from '../../adapter/ports/table-reader.ts';
import type { UpstreamBill } from '../../adapter/ports/upstream.ts';
import { readBillFile } from '../../adapter/receiving/bill-file.ts';
import { discrepanciesCsv } from '../../adapter/receiving/feed-back.ts';
import { fetchBills, fetchBillsOfCode } from '../../adapter/receiving/fetch-bills.ts';
import { readBill } from '../../adapter/receiving/read-bill.ts';
import type { SupplierBill } from '../../adapter/receiving/supplier-bill.ts';
import { HOSPITAL, packCode } from '../support/test-hospital.ts';

const table = (rows: readonly (readonly string[])[]): Table => ({
  name: '', named: false, rows: rows.map((row, at) => ({ number: at + 1, cells: new Map(row.flatMap((text, column) => (text === '' ? [] : [[column, { text, kind: 'text' as const }]]))) })),
});
const HEADS = ['单据号', '供应商', '药品编码', '批号', '有效期至', '数量', '追溯码', '上级码', '级别'];

describe('receiving: bill files', () => {
  it('puts the rows of one bill and line together', () => {
    const { bills, problems } = readBillFile([table([HEADS, ['CK1', '甲', 'YP1', 'A1', '2028-06', '2', packCode(1), packCode(9, '8999101'), '1'], ['CK1', '甲', 'YP1', 'A1', '2028-06', '2', packCode(2), '', ''], ['CK2', '甲', 'YP2', 'B1', '', '5', '', '', '']])]);
    expect(problems).to.deep.equal([]);
    expect(bills).to.deep.equal([
      { billNo: 'CK1', supplier: { name: '甲' }, lines: [{ lineNo: '1', drug: 'YP1', lot: 'A1', expiresOn: '2028-06', packs: 2, codes: [{ code: packCode(1), level: 1, parent: packCode(9, '8999101') }, { code: packCode(2) }] }] },
      { billNo: 'CK2', supplier: { name: '甲' }, lines: [{ lineNo: '1', drug: 'YP2', lot: 'B1', packs: 5, codes: [] }] },
    ]);
  });

  it('leaves out a bill with a bad row whole, and takes the others', () => {
    const { bills, problems } = readBillFile([table([HEADS, ['CK1', '甲', 'YP1', '', '', '', packCode(1), '', ''], ['CK1', '甲', 'YP1', '', '', '', '8.9E+19', '', ''], ['CK2', '甲', 'YP1', '', '', '1.5', packCode(3), '', ''], ['CK3', '甲', 'YP1', '', '', '', packCode(4), '', '']])]);
    expect(bills.map(({ billNo }) => billNo)).to.deep.equal(['CK3']);
    expect(problems.map(({ value }) => value)).to.have.members(['8.9E+19', '1.5']);
  });

  it('reads every code to its canonical form or refuses the bill by the place of the bad one', () => {
    const told = (code: string): SupplierBill => ({ billNo: 'CK1', supplier: { code: 'S' }, lines: [{ lineNo: '1', codes: [{ code }] }] });
    expect(readBill(told(` ${packCode(1)}\r`))).to.deep.include({ bill: told(packCode(1)) });
    expect(readBill(told('无'))).to.have.nested.property('refusal.field', 'lines[0].codes[0].code');
  });
});

describe('receiving: bills from the platform', () => {
  const party = { name: '甲', entId: 'E9', refEntId: 'R9' };
  const head = { billNo: 'CK1', billType: '201', billAt: '2026-11-20 10:00:00', from: party, to: { name: '', entId: '', refEntId: 'R1' } };
  const found: UpstreamBill = { ...head, relations: 'whole', lines: [{ drugName: '演示片', spec: '', packSpec: '', maker: '', approvalNo: '', lot: 'A1', producedOn: '', expiresOn: '2028-06-30', packs: '1', units: '12', codes: [{ code: packCode(1), level: 1, packs: '12' }] }] };
  const clock = { now: () => Date.parse('2026-11-22T12:00:00+08:00'), sleep: () => Promise.resolve() };
  const asking = { institution: HOSPITAL, signal: new AbortController().signal, priority: 5 };

  it('reads page after page, fetches each bill once, and says which could not be had', async () => {
    const taken: SupplierBill[] = [];
    const searched: unknown[] = [];
    const result = await fetchBills({
      clock, log: silentLog, origin: 'mah',
      receiving: { submitBill: (_institution, bill, origin) => { taken.push(bill); return Promise.resolve({ result: 'added', revision: 1, bill, receipts: [origin] }); } },
      upstream: {
        bills: (search) => { searched.push(search); return Promise.resolve({ kind: 'found', evidence: [], value: search.cursor === undefined ? { rows: [{ ...head, lines: [] }], next: '2' } : { rows: [{ ...head, lines: [] }, { ...head, billNo: 'CK2', lines: [] }] } }); },
        bill: ({ billNo }) => Promise.resolve(billNo === 'CK1' ? { kind: 'found', value: found, evidence: [] } : { kind: 'not-granted', operation: 'listupout.detail', why: '无权限', evidence: [] }),
        billsOfCode: () => Promise.resolve({ kind: 'none', evidence: [] }),
      },
    }, asking, 3);
    expect(searched).to.deep.equal([{ from: '2026-11-19', to: '2026-11-22' }, { from: '2026-11-19', to: '2026-11-22', cursor: '2' }]);
    expect(result).to.deep.equal({ fetched: 1, failed: [{ billNo: 'CK2', why: '无权限' }] });
    expect(taken).to.deep.equal([{
      billNo: 'CK1', supplier: { code: 'R9', name: '甲' }, addressee: { code: 'R1' }, billedAt: '2026-11-20 10:00:00',
      lines: [{ lineNo: '1', drugName: '演示片', lot: 'A1', expiresOn: '2028-06-30', packs: 1, codes: [{ code: packCode(1), level: 1, smallest: true, packs: 12 }] }],
    }]);
  });

  it('asks for the bill of a scanned code, and answers none with nothing', async () => {
    const never = (): never => { throw new Error('not asked for'); };
    const deps = { clock, log: silentLog, origin: 'mah', receiving: { submitBill: never }, upstream: { bills: never, bill: never, billsOfCode: () => Promise.resolve({ kind: 'none' as const, evidence: [] }) } };
    expect(await fetchBillsOfCode(deps, asking, packCode(1))).to.deep.equal({ fetched: 0, failed: [] });
  });
});

describe('receiving: export', () => {
  it('writes codes as text and disarms formulas', () => {
    const csv = discrepanciesCsv([{ documentNo: '=1+1', kind: 'extra', subject: packCode(1), codes: [packCode(1)], state: 'open', owner: 'supplier', vanished: false, firmAt: 0, createdAt: 0, updatedAt: 0 }]);
    expect(csv).to.match(/^\uFEFF单据号,/);
    expect(csv).to.contain("'=1+1").and.to.contain(`"\t${packCode(1)}"`);
  });
});
