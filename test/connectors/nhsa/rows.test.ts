import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import type { EventKind } from '../../../adapter/domain/event.ts';
import type { ReportedEvent } from '../../../adapter/ports/destination.ts';
import { planReports } from '../../../connectors/nhsa/plan.ts';
import { prepare } from '../../../connectors/nhsa/prepare.ts';
import type { Profile } from '../../../connectors/nhsa/profile.ts';
import { loadSpec } from '../../../connectors/nhsa/spec.ts';
import { rowProblem } from './fake-platform.ts';
import { code, DRUG, drugWithout, line, national, NOW, reported, reportOf, settingsWith } from './fixtures.ts';

const spec = loadSpec();
type Row = Readonly<Record<string, unknown>>;

function rowsOf(of: ReportedEvent, profile: Profile = national(), settings = settingsWith()): (Row | string)[] {
  return planReports(of, profile).map((plan, index) => {
    const prepared = prepare(reportOf(plan, of), index, { spec, profile, settings, now: NOW });
    return 'kind' in prepared ? `${prepared.kind} ${'reason' in prepared ? prepared.reason : ''} ${'peerText' in prepared ? (prepared.peerText ?? '') : ''}` : prepared.row;
  });
}

function first(kind: EventKind, options: Parameters<typeof line>[1] = {}, event = {}, profile: Profile = national()): Row | string {
  return rowsOf(reported(kind, [line('1', options)], event), profile)[0] ?? 'nothing';
}

function asRow(row: Row | string): Row {
  if (typeof row === 'string') throw new Error(row);
  return row;
}

