import { expect } from 'chai';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import { findAbuses } from '../../adapter/scan/patterns/find-abuses.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { writeAbuseHistory } from '../support/abuse-history.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { HOSPITAL, openTestHospital, packCode } from '../support/test-hospital.ts';

const OTHER = { ...HOSPITAL, code: 'H35010200002', name: '乙医院' };

describe('scan: abuses in the whole history', () => { onEachStore((open) => {
  it('finds every planted abuse by its pattern, and invents none (6,000 codes, 60 planted, seed 7)', async () => {
    const driver = await open();
    await migrate(driver);
    const history = await writeAbuseHistory(driver, { institution: HOSPITAL.code, member: OTHER.code, codes: 6_000, abuses: 60, seed: 7 });
    const report = await findAbuses(driver, { institution: HOSPITAL.code, members: [OTHER.code] });
    expect(report.codes).to.equal(6_000);
    const found = new Set(report.hits.map(({ code, pattern }) => `${code} ${pattern}`));
    expect([...history.planted].filter(([code, pattern]) => !found.has(`${code} ${pattern}`))).to.deep.equal([]);
    expect(report.hits.filter(({ code }) => !history.planted.has(code))).to.deep.equal([]);
    expect(new Set(history.planted.values()).size).to.equal(6);
  }).timeout(60_000);

  it('finds them in what the intake itself wrote', async () => {
    const hospital = await openTestHospital([new FakeDestination('insurance')], { driver: await open(), institutions: [HOSPITAL, OTHER] });
    let no = 0;
    const take = async (kind: TraceEvent['kind'], code: string, more: Partial<TraceEvent> = {}, line: { readonly expiresOn?: string } = {}): Promise<void> => {
      no += 1;
      const answer = await hospital.submit({ id: `E${String(no)}`, kind, patient: { visitNo: `V${String(no)}` }, ...more, lines: [{ lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, codes: [code], ...line }] });
      expect(answer.kind).to.equal('taken');
    };
    const spread = (serial: number): string => packCode(serial * 10); // no two of them are neighbours
    for (let at = 1; at <= 8; at += 1) await take('receipt', spread(at), {}, { expiresOn: at === 3 ? '2026-11-21' : '2028-01-01' });
    for (let at = 1; at <= 6; at += 1) await take('dispense', spread(at));
    await take('dispense', spread(1)); // again
    await take('dispense-return', spread(2));
    await take('dispense', spread(2)); // returned, then sold; 3 was sold after its expiry
    await take('receipt', spread(4)); // received after sold
    for (let at = 0; at < 2; at += 1) await take('dispense', spread(5)); // three visits want one pack
    await take('receipt', spread(6), { institution: OTHER.code });
    await take('dispense', spread(6), { institution: OTHER.code }); // and at the other member
    for (let serial = 901; serial <= 906; serial += 1) await take('dispense', packCode(serial)); // made-up serials
    const { hits } = await findAbuses(hospital.driver, { institution: HOSPITAL.code, members: [OTHER.code] });
    const byCode = new Map<string, string[]>();
    for (const { code, pattern } of hits) byCode.set(code, [...(byCode.get(code) ?? []), pattern]);
    expect(Object.fromEntries(byCode)).to.deep.equal({
      [spread(1)]: ['dispensed-again'], [spread(2)]: ['returned-then-sold'], [spread(3)]: ['sold-after-expiry'], [spread(4)]: ['received-after-sold'],
      [spread(5)]: ['dispensed-again', 'many-visits'], [spread(6)]: ['dispensed-again'], ...Object.fromEntries([901, 902, 903, 904, 905, 906].map((serial) => [packCode(serial), ['serial-run']])),
    });
    expect((await findAbuses(hospital.driver, { institution: HOSPITAL.code })).hits.some(({ code }) => code === spread(6))).to.equal(false);
    await hospital.stop();
  });
}); });
