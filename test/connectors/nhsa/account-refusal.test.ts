import { expect } from 'chai';
import type { SendResult } from '../../../adapter/domain/outcome.ts';
import type { Report } from '../../../adapter/ports/destination.ts';
import { FakePlatform, failure } from './fake-platform.ts';
import type { Behaviour, Call, Row } from './fake-platform.ts';
import { NEVER, open, sales } from './fixtures.ts';
import type { Opened } from './fixtures.ts';

const serialOf = (row: Row): number => Number((row['drugtracinfo'] as { drug_trac_codg: string }[] | undefined)?.[0]?.drug_trac_codg.slice(7));
const isSale = (call: Call): boolean => call.infno.startsWith('3505');
const kinds = (results: readonly SendResult[]): string => results.map((result) => ({ accepted: 'A', duplicate: 'D', rejected: 'R', unavailable: 'N', unknown: 'U', processing: 'P', 'not-owed': 'O' })[result.kind]).join('');

const CAUSES: readonly (readonly [string, Behaviour])[] = [
  ['a text about the operator', { before: true, reply: { body: failure('操作员无此药品权限') } }],
  ['a text about a grant', { before: true, reply: { body: failure('无权限：未开通') } }],
  ['HTTP 400', { before: true, reply: { status: 400, body: 'bad' } }],
  ['HTTP 403', { before: true, reply: { status: 403, body: '<html>blocked</html>' } }],
  ['HTTP 413', { before: true, reply: { status: 413, body: 'too large' } }],
];

describe('nhsa refusals as if by the account', () => {
  let platform: FakePlatform;
  let opened: Opened;
  beforeEach(async () => {
    platform = new FakePlatform();
    opened = open(await platform.start());
  });
  afterEach(async () => {
    await opened.destination.stop();
    await platform.stop();
  });
  const send = async (reports: readonly Report[]): Promise<string> => kinds(await opened.destination.send(reports, { signal: NEVER }));
  const refuse = (serials: readonly number[], behaviour: Behaviour): void => {
    platform.behave = (call) => (isSale(call) && call.rows.some((row) => serials.includes(serialOf(row))) ? behaviour : undefined);
  };

  for (const [name, behaviour] of CAUSES) {
    it(`of one row, by ${name}: its neighbours pass, and it waits for a person after a bounded number of tries`, async () => {
      refuse([3], behaviour);
      const reports = sales(8, opened.destination);
      expect(await send(reports)).to.equal('AANAAAAA');
      expect(platform.rows).to.have.length(7);
      const bad = reports.slice(2, 3);
      let tries = 1;
      let last: SendResult | undefined;
      for (; tries < 10 && last?.kind !== 'rejected'; tries += 1) [, last] = await opened.destination.send([...sales(1, opened.destination, 100 + tries), ...bad], { signal: NEVER });
      expect(tries).to.equal(3);
      expect(last).to.include({ kind: 'rejected' });
      expect(last?.kind === 'rejected' && last.peerText).to.match(/仅本行连续 3 次被拒/);
      expect(new Set(platform.rows.map((row) => row.key)).size).to.equal(platform.rows.length);
    });
  }

  for (const [name, behaviour] of CAUSES.slice(0, 4)) {
    it(`of everything, by ${name}: one row decides, nothing floods, nothing is rejected`, async () => {
      platform.behave = (call) => (isSale(call) ? behaviour : undefined);
      const reports = sales(8, opened.destination);
      expect(await send(reports)).to.equal('N'.repeat(8));
      expect(platform.calls.filter(isSale).map((call) => call.rows.length)).to.deep.equal([8, 1]);
      for (let round = 0; round < 6; round += 1) expect(await send(reports)).to.equal('N'.repeat(8));
      expect(platform.calls.filter(isSale).slice(2).every((call) => call.rows.length === 1)).to.equal(true);
      expect(platform.calls.filter(isSale)).to.have.length(8);
      platform.behave = () => undefined;
      expect(await send(reports)).to.equal('A'.repeat(8));
    });
  }

  it('of the very row that was the probe: another row decides the next time', async () => {
    refuse([1], CAUSES[0]?.[1] ?? {});
    const reports = sales(4, opened.destination);
    expect(await send(reports)).to.equal('NNNN');
    expect(await send(reports)).to.equal('NAAA');
  });

  it('of several rows: each stands alone, the others pass', async () => {
    refuse([2, 7], CAUSES[0]?.[1] ?? {});
    expect(await send(sales(8, opened.destination))).to.equal('ANAAAANA');
  });

  it('of a row without neighbours is its own once the transaction has passed and a query is answered', async () => {
    await send(sales(1, opened.destination, 50));
    refuse([1], CAUSES[0]?.[1] ?? {});
    const [bad] = sales(1, opened.destination);
    if (bad === undefined) throw new Error('no report');
    expect([await send([bad]), await send([bad]), await send([bad])].join('')).to.equal('NNR');
  });

  it('of a row without neighbours is never its own while nothing shows that the account is good', async () => {
    platform.behave = (call) => (isSale(call) ? CAUSES[0]?.[1] : undefined);
    const [bad] = sales(1, opened.destination);
    if (bad === undefined) throw new Error('no report');
    for (let round = 0; round < 6; round += 1) expect(await send([bad])).to.equal('N');
  });

  it('stops the run when the account is locked in the middle of it', async () => {
    let done = 0;
    platform.behave = (call) => {
      if (!isSale(call)) return undefined;
      done += 1;
      return done === 1 || done > 2 ? CAUSES[0]?.[1] : undefined;
    };
    const result = await send(sales(20, opened.destination));
    expect(result.replace(/N/g, '')).to.equal('A');
    expect(done).to.be.at.most(16);
  });

  it('of the sign-in sends no rows at all', async () => {
    platform.behave = (call) => (call.infno === '9001' ? { before: true, reply: { status: 403, body: 'no' } } : undefined);
    expect(await send(sales(5, opened.destination))).to.equal('NNNNN');
    expect(platform.calls.filter(isSale)).to.have.length(0);
  });
});