describe('nhsa rows', () => {
  for (const kind of ['receipt', 'supplier-return', 'stock-count', 'stock-gain', 'stock-loss', 'destroy', 'transfer-in', 'transfer-out', 'other-in', 'other-out', 'gift-in', 'gift-return', 'dispense', 'dispense-return'] as const) {
    it(`fills ${kind} by the field table, nothing more and nothing less`, () => {
      const of = reported(kind, [line('1')]);
      for (const [index, plan] of planReports(of, national()).entries()) {
        const row = asRow(rowsOf(of)[index] ?? '');
        const { fields } = spec.transaction(plan.operation.slice(0, 4));
        expect(rowProblem(row, fields)).to.equal(undefined);
        expect(Object.keys(row)).to.deep.equal(fields.map((field) => field.name).filter((name) => plan.operation !== '3505' || name !== 'drug_trac_codg'));
      }
    });
  }

  it('sends a sale with every value of the event in its place', () => {
    const row = asRow(first('dispense'));
    expect(row).to.include({
      med_list_codg: 'XJ01CAA040E001010100001', fixmedins_hilist_id: 'YP00012', fixmedins_hilist_name: '阿莫西林胶囊', prsc_dr_name: '医师乙', phar_name: '药师甲', phar_prac_cert_no: 'YS0001',
      hi_feesetl_type: '1', setl_id: 'SETL1', mdtrt_sn: 'V1', psn_no: 'P1', psn_cert_type: '01', psn_name: '患者丙', manu_lotnum: 'A2401', manu_date: '2026-01-02', expy_end: '2027-12-31',
      rx_flag: '1', trdn_flag: '0', finl_trns_pric: '12.5', rxno: 'RX1', rtal_docno: 'CF2026112200123', sel_retn_cnt: '1', sel_retn_time: '2026-11-22 09:31:05', sel_retn_opter_name: '药师甲', mdtrt_setl_type: '1', memo: '', rx_circ_flag: '',
    });
    expect(row['drugtracinfo']).to.deep.equal([{ drug_trac_codg: code(1).code }]);
  });

  it('writes one object per code, GS1 element strings as they are', () => {
    const gs1 = code(2, { code: '0106901234567892211234567890ABC', scheme: 'gs1', prefix: '06901234567892' });
    expect(asRow(first('dispense', { codes: [code(1), gs1], packs: '2', units: '48' }))['drugtracinfo']).to.deep.equal([{ drug_trac_codg: code(1).code }, { drug_trac_codg: gs1.code }]);
  });

  it('keeps back a code of more than 100 characters', () => {
    expect(first('dispense', { codes: [code(1, { code: 'X'.repeat(101) })] })).to.match(/rejected INVALID_CODE .*追溯码/);
  });

  it('sends self-pay with type 2 and no settlement id', () => {
    expect(first('dispense', {}, { patient: { visitNo: 'V1', settlementType: 'self-pay' } })).to.include({ mdtrt_setl_type: '2', hi_feesetl_type: '0', setl_id: '', psn_no: '' });
  });

  it('keeps back an insured sale without settlement id', () => {
    expect(first('dispense', {}, { patient: { visitNo: 'V1', settlementType: 'insured' } })).to.match(/MISSING_FIELD .*结算ID（setl_id）/);
  });

  it('names every missing field in Chinese and invents nothing', () => {
    const text = first('dispense', { without: ['lot', 'producedOn', 'expiresOn'] }, { prescriber: {}, patient: {} });
    for (const name of ['开方医师姓名', '就医流水号', '生产批号', '生产日期']) expect(text).to.include(name);
    expect(text).not.to.include('有效期止');
  });

  it('learns lot and dates from the receipt of the code', () => {
    const row = asRow(first('dispense', { without: ['lot', 'producedOn', 'expiresOn'], codes: [code(1, { lot: 'B9', producedOn: '2026-03-01', expiresOn: '2028-02-28' })] }));
    expect(row).to.include({ manu_lotnum: 'B9', manu_date: '2026-03-01', expy_end: '2028-02-28' });
  });

  it('does not borrow the date of another lot', () => {
    expect(first('dispense', { without: ['producedOn'], codes: [code(1, { lot: 'OTHER', producedOn: '2026-03-01' })] })).to.match(/MISSING_FIELD .*生产日期/);
  });

  it('lets a site make a field optional or required', () => {
    expect(first('dispense', { without: ['producedOn'] }, {}, national({ optionalFields: ['3505.manu_date'] }))).to.include({ manu_date: '' });
    expect(first('dispense', { drug: { ...DRUG, medListCode: '' } }, {}, national({ requiredFields: ['med_list_codg'] }))).to.match(/MISSING_FIELD .*医疗目录编码/);
  });

  it('keeps back what is longer than the table allows', () => {
    expect(first('dispense', { line: { lot: 'L'.repeat(31) } })).to.match(/FIELD_TOO_LONG .*生产批号.*30/);
    expect(first('dispense', { drug: { ...DRUG, name: '药'.repeat(200) } })).to.be.an('object');
    expect(first('dispense', { drug: { ...DRUG, name: '药'.repeat(201) } })).to.match(/FIELD_TOO_LONG/);
  });

  it('keeps back dates that do not exist and codes that are in no list', () => {
    expect(first('dispense', { line: { producedOn: '2026-02-30' } })).to.match(/RULE .*日期无效：生产日期/);
    expect(first('dispense', { drug: { ...DRUG, rxFlag: '9' } })).to.match(/RULE .*处方药标志/);
    expect(first('dispense', { drug: drugWithout('rxFlag') })).to.match(/MISSING_FIELD .*处方药标志/);
  });

  it('leaves an optional value empty that is in no list', () => {
    expect(first('dispense', {}, { patient: { visitNo: 'V1', idType: 'SFZ', idNo: 'x', settlementType: 'self-pay' } })).to.include({ psn_cert_type: '', certno: 'x' });
  });

  it('marks split rows and counts them in smallest units at the price of one', () => {
    const split = { line: { split: true, quantity: '6', unit: '粒', unitPrice: '0.520833' }, units: '6', packs: '0.25', codes: [code(1, { units: '6' })] };
    expect(first('dispense', split)).to.include({ trdn_flag: '1', sel_retn_cnt: '6', finl_trns_pric: '0.520833' });
    expect(first('dispense', split, {}, national({ splitQuantity: 'pack-fraction' }))).to.include({ trdn_flag: '1', sel_retn_cnt: '0.25', finl_trns_pric: '12.499992' });
  });

  it('counts whole packs that a ward counts in tablets in packs, at the price of a pack', () => {
    expect(first('dispense', { line: { quantity: '48', unit: '粒', unitPrice: '0.5' }, units: '48', packs: '2', codes: [code(1), code(2)] })).to.include({ trdn_flag: '0', sel_retn_cnt: '2', finl_trns_pric: '12' });
  });

  it('takes the price of the catalogue for a stock change, never for a deal', () => {
    expect(first('destroy', { without: ['unitPrice'] })).to.include({ pric: '12.5', inv_chg_type: '105', cnt: '1' });
    expect(first('destroy', { without: ['unitPrice'], line: { split: true }, units: '6', packs: '0.25', codes: [code(1, { units: '6' })] })).to.include({ pric: '0.520833', cnt: '6' });
    expect(first('dispense', { without: ['unitPrice'] })).to.include({ finl_trns_pric: '0' });
    expect(first('destroy', { without: ['unitPrice'], drug: drugWithout('price') })).to.match(/MISSING_FIELD .*单价/);
  });

  it('names the package level of 3502 codes and none without codes', () => {
    expect(first('transfer-in', { codes: [code(1, { level: 2 })], packs: '10' })).to.include({ trac_codg_pac_hery: '2', cnt: '10' });
    expect(first('transfer-in', { codes: [] })).to.include({ trac_codg_pac_hery: '' });
  });

  it('sends a purchase with the papers of the delivery', () => {
    expect(first('receipt')).to.include({ dynt_no: 'SH001', spler_name: '示范医药公司', spler_pmtno: 'AA0001', prodentp_name: '示范制药', aprvno: '国药准字H00000001', purc_invo_no: 'FP001', prod_geay_flag: '0', purc_retn_cnt: '1' });
    expect(first('receipt', {}, { counterparty: {} })).to.match(/MISSING_FIELD .*供应商名称/);
    expect(first('supplier-return', {}, { invoiceNo: '' })).to.match(/MISSING_FIELD .*采购发票号/);
  });

  it('names the configured operator where the HIS named nobody, unless the site forbids it', () => {
    const of = reported('dispense', [line('1')], { operator: {} });
    expect(rowsOf(of)[0]).to.include({ sel_retn_opter_name: '系统', phar_name: '' });
    expect(rowsOf(of, national(), settingsWith({ operatorForLines: false }))[0]).to.match(/MISSING_FIELD .*经办人姓名/);
  });

  it('takes prescription or event number when the HIS gave no document number, never one that is too long', () => {
    expect(first('dispense', {}, { documentNo: '' })).to.include({ rtal_docno: 'RX1' });
    expect(first('dispense', {}, { documentNo: '', prescriptionNo: 'P'.repeat(41) })).to.match(/FIELD_TOO_LONG .*处方号/);
    expect(first('dispense', {}, { documentNo: '', prescriptionNo: '' })).to.include({ rtal_docno: 'EV-1' });
  });

  it('leaves psn_no out when the insured area is not known, or waits by profile', () => {
    const event = { patient: { visitNo: 'V1', personNo: 'P1', settlementType: 'insured' as const, settlementId: 'S1' } };
    expect(first('dispense', {}, event)).to.include({ psn_no: '', setl_id: 'S1' });
    const strict = { ...national(), dispense: { ...national().dispense, personWithoutArea: 'park' as const } };
    expect(first('dispense', {}, event, strict)).to.match(/MISSING_FIELD .*insuplc_admdvs/);
  });

  it('leaves empty fields out where a region wants that', () => {
    const lean = { ...national(), fields: { ...national().fields, empty: 'leave-out' as const } };
    expect(Object.values(asRow(first('dispense', {}, {}, lean))).includes('')).to.equal(false);
  });

  it('writes numbers as JSON numbers where a region wants that', () => {
    const numbers = { ...national(), fields: { ...national().fields, numbersAs: 'number' as const } };
    expect(first('dispense', {}, {}, numbers)).to.include({ sel_retn_cnt: 1, finl_trns_pric: 12.5 });
  });

  it('keeps a row together when the lots of its codes become known after it was planned', () => {
    const bare = [code(1), code(2)];
    const of = reported('dispense', [line('1', { packs: '2', units: '48', codes: bare, without: ['lot', 'producedOn', 'expiresOn'] })]);
    const [plan] = planReports(of, national());
    if (plan === undefined) throw new Error('nothing planned');
    const later = reported('dispense', [line('1', { packs: '2', units: '48', without: ['lot', 'producedOn', 'expiresOn'], codes: [code(1, { lot: 'A', producedOn: '2026-01-01' }), code(2, { lot: 'B', producedOn: '2026-02-01' })] })]);
    const prepared = prepare(reportOf(plan, later), 0, { spec, profile: national(), settings: settingsWith(), now: NOW });
    expect('row' in prepared && prepared.row).to.include({ fixmedins_bchno: plan.key, sel_retn_cnt: '2', manu_lotnum: 'A' });
  });

  it('refuses a report whose line has changed beyond recognition', () => {
    const of = reported('dispense', [line('1')]);
    const [plan] = planReports(of, national());
    if (plan === undefined) throw new Error('nothing planned');
    const prepared = prepare(reportOf({ ...plan, key: 'S1122OTHER', codes: ['x'] }, of), 0, { spec, profile: national(), settings: settingsWith(), now: NOW });
    expect('reason' in prepared && prepared.reason).to.equal('UNPLANNED');
  });

  it('has the field tables of the specification on disk, A forms like their single forms', () => {
    for (const infno of ['3501', '3502', '3503', '3504', '3505', '3506', '3507']) {
      expect(spec.transaction(`${infno}A`).fields).to.deep.equal(spec.transaction(infno).fields);
      expect(spec.transaction(`${infno}A`).rows).to.equal('many');
    }
    expect(spec.transaction('3505').fields).to.have.length(38);
    expect(readFileSync(new URL('../../../connectors/nhsa/spec/transactions.json', import.meta.url), 'utf8')).not.to.match(/8\d{19}/);
  });
});
