import { expect } from 'chai';
import type { SendResult } from '../../../adapter/domain/outcome.ts';
import type { Report } from '../../../adapter/ports/destination.ts';
import { FakePlatform, failure } from './fake-platform.ts';
import type { Row } from './fake-platform.ts';
import { code, line, NEVER, open, reported, reportOf, sales } from './fixtures.ts';
import type { Opened } from './fixtures.ts';

function kinds(results: readonly SendResult[]): string {
  return results.map((result) => ({ accepted: 'A', duplicate: 'D', rejected: 'R', unavailable: 'N', unknown: 'U', processing: 'P', 'not-owed': 'O' })[result.kind]).join('');
}

function reasons(results: readonly SendResult[]): (string | undefined)[] {
  return results.map((result) => ('reason' in result ? result.reason : undefined));
}

const serialOf = (row: Row): number => Number((row['drugtracinfo'] as { drug_trac_codg: string }[])[0]?.drug_trac_codg.slice(7));

describe('nhsa send', () => {
  let platform: FakePlatform;
  let url: string;
  const opened: Opened[] = [];

  beforeEach(async () => {
    platform = new FakePlatform();
    url = await platform.start();
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.destination.stop();
    await platform.stop();
  });

  function connect(settings: Readonly<Record<string, unknown>> = {}): Opened {
    const one = open(url, { settings });
    opened.push(one);
    return one;
  }

  it('sends one row in the single form and several in the A form', async () => {
    const { destination } = connect();
    expect(kinds(await destination.send(sales(1, destination), { signal: NEVER }))).to.equal('A');
    expect(kinds(await destination.send(sales(5, destination, 10), { signal: NEVER }))).to.equal('AAAAA');
    expect(platform.calls.map((call) => call.infno)).to.deep.equal(['9001', '3505', '3505A']);
    expect(platform.rows).to.have.length(6);
  });

  it('uses the paths of the profile, the site\'s own, or one for all', async () => {
    const { destination } = connect({ paths: { '3505A': '/own/{infno}' } });
    await destination.send(sales(1, destination), { signal: NEVER });
    await destination.send(sales(2, destination, 10), { signal: NEVER });
    expect(platform.calls.map((call) => call.path)).to.deep.equal(['/fsi/api/signInSignOutService/signIn', '/fsi/api/goodsService/goodsSell', '/own/3505A']);
    const single = connect({ transport: 'single-endpoint' });
    await single.destination.send(sales(1, single.destination, 20), { signal: NEVER });
    expect(platform.calls.at(-1)?.path).to.equal('/fsi/api/callService');
  });

  it('fills the envelope completely and signs the gateway headers', async () => {
    const { destination } = connect({ headers: { apikey: 'k1' }, envelope: { app_id: 'APP', msgid: 'never' } });
    await destination.send(sales(1, destination), { signal: NEVER });
    const [call] = platform.sent('3505');
    expect({ ...call?.envelope, input: 'rows', msgid: 'id' }).to.deep.equal({
      input: 'rows', msgid: 'id', infno: '3505', mdtrtarea_admvs: '350102', insuplc_admdvs: '350100', recer_sys_code: 'YBXT', dev_no: '', dev_safe_info: '', cainfo: '', signtype: '', infver: 'V1.0', opter_type: '1', opter: '001', opter_name: '系统',
      inf_time: '2026-11-22 09:35:00', fixmedins_code: 'H35010200001', fixmedins_name: '示范医院', sign_no: 'SIGN1', app_id: 'APP', enc_type: '',
    });
    expect(call?.envelope['msgid']).to.match(/^H35010200001202611220935000\d{3}$/);
    expect(call?.headers).to.include({ 'x-tif-paasid': 'test-paas', 'apikey': 'k1', 'x-tif-timestamp': String(Date.parse('2026-11-22T09:35:00+08:00') / 1000) });
  });

  it('sends no x-tif headers without an account', async () => {
    const { destination } = connect({ paasId: undefined });
    expect(kinds(await destination.send(sales(1, destination), { signal: NEVER }))).to.equal('A');
    expect(platform.calls[0]?.headers).not.to.have.property('x-tif-paasid');
  });

  for (const [kind, singles, many] of [['receipt', ['3503', '3502'], ['3503A', '3502A']], ['supplier-return', ['3504', '3502'], ['3504A', '3502A']], ['stock-count', ['3501', '3502'], ['3501A', '3502A']], ['dispense-return', ['3506'], ['3506A']]] as const) {
    it(`is understood by a strict platform for ${kind}, in both forms`, async () => {
      const { destination } = connect();
      const of = (id: string): Report[] => { const event = reported(kind, [line('1')], { id }); return destination.plan(event).map((plan) => reportOf(plan, event)); };
      const one = of('a');
      for (const report of one) expect(kinds(await destination.send([report], { signal: NEVER }))).to.equal('A');
      const two = [of('b'), of('c')];
      for (const index of one.keys()) expect(kinds(await destination.send(two.flatMap((reports) => reports[index] ?? []), { signal: NEVER }))).to.equal('AA');
      expect(platform.calls.map((call) => call.infno)).to.deep.equal(['9001', ...singles, ...many]);
    });
  }

  it('keeps back a row with a fault and sends its neighbours', async () => {
    const { destination } = connect();
    const reports = [...sales(3, destination)];
    const bad = reported('dispense', [line('1', { codes: [code(9)] })], { id: 'bad', prescriber: {} });
    const [plan] = destination.plan(bad);
    if (plan !== undefined) reports.splice(1, 0, reportOf(plan, bad));
    const results = await destination.send(reports, { signal: NEVER });
    expect(kinds(results)).to.equal('ARAA');
    expect(reasons(results)[1]).to.equal('MISSING_FIELD');
    expect(platform.sent('3505A')[0]?.rows).to.have.length(3);
  });

  it('obeys the limit of rows', async () => {
    const { destination } = connect({ batch: { rows: 4, chars: 30_000, form: 'auto' } });
    expect(kinds(await destination.send(sales(10, destination), { signal: NEVER }))).to.equal('A'.repeat(10));
    expect(platform.sent('3505A').map((call) => call.rows.length)).to.deep.equal([4, 4, 2]);
  });

  it('obeys the limit of characters, and never passes 40,000', async () => {
    const { destination } = connect({ batch: { rows: 100, chars: 6_000, form: 'auto' } });
    expect(kinds(await destination.send(sales(40, destination), { signal: NEVER }))).to.equal('A'.repeat(40));
    for (const call of platform.calls) expect(JSON.stringify(call.envelope['input']).length).to.be.at.most(6_000);
    expect(platform.sent('3505A').length).to.be.greaterThan(4);
  });

  it('sends a receipt of 3,000 codes in rows that fit', async () => {
    const { destination } = connect();
    const event = reported('receipt', [line('1', { packs: '3000', units: '72000', codes: Array.from({ length: 3_000 }, (_, index) => code(index + 1)) })]);
    const reports = destination.plan(event).map((plan) => reportOf(plan, event)).filter((report) => report.operation === '3502:108');
    expect(kinds(await destination.send(reports, { signal: NEVER }))).to.equal('A'.repeat(reports.length));
    for (const call of platform.calls) expect(JSON.stringify(call.envelope['input']).length).to.be.at.most(30_000);
    expect(platform.rows.reduce((sum, one) => sum + Number(one.row['cnt']), 0)).to.equal(3_000);
  });

  it('sends single forms only where the platform has no others', async () => {
    const { destination } = connect({ batch: { rows: 20, chars: 30_000, form: 'single' } });
    expect(kinds(await destination.send(sales(3, destination), { signal: NEVER }))).to.equal('AAA');
    expect(platform.sent('3505')).to.have.length(3);
  });

  it('goes on row by row when the path of the A form does not exist, and remembers it', async () => {
    const { destination } = connect();
    platform.missingPaths = ['/fsi/api/goodsService/3505A'];
    expect(kinds(await destination.send(sales(3, destination), { signal: NEVER }))).to.equal('AAA');
    expect(kinds(await destination.send(sales(3, destination, 10), { signal: NEVER }))).to.equal('AAA');
    expect(platform.sent('3505A')).to.have.length(1);
  });

  it('takes a wrong address as not processed, after two calls', async () => {
    const { destination } = connect();
    platform.missingPaths = ['/fsi/api/goodsService/3505A', '/fsi/api/goodsService/goodsSell'];
    const results = await destination.send(sales(4, destination), { signal: NEVER });
    expect(kinds(results)).to.equal('NNNN');
    expect(new Set(reasons(results))).to.deep.equal(new Set(['CONFIGURATION']));
    expect(platform.calls).to.have.length(3);
  });

  it('keeps rows of different insured areas in different calls', async () => {
    const { destination } = connect();
    const of = (serial: number, area: string): Report[] => {
      const event = reported('dispense', [line('1', { codes: [code(serial)] })], { id: `A${String(serial)}`, patient: { visitNo: 'V1', personNo: 'P1', insuredArea: area, settlementType: 'insured', settlementId: 'S1' } });
      return destination.plan(event).map((plan) => reportOf(plan, event));
    };
    expect(kinds(await destination.send([...of(1, '350100'), ...of(2, '360100'), ...of(3, '350100')], { signal: NEVER }))).to.equal('AAA');
    expect(platform.calls.slice(1).map((call) => call.envelope['insuplc_admdvs'])).to.deep.equal(['350100', '360100']);
  });

  describe('a refused batch', () => {
    for (const bad of [[1], [8], [4], [2, 7], [1, 2, 3, 4, 5, 6, 7, 8], []]) {
      it(`is halved until rows ${bad.join(', ') || 'none'} of 8 stand alone`, async () => {
        const { destination } = connect();
        platform.refuseRow = (row) => (bad.includes(serialOf(row)) ? '医保目录编码不存在' : undefined);
        const results = await destination.send(sales(8, destination), { signal: NEVER });
        expect(kinds(results)).to.equal([1, 2, 3, 4, 5, 6, 7, 8].map((one) => (bad.includes(one) ? 'R' : 'A')).join(''));
        expect(results.filter((result) => result.kind === 'rejected').every((result) => result.reason === 'CATALOG')).to.equal(true);
        expect(platform.calls.length).to.be.at.most(16);
        expect(new Set(platform.rows.map((one) => one.key)).size).to.equal(platform.rows.length);
      });
    }

    it('stops halving as soon as the outcome of a call is not known', async () => {
      const { destination } = connect();
      platform.refuseRow = (row) => (serialOf(row) === 8 ? '医保目录编码不存在' : undefined);
      let uploads = 0;
      platform.behave = (call) => {
        if (!call.infno.startsWith('3505')) return undefined;
        uploads += 1;
        return uploads === 2 ? { drop: 'after' } : undefined;
      };
      const results = await destination.send(sales(8, destination), { signal: NEVER });
      expect(kinds(results)).to.equal('UUUUNNNN');
      expect(uploads).to.equal(2);
      expect(platform.rows).to.have.length(4);
    });

    it('is not halved when the platform is busy: nothing was processed', async () => {
      const { destination } = connect();
      platform.behave = (call) => (call.infno === '3505A' ? { before: true, reply: { body: failure('系统繁忙，请稍后再试') } } : undefined);
      const results = await destination.send(sales(8, destination), { signal: NEVER });
      expect(kinds(results)).to.equal('N'.repeat(8));
      expect(platform.sent('3505A')).to.have.length(1);
    });

    it('is asked about when the platform says it timed out', async () => {
      const { destination } = connect();
      platform.behave = (call) => (call.infno === '3505A' ? { reply: { body: failure('系统处理超时') } } : undefined);
      const results = await destination.send(sales(3, destination), { signal: NEVER });
      expect(kinds(results)).to.equal('UUU');
      expect(reasons(results)).to.deep.equal(['SYSTEM', 'SYSTEM', 'SYSTEM']);
    });

    it('is looked up before it goes out again after "busy", which is a refusal but no proof', async () => {
      const { destination } = connect();
      let busy = true;
      platform.behave = (call) => (busy && call.infno === '3502A' ? { reply: { body: failure('系统繁忙，请稍后再试') } } : undefined);
      const reports = [1, 2].flatMap((serial) => {
        const event = reported('destroy', [line('1', { codes: [code(serial)] })], { id: `X${String(serial)}` });
        return destination.plan(event).map((plan) => reportOf(plan, event));
      });
      expect(kinds(await destination.send(reports, { signal: NEVER }))).to.equal('NN');
      busy = false;
      expect(kinds(await destination.send(reports, { signal: NEVER }))).to.equal('AA');
      expect(platform.rows).to.have.length(2);
    });

    it('lets a row that twice spoilt its batch travel alone', async () => {
      const { destination } = connect();
      platform.behave = (call) => (call.infno.startsWith('3505') && call.rows.some((row) => serialOf(row) === 2) ? { before: true, reply: { status: 500, body: 'oops' } } : undefined);
      const reports = sales(3, destination);
      expect(kinds(await destination.send(reports, { signal: NEVER }))).to.equal('UUU');
      expect(kinds(await destination.send(reports, { signal: NEVER }))).to.equal('UUU');
      expect(kinds(await destination.send(reports, { signal: NEVER }))).to.equal('AUN');
      expect(kinds(await destination.send(reports.slice(2), { signal: NEVER }))).to.equal('A');
    });
  });

  it('believes a row-level failure of 3506A for its row alone', async () => {
    const { destination } = connect();
    platform.refuseRow = (row) => (serialOf(row) === 2 ? '追溯码未入库' : undefined);
    const reports = [1, 2, 3].flatMap((serial) => {
      const event = reported('dispense-return', [line('1', { codes: [code(serial)] })], { id: `R${String(serial)}` });
      return destination.plan(event).map((plan) => reportOf(plan, event));
    });
    const results = await destination.send(reports, { signal: NEVER });
    expect(kinds(results)).to.equal('ARA');
    expect(reasons(results)[1]).to.equal('CODE_NOT_INBOUND');
  });

  it('names the codes the platform named', async () => {
    const { destination } = connect();
    const text = `追溯码不合法：${code(1).code}`;
    platform.refuseRow = () => text;
    const [result] = await destination.send(sales(1, destination), { signal: NEVER });
    expect(result).to.deep.equal({ kind: 'rejected', reason: 'INVALID_CODE', peerCode: '0', peerText: text, codes: [code(1).code] });
  });

  it('parks a text it does not know, with the text', async () => {
    const { destination } = connect();
    platform.refuseRow = () => '量子纠缠';
    const [result] = await destination.send(sales(1, destination), { signal: NEVER });
    expect(result).to.include({ kind: 'rejected', reason: 'UNKNOWN_TEXT', peerText: '量子纠缠' });
  });

  describe('a duplicate', () => {
    it('is success when the platform\'s records hold our own row', async () => {
      const { destination } = connect();
      const reports = sales(1, destination);
      await destination.send(reports, { signal: NEVER });
      platform.refuseRow = () => '批次流水号重复';
      const [result] = await destination.send(reports, { signal: NEVER });
      expect(result?.kind).to.equal('duplicate');
    });

    it('is refused when they do not: another upload holds the code', async () => {
      const { destination } = connect();
      platform.refuseRow = () => '追溯码已销售';
      const [result] = await destination.send(sales(1, destination), { signal: NEVER });
      expect(result).to.include({ kind: 'rejected', reason: 'DUPLICATE_CODE' });
    });

    it('is unknown when the records cannot be asked', async () => {
      const { destination } = connect();
      platform.refuseRow = () => '追溯码已销售';
      platform.behave = (call) => (call.infno.startsWith('351') ? { reply: { status: 500 } } : undefined);
      const [result] = await destination.send(sales(1, destination), { signal: NEVER });
      expect(result?.kind).to.equal('unknown');
    });
  });

  describe('a deletion', () => {
    async function upload(destination: Opened['destination']): Promise<Report> {
      const [sale] = sales(1, destination);
      if (sale === undefined) throw new Error('no sale');
      await destination.send([sale], { signal: NEVER });
      const plan = destination.planReversal(sale, { ...sale.reported.event, kind: 'void' });
      if (plan === undefined) throw new Error('no reversal');
      return reportOf(plan, sale.reported, { reverses: { operation: sale.operation, key: sale.key } });
    }

    it('removes exactly the row that went out', async () => {
      const { destination } = connect();
      const back = await upload(destination);
      expect(platform.rows).to.have.length(1);
      expect(kinds(await destination.send([back], { signal: NEVER }))).to.equal('A');
      expect(platform.rows).to.have.length(0);
      expect(platform.sent('3507')[0]?.rows[0]).to.deep.equal({ fixmedins_bchno: back.reverses?.key, inv_data_type: '4' });
    });

    it('is done when there is nothing left to delete', async () => {
      const { destination } = connect();
      const back = await upload(destination);
      platform.rows = [];
      expect(kinds(await destination.send([back], { signal: NEVER }))).to.equal('D');
    });

    it('travels in the A form with others', async () => {
      const { destination } = connect();
      const backs = [];
      for (const sale of sales(2, destination, 50)) {
        await destination.send([sale], { signal: NEVER });
        const plan = destination.planReversal(sale, sale.reported.event);
        if (plan !== undefined) backs.push(reportOf(plan, sale.reported, { reverses: { operation: sale.operation, key: sale.key } }));
      }
      expect(kinds(await destination.send(backs, { signal: NEVER }))).to.equal('AA');
      expect(platform.sent('3507A')[0]?.rows).to.have.length(2);
    });

    it('is a 3506 of its own where the region takes sales back by a return', async () => {
      const { destination } = connect({ reversal: 'return' });
      const back = await upload(destination);
      expect(kinds(await destination.send([back], { signal: NEVER }))).to.equal('A');
      expect(platform.sent('3506')[0]?.rows[0]).to.include({ fixmedins_bchno: back.key, sel_retn_cnt: '1', sel_retn_time: '2026-11-22 09:35:00' });
    });
  });

  describe('a platform that does not answer', () => {
    it('leaves everything unsent when it cannot be reached', async () => {
      await platform.stop();
      const { destination } = connect({ signIn: false });
      const results = await destination.send(sales(3, destination), { signal: NEVER });
      expect(kinds(results)).to.equal('NNN');
      expect(reasons(results)[0]).to.equal('NETWORK');
      platform = new FakePlatform();
      await platform.start();
    });

    for (const [name, behaviour, expected] of [
      ['cuts the connection after the business', { drop: 'after' }, 'U'], ['cuts it before the business', { drop: 'before' }, 'U'], ['hangs', { hang: true }, 'U'],
      ['answers 500', { reply: { status: 500, body: '<html>' } }, 'U'], ['answers HTML', { reply: { body: '<html>ok</html>' } }, 'U'], ['answers half of it', { reply: { body: '{"infcode":0,"outp' } }, 'U'],
      ['answers 20 MB', { reply: { body: `{"infcode":0,"x":"${'x'.repeat(20 * 1024 * 1024)}"}` } }, 'U'], ['answers 429', { before: true, reply: { status: 429 } }, 'N'], ['answers 401', { before: true, reply: { status: 401 } }, 'N'],
    ] as const) {
      it(`${name}: ${expected === 'U' ? 'unknown, to be asked about' : 'provably not processed'}`, async () => {
        const { destination } = connect({ timeouts: { connect: 500, reply: 600 } });
        platform.behave = (call) => (call.infno === '3505' ? behaviour : undefined);
        expect(kinds(await destination.send(sales(1, destination), { signal: NEVER }))).to.equal(expected);
      });
    }

    it('gets no further batches after one without answer', async () => {
      const { destination } = connect({ batch: { rows: 2, chars: 30_000, form: 'auto' } });
      platform.behave = (call) => (call.infno === '3505A' ? { drop: 'after' } : undefined);
      expect(kinds(await destination.send(sales(6, destination), { signal: NEVER }))).to.equal('UUNNNN');
    });
  });

  it('sends nothing once it is told to stop', async () => {
    const { destination } = connect();
    const results = await destination.send(sales(2, destination), { signal: AbortSignal.abort() });
    expect(kinds(results)).to.equal('NN');
    expect(platform.calls).to.have.length(0);
  });

  it('sends nothing when its own counter cannot be written', async () => {
    const { destination, counters } = connect({ signIn: false });
    counters.reserve = () => Promise.reject(new Error('disk full'));
    const results = await destination.send(sales(1, destination), { signal: NEVER });
    expect(kinds(results)).to.equal('N');
    expect(platform.calls).to.have.length(0);
  });

  it('uses every msgid once, also over a restart in the same second', async () => {
    const first = connect();
    for (const sale of sales(20, first.destination)) await first.destination.send([sale], { signal: NEVER });
    const second = open(url, { clock: first.clock, counters: first.counters });
    opened.push(second);
    expect(kinds(await second.destination.send(sales(2, second.destination, 100), { signal: NEVER }))).to.equal('AA');
    const ids = platform.calls.map((call) => String(call.envelope['msgid']));
    expect(new Set(ids).size).to.equal(ids.length);
  });
});
