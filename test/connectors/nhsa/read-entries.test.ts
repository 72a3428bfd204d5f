import { expect } from 'chai';
import type { ReadBackPage, ReadBackRange } from '../../../adapter/ports/destination.ts';
import { FakePlatform, failure } from './fake-platform.ts';
import { HOSPITAL, NEVER, open } from './fixtures.ts';
import type { Opened } from './fixtures.ts';

const RANGE: ReadBackRange = { institution: HOSPITAL, from: '2026-11-01', to: '2026-11-22', drugs: ['YP1'] };

describe('nhsa read-back for the daily check', () => {
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
  const read = async (range: Partial<ReadBackRange> = {}, signal = NEVER): Promise<ReadBackPage> => {
    const page = await opened.destination.readBack?.({ ...RANGE, ...range }, { signal });
    if (page === undefined) throw new Error('not offered');
    return page;
  };
  const answer = (rows: Readonly<Record<string, readonly object[]>>): void => {
    platform.behave = (call) => (call.infno in rows || /^35(09|11|12|13)$/.test(call.infno) ? { before: true, reply: { body: JSON.stringify({ infcode: 0, output: { output: rows[call.infno] ?? [] } }) } } : undefined);
  };
  const row = (members: object): object => ({ fixmedinsCode: HOSPITAL.code, medinsListCodg: 'YP1', fixmedinsBchno: 'K1', valiFlag: '1', ...members });
  const queries = (): readonly string[] => platform.calls.filter((call) => call.infno.startsWith('35')).map((call) => `${call.infno} ${String(call.rows[0]?.['begndate'])} ${String(call.rows[0]?.['enddate'])}`);

  it('brings the codes of one query and the quantity of the other together under their key', async () => {
    answer({ 3513: [row({ drugTracCodg: '89990010000000000001', crteTime: '2026-11-22 10:00:00' }), row({ drugTracCodg: '89990010000000000002' })], 3511: [row({ selRetnCnt: 2, selRetnTime: '2026-11-22 09:00:00' })] });
    expect((await read()).entries).to.deep.equal([{ operation: '3505', key: 'K1', drug: 'YP1', codes: ['89990010000000000001', '89990010000000000002'], quantity: '2', at: '2026-11-22 09:00:00' }]);
  });

  it('leaves out withdrawn rows and those of others, and reads snake_case as well', async () => {
    answer({ 3509: [row({ fixmedinsBchno: 'gone', valiFlag: '0' }), row({ fixmedinsBchno: 'theirs', fixmedinsCode: 'H99' }), { fixmedins_bchno: 'K2', inv_chg_type: '108', cnt: '3.5', inv_chg_time: '2026-11-20 08:00:00', medins_list_codg: 'YP1' }] });
    expect((await read()).entries).to.deep.equal([{ operation: '3502:108', key: 'K2', drug: 'YP1', codes: [], quantity: '3.5', at: '2026-11-20 08:00:00' }]);
  });

  it('asks in whole days, no longer than a query may be', async () => {
    answer({});
    await read({ from: '2026-10-01', to: '2026-11-22' });
    expect(queries().slice(0, 2)).to.deep.equal(['3513 2026-10-01 2026-10-31', '3513 2026-11-01 2026-11-22']);
    expect(queries()).to.have.length(8);
  });

  it('halves the days when the answer is too large', async () => {
    platform.behave = (call) => (!/^35(09|11|12|13)$/.test(call.infno) ? undefined
      : { before: true, reply: { body: call.rows[0]?.['begndate'] === call.rows[0]?.['enddate'] ? '{"infcode":0,"output":[]}' : `{"infcode":0,"x":"${'x'.repeat(9 * 1024 * 1024)}"}` } });
    const page = await read({ from: '2026-11-21', to: '2026-11-22' });
    expect(page).to.deep.equal({ entries: [], unread: [] });
    expect(queries().slice(0, 3)).to.deep.equal(['3513 2026-11-21 2026-11-22', '3513 2026-11-21 2026-11-21', '3513 2026-11-22 2026-11-22']);
  });

  it('goes through many drugs page by page, each once', async () => {
    answer({});
    const drugs = Array.from({ length: 60 }, (_, index) => `D${String(index)}`);
    const pages: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      cursor = (await read({ drugs, ...(cursor === undefined ? {} : { cursor }) })).next;
      pages.push(cursor);
    } while (cursor !== undefined && pages.length < 10);
    expect(pages).to.deep.equal(['25', '50', undefined]);
    expect(platform.sent('3513').map((call) => call.rows[0]?.['medins_list_codg'])).to.deep.equal(drugs);
  });

  it('names the drugs it could not read instead of passing them for empty', async () => {
    platform.behave = (call) => (call.infno === '3513' && call.rows[0]?.['medins_list_codg'] === 'B' ? { before: true, reply: { body: failure('目录编码不存在') } } : /^35(09|11|12|13)$/.test(call.infno) ? { before: true, reply: { body: '{"infcode":0,"output":[]}' } } : undefined);
    expect((await read({ drugs: ['A', 'B', 'C'] })).unread.map((each) => [each.drug, each.reason])).to.deep.equal([['B', 'CATALOG']]);
  });

  it('ends the page when the platform goes away', async () => {
    platform.behave = (call) => (call.infno === '3513' ? { reply: { status: 502 } } : undefined);
    const page = await read({ drugs: ['A', 'B', 'C'] });
    expect(page.unread.map((each) => each.drug)).to.deep.equal(['A', 'B', 'C']);
    expect(platform.sent('3513')).to.have.length(1);
  });

  it('asks nothing once it is told to stop', async () => {
    expect((await read({}, AbortSignal.abort())).unread).to.have.length(1);
    expect(platform.calls).to.have.length(0);
  });
});
