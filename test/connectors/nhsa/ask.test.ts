import { expect } from 'chai';
import type { EventKind } from '../../../adapter/domain/event.ts';
import type { AskResult } from '../../../adapter/domain/outcome.ts';
import type { Report } from '../../../adapter/ports/destination.ts';
import { rangesOf } from '../../../connectors/nhsa/read-back.ts';
import { FakePlatform, failure } from './fake-platform.ts';
import type { Behaviour } from './fake-platform.ts';
import { code, HOSPITAL, line, NEVER, NOW, open, reported, reportOf } from './fixtures.ts';
import type { Opened } from './fixtures.ts';

describe('nhsa ask', () => {
  let platform: FakePlatform;
  let opened: Opened;
  let url: string;

  beforeEach(async () => {
    platform = new FakePlatform();
    url = await platform.start();
    opened = open(url);
  });
  afterEach(async () => {
    await opened.destination.stop();
    await platform.stop();
  });

  function reportsOf(kind: EventKind, id = 'EV-1', codes = [code(1)]): readonly Report[] {
    const event = reported(kind, [line('1', { codes })], { id });
    return opened.destination.plan(event).filter((plan) => plan.unsendable === undefined).map((plan) => reportOf(plan, event, { firstSentAt: NOW }));
  }

  async function ask(report: Report | undefined): Promise<AskResult> {
    if (report === undefined) throw new Error('no report');
    const [result] = await opened.destination.ask([report], { signal: NEVER });
    if (result === undefined) throw new Error('no result');
    return result;
  }

  function sale(): Report {
    const [report] = reportsOf('dispense');
    if (report === undefined) throw new Error('no report');
    return report;
  }

  function answering(body: string | Behaviour): void {
    const behaviour = typeof body === 'string' ? { reply: { body } } : body;
    platform.behave = (call) => (/^35(0[89]|1\d)$/.test(call.infno) ? behaviour : undefined);
  }

  for (const [kind, operation, queries] of [
    ['dispense', '3505', '3513,3511'], ['dispense-return', '3506', '3511,3513'], ['receipt', '3503', '3510'], ['receipt', '3502:108', '3509,3512'], ['supplier-return', '3504', '3510'],
    ['supplier-return', '3502:109', '3509'], ['stock-count', '3501', '3508,3512'], ['transfer-out', '3502:102', '3509'], ['transfer-in', '3502:101', '3509,3512'],
  ] as const) {
    it(`finds a ${operation} that arrived and proves one that did not, by ${queries}`, async () => {
      const report = reportsOf(kind).find((one) => one.operation === operation);
      if (report === undefined) throw new Error('not planned');
      expect(await ask(report)).to.deep.equal({ kind: 'absent' });
      expect(platform.calls.slice(1).map((call) => call.infno).join()).to.equal(queries);
      await opened.destination.send([report], { signal: NEVER });
      const found = await ask(report);
      expect(found.kind === 'settled' && found.outcome.kind).to.equal('accepted');
    });
  }

  it('asks with the institution, the key and whole days around the event', async () => {
    const report = sale();
    await ask(report);
    expect(platform.sent('3513')[0]?.rows[0]).to.deep.equal({ fixmedins_code: HOSPITAL.code, fixmedins_bchno: report.key, begndate: '2026-11-22', enddate: '2026-11-22' });
  });

  it('looks at the day of the business and the days since sending, in two ranges when they lie far apart', () => {
    const report = sale();
    const day = 86_400_000;
    expect(rangesOf({ ...report, firstSentAt: NOW + 2 * day }, { now: NOW + 3 * day, maxDays: 31 })).to.deep.equal([{ begin: '2026-11-22', end: '2026-11-25' }]);
    expect(rangesOf({ ...report, firstSentAt: NOW + 50 * day }, { now: NOW + 51 * day, maxDays: 31 })).to.deep.equal([{ begin: '2026-11-22', end: '2026-11-22' }, { begin: '2027-01-11', end: '2027-01-12' }]);
  });

  it('does not ask by code for a row that carries none', async () => {
    expect(await ask(reportsOf('dispense-return', 'EV-2', [])[0])).to.deep.equal({ kind: 'absent' });
    expect(platform.calls.slice(1).map((call) => call.infno)).to.deep.equal(['3511']);
  });

  const rowWith = (members: object): string => JSON.stringify({ infcode: 0, output: [{ fixmedinsCode: HOSPITAL.code, valiFlag: '1', ...members }] });
  const key = (): string => sale().key;
  const found: readonly (readonly [string, () => string, string])[] = [
    ['a list', () => rowWith({ fixmedinsBchno: key() }), 'settled'], ['a list under output', () => JSON.stringify({ infcode: 0, output: { output: [{ fixmedinsBchno: key() }] } }), 'settled'],
    ['JSON text', () => JSON.stringify({ infcode: '0', output: JSON.stringify([{ fixmedinsBchno: key() }]) }), 'settled'], ['JSON text under output', () => JSON.stringify({ infcode: 0, output: { output: JSON.stringify([{ fixmedinsBchno: key() }]) } }), 'settled'],
    ['one object', () => JSON.stringify({ infcode: 0, output: { fixmedinsBchno: key() } }), 'settled'], ['a withdrawn row', () => rowWith({ fixmedinsBchno: key(), valiFlag: '0' }), 'absent'],
    ['a row of another institution', () => rowWith({ fixmedinsBchno: key(), fixmedinsCode: 'H99' }), 'absent'], ['a key that begins alike', () => rowWith({ fixmedinsBchno: `${key()}1` }), 'absent'],
    ['null', () => '{"infcode":0,"output":null}', 'absent'], ['an empty list', () => '{"infcode":0,"output":[]}', 'absent'], ['an empty list under output', () => '{"infcode":0,"output":{"output":[]}}', 'absent'],
    ['null under output', () => '{"infcode":0,"output":{"output":null}}', 'absent'], ['an empty object', () => '{"infcode":0,"output":{}}', 'absent'], ['a failure that says nothing was found', () => failure('未查询到符合条件的数据'), 'absent'],
    ['rows without keys', () => rowWith({}), 'no-answer'], ['a list of texts', () => '{"infcode":0,"output":["x"]}', 'no-answer'], ['an unknown node', () => '{"infcode":0,"output":{"rows":[]}}', 'no-answer'],
    ['sealed text', () => '{"infcode":0,"output":"kJd8=="}', 'no-answer'], ['HTML', () => '<html>', 'no-answer'], ['a busy platform', () => failure('系统繁忙'), 'no-answer'], ['a refused query', () => failure('参数有误'), 'no-answer'],
  ];
  for (const [name, body, expected] of found) {
    it(`reads ${name} as ${expected}`, async () => {
      answering(body());
      expect((await ask(sale())).kind).to.equal(expected);
    });
  }

  it('believes the other query when one is not offered by the platform', async () => {
    platform.missingPaths = ['/fsi/api/goodsService/3513'];
    expect((await ask(sale())).kind).to.equal('absent');
    platform.missingPaths = ['/fsi/api/goodsService/3513', '/fsi/api/goodsService/3511'];
    expect(await ask(sale())).to.include({ kind: 'no-answer', reason: 'CONFIGURATION' });
  });

  it('gives no answer when a query is lost, whatever the other one said', async () => {
    platform.behave = (call) => (call.infno === '3511' ? { drop: 'before' } : undefined);
    expect((await ask(sale())).kind).to.equal('no-answer');
  });

  it('does not ask on after the first question that failed', async () => {
    answering({ reply: { status: 502 } });
    const reports = [...reportsOf('dispense', 'a'), ...reportsOf('dispense', 'b'), ...reportsOf('dispense', 'c')];
    const results = await opened.destination.ask(reports, { signal: NEVER });
    expect(results.map((result) => result.kind)).to.deep.equal(['no-answer', 'no-answer', 'no-answer']);
    expect(platform.sent('3513')).to.have.length(1);
  });

  it('takes "not found" shortly after sending for no answer where the site wants that', async () => {
    const careful = open(url, { settings: { askAfter: 5_000 }, clock: opened.clock });
    const report = sale();
    const askOnce = async (): Promise<string | undefined> => (await careful.destination.ask([report], { signal: NEVER }))[0]?.kind;
    expect(await askOnce()).to.equal('no-answer');
    opened.clock.at = NOW + 6_000;
    expect(await askOnce()).to.equal('absent');
    await careful.destination.stop();
  });

  it('knows a deletion to be done when the row is gone, and to be repeated while it is there', async () => {
    const report = sale();
    await opened.destination.send([report], { signal: NEVER });
    const plan = opened.destination.planReversal(report, report.reported.event);
    if (plan === undefined) throw new Error('no reversal');
    const back = reportOf(plan, report.reported, { reverses: { operation: report.operation, key: report.key } });
    expect(await ask(back)).to.deep.equal({ kind: 'absent' });
    await opened.destination.send([back], { signal: NEVER });
    const after = await ask(back);
    expect(after.kind === 'settled' && after.outcome.kind).to.equal('accepted');
  });
});
