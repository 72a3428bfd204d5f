import { expect } from 'chai';
import { startSandbox, type FaultRule, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { callInsurance, callMah, METHOD, moment, receiptBill, saleRow, today, useBill, type InsuranceReply, type MahReply } from '../../support/sandbox-requests.ts';
import { waitFor } from '../../support/wait-for.ts';

const code = (serial: number): string => `8999001${String(serial).padStart(9, '0')}1234`;

describe('sandbox faults', () => {
  let sandbox: Sandbox;
  let serial = 0;
  const sell = (signal?: AbortSignal): Promise<InsuranceReply> => {
    serial += 1;
    return callInsurance(sandbox, { infno: '3505', input: { selinfo: saleRow(`K${String(serial)}`, [code(serial)]) }, ...(signal === undefined ? {} : { signal }) });
  };
  const use = (format: 'json' | 'xml' = 'json'): Promise<MahReply> => {
    serial += 1;
    return callMah(sandbox, METHOD.uploadRetail, useBill(sandbox, `B${String(serial)}`, [code(serial)]), { format });
  };
  const set = (...rules: FaultRule[]): void => {
    sandbox.faults.set(rules);
  };
  const broken = async (call: Promise<unknown>): Promise<void> => {
    let failed = false;
    await call.catch(() => (failed = true));
    expect(failed, 'the connection was to break').to.equal(true);
  };
  const sold = (): number => sandbox.insuranceBook.entries.length;
  const used = (): number => sandbox.mahBook.entries.length;

  before(async () => {
    sandbox = await startSandbox({ insurance: { signIn: false } });
  });
  beforeEach(() => {
    sandbox.faults.clear();
    sandbox.reset();
  });
  after(() => sandbox.stop());

  it('dropReplyAfterCommit commits and hangs up', async () => {
    set({ effect: 'dropReplyAfterCommit' });
    await broken(sell());
    await broken(use());
    expect([sold(), used()]).to.deep.equal([1, 1]);
  });

  it('dropBeforeCommit hangs up without committing', async () => {
    set({ effect: 'dropBeforeCommit' });
    await broken(sell());
    await broken(use());
    expect([sold(), used()]).to.deep.equal([0, 0]);
    expect(Object.values(sandbox.insuranceBook.callsByOperation)).to.deep.equal([1]);
  });

  for (const [effect, status] of [['http500Html', 500], ['http502', 502], ['http503', 503]] as const) {
    it(`${effect} answers an HTML page, before the commit or after it`, async () => {
      for (const when of ['before', 'after'] as const) {
        set({ effect, when });
        const reply = await sell();
        expect(reply.status).to.equal(status);
        expect(reply.text).to.include('<html>');
        expect((await use()).status).to.equal(status);
        expect([sold(), used()], when).to.deep.equal(when === 'before' ? [0, 0] : [1, 1]);
      }
    });
  }

  it('truncatedJson commits and sends half of the reply as if it were whole', async () => {
    set({ effect: 'truncatedJson' });
    const reply = await sell();
    expect(reply.status).to.equal(200);
    expect(() => JSON.parse(reply.text) as unknown).to.throw();
    expect(sold()).to.equal(1);
  });

  it('cutMidReply commits and hangs up in the middle of the reply', async () => {
    set({ effect: 'cutMidReply' });
    await broken(sell());
    expect(sold()).to.equal(1);
  });

  it('emptyReply commits and sends nothing with status 200', async () => {
    set({ effect: 'emptyReply' });
    const reply = await sell();
    expect([reply.status, reply.text]).to.deep.equal([200, '']);
    expect(sold()).to.equal(1);
  });

  it('wrongCharset sends GB18030 under the name of UTF-8', async () => {
    set({ effect: 'wrongCharset' });
    const reply = await fetch(`${sandbox.insurance.url}/fsi/api/goodsService/3505`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    const bytes = Buffer.from(await reply.arrayBuffer());
    expect(reply.headers.get('content-type')).to.match(/utf-8/i);
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).to.throw();
    expect(new TextDecoder('gb18030', { fatal: true }).decode(bytes)).to.include('缺少请求头');
  });

  it('slow commits at once and answers late', async () => {
    set({ effect: 'slow', ms: 60_000 });
    const patience = new AbortController();
    const call = sell(patience.signal);
    await waitFor('the commit', () => sold() === 1);
    patience.abort();
    await broken(call);
    set({ effect: 'slow', ms: 10 });
    expect((await sell()).infcode).to.equal(0);
  });

  it('slowThenCommitAfterClientGone commits once the client has given up', async () => {
    set({ effect: 'slowThenCommitAfterClientGone' });
    const patience = new AbortController();
    const call = sell(patience.signal);
    await waitFor('the call to arrive', () => sandbox.faults.applied['slowThenCommitAfterClientGone'] === 1);
    expect(sold()).to.equal(0);
    patience.abort();
    await broken(call);
    await waitFor('the late commit', () => sold() === 1);
  });

  it('throttle answers 429 at the insurance platform and code 7 at the gateway, nothing committed', async () => {
    set({ effect: 'throttle', ms: 2_000 });
    expect((await sell()).status).to.equal(429);
    const reply = await use();
    expect(reply.body).to.have.nested.property('error_response.code', 7);
    expect(reply.body).to.have.nested.property('error_response.sub_msg', 'This ban will last for 2 more seconds');
    expect([sold(), used()]).to.deep.equal([0, 0]);
  });

  it('errorBody answers 200 with an error inside, committed or not', async () => {
    set({ effect: 'errorBody', text: '系统维护中', platform: 'insurance' }, { effect: 'errorBody', when: 'after' });
    expect(await sell()).to.include({ status: 200, infcode: -1, error: '系统维护中' });
    expect((await use()).body).to.have.nested.property('error_response.sub_code', 'isp.remote-service-error');
    expect([sold(), used()]).to.deep.equal([0, 1]);
  });

  it('refuse and retRsltZero refuse by content: infcode 0 with retRslt 0, response_success false', async () => {
    set({ effect: 'refuse', contains: 'YP00012', text: '医保目录编码已停用' }, { effect: 'refuse', code: 'FAIL', text: '药品已停用' });
    const reply = await sell();
    expect(reply.infcode).to.equal(0);
    expect(reply.output).to.deep.equal({ result: { retRslt: '0', msgRslt: '医保目录编码已停用' } });
    expect((await use()).body).to.include({ response_success: false, msg_code: 'FAIL', msg_info: '药品已停用' });
    set({ effect: 'retRsltZero' });
    expect((await sell()).output).to.have.nested.property('result.retRslt', '0');
    expect([sold(), used()]).to.deep.equal([0, 0]);
  });

  it('wrongMessageId commits and answers under another exchange\'s number', async () => {
    set({ effect: 'wrongMessageId' });
    expect((await sell()).body['inf_refmsgid']).to.match(/^000000/);
    expect((await use()).body['request_id']).to.equal('another-exchange');
    expect([sold(), used()]).to.deep.equal([1, 1]);
  });

  it('hugeReply commits and sends 20 MB of valid reply', async () => {
    set({ effect: 'hugeReply' });
    const reply = await sell();
    expect(reply.text.length).to.be.greaterThan(20 * 1024 * 1024);
    expect(reply.infcode).to.equal(0);
    set({ effect: 'hugeReply', bytes: 1_000 });
    expect((await use('xml')).text).to.match(/<padding>x{1000}<\/padding>/);
    expect([sold(), used()]).to.deep.equal([1, 1]);
  });

  it('doctypeReply commits and sends XML with nested and outside entities', async () => {
    set({ effect: 'doctypeReply' });
    expect((await use('xml')).text).to.include('<!DOCTYPE').and.include('file:///');
    expect(used()).to.equal(1);
  });

  it('successFlagWrongLevel commits and puts the flag where it does not belong', async () => {
    set({ effect: 'successFlagWrongLevel' });
    const reply = await sell();
    expect(reply.body).to.include({ retRslt: '1' });
    expect(reply.output).to.deep.equal({});
    expect((await use()).body).to.deep.include({ result: { response_success: true } }).and.not.have.property('response_success');
    const query = await callMah(sandbox, METHOD.codeDetail, { ref_ent_id: sandbox.mah.refEntId, codes: code(1) });
    expect(query.body).to.include({ response_success: true });
    expect(query.body).to.have.nested.property('result.msg_code', 'SUCCESS');
    expect(query.body).not.to.have.nested.property('result.response_success');
  });

  it('stallProcessing keeps a bill in processing, partialProcessing fails some of its codes', async () => {
    set({ effect: 'stallProcessing', ms: 86_400_000, calls: 1 }, { effect: 'partialProcessing', count: 1 });
    await use();
    await callMah(sandbox, METHOD.uploadInOut, receiptBill(sandbox, 'PART', [code(801), code(802)]));
    await waitFor('the second bill', () => sandbox.mahBook.entries[1]?.resultType === '3');
    expect(sandbox.mahBook.entries[1]).to.include({ subProcessFlag: '52' });
    expect(sandbox.mahBook.entries[0]).to.include({ resultType: '0' });
    const status = await callMah(sandbox, METHOD.billStatus, { ref_ent_id: sandbox.mah.refEntId, begin_date: today(), end_date: today(), bill_type: '323', page: '1', page_size: '10' });
    expect(status.body).to.have.nested.property('result.model.result_list[0].result_type', '0');
  });

  describe('outage', () => {
    it('refuses connections for a while, then listens on the same port', async () => {
      const back = sandbox.outage('insurance', 60);
      await waitFor('the listening socket to close', () => !sandbox.isOpen('insurance'));
      await broken(sell());
      expect((await use()).body).to.include({ response_success: true });
      await back;
      expect((await sell()).infcode).to.equal(0);
    });
    it('can be set off by a call, which is lost', async () => {
      set({ effect: 'outage', ms: 30, platform: 'mah', calls: 2 });
      expect((await use()).body).to.include({ response_success: true });
      await broken(use());
      await waitFor('the gateway to listen again', () => sandbox.isOpen('mah'));
      expect((await use()).body).to.include({ response_success: true });
      expect(used()).to.equal(2);
    });
    it('can be set by the clock', async () => {
      set({ effect: 'outage', from: '0ms', until: '80ms' });
      await waitFor('both to close', () => !sandbox.isOpen('insurance') && !sandbox.isOpen('mah'));
      await waitFor('both to open', () => sandbox.isOpen('insurance') && sandbox.isOpen('mah'));
      expect((await sell()).infcode).to.equal(0);
    });
    it('ends at once when the sandbox stops', async () => {
      const other = await startSandbox();
      void other.outage('mah', 3_600_000);
      await waitFor('the gateway to close', () => !other.isOpen('mah'));
      await other.stop();
      expect(other.isOpen('mah')).to.equal(false);
    });
  });

  describe('choice of calls', () => {
    const pattern = async (rule: Omit<FaultRule, 'effect'>, calls = 6): Promise<string> => {
      set({ effect: 'refuse', ...rule });
      let seen = '';
      for (let call = 0; call < calls; call += 1) seen += ((await sell()).output['result'] as { retRslt: string }).retRslt;
      return seen;
    };
    it('takes the nth call, a list, a range, every nth, at most so many', async () => {
      expect(await pattern({ calls: 2 })).to.equal('101111');
      expect(await pattern({ calls: [1, 3] })).to.equal('010111');
      expect(await pattern({ calls: '2-4' })).to.equal('100011');
      expect(await pattern({ every: 3 })).to.equal('110110');
      expect(await pattern({ times: 2 })).to.equal('001111');
    });
    it('takes a platform, an operation with or without its A form, a text in the body', async () => {
      expect(await pattern({ platform: 'mah' }, 2)).to.equal('11');
      expect(await pattern({ operation: '3506' }, 2)).to.equal('11');
      expect(await pattern({ operation: ['3501', '3505*'] }, 2)).to.equal('00');
      expect(await pattern({ contains: 'YP99999' }, 2)).to.equal('11');
      set({ effect: 'refuse', operation: 'uploadretail' });
      expect((await use()).body).to.include({ response_success: false });
      set({ effect: 'refuse', operation: METHOD.uploadInOut });
      expect((await use()).body).to.include({ response_success: true });
    });
    it('draws the same calls from the same seed, others from another', async () => {
      const draw = async (seed: number): Promise<string> => {
        sandbox.faults.set({ seed, rules: [{ effect: 'refuse', probability: 0.5 }] });
        let seen = '';
        for (let call = 0; call < 24; call += 1) seen += ((await sell()).output['result'] as { retRslt: string }).retRslt;
        return seen;
      };
      const first = await draw(7);
      expect(first).to.include('0').and.include('1');
      expect(await draw(7)).to.equal(first);
      expect(await draw(8)).not.to.equal(first);
    });
    it('takes a window of time', async () => {
      let now = Date.now();
      const other = await startSandbox({ insurance: { signIn: false }, now: () => now });
      try {
        other.faults.set([{ effect: 'http503', from: '10s', until: '20s' }, { effect: 'http502', from: new Date(now + 60_000).toISOString() }]);
        const status = async (): Promise<number> => (await callInsurance(other, { infno: '3505', timestamp: Math.floor(now / 1_000), input: { selinfo: saleRow('K', [], { sel_retn_time: moment() }) } })).status;
        expect(await status()).to.equal(200);
        now += 12_000;
        expect(await status()).to.equal(503);
        now += 9_000;
        expect(await status()).to.equal(200);
        now += 40_000;
        expect(await status()).to.equal(502);
      } finally {
        await other.stop();
      }
    });
  });

  describe('over HTTP', () => {
    const admin = async (path: string, method = 'GET', body?: string, origin = sandbox.insurance.url): Promise<{ status: number; body: Record<string, unknown> }> => {
      const reply = await fetch(`${origin}${path}`, { method, ...(body === undefined ? {} : { body }) });
      return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
    };
    it('sets and ends faults while the platforms run, and tells how often each was applied', async () => {
      const set = await admin('/sandbox/faults', 'POST', JSON.stringify({ seed: 1, rules: [{ name: '掉线', effect: 'dropReplyAfterCommit', calls: '1' }] }));
      expect(set.status).to.equal(200);
      await broken(sell());
      const book = await admin('/sandbox/book');
      expect(book.body).to.have.nested.property('faults.applied').that.deep.equals({ 掉线: 1 });
      expect(book.body).to.have.nested.property('counts.committed', 1);
      expect(book.body).to.have.nested.property('callsByOperation.3505', 1);
      expect((await admin('/sandbox/faults', 'POST', '[]')).status).to.equal(200);
      expect((await sell()).infcode).to.equal(0);
    });
    it('names every problem of a wrong script and keeps the rules in force', async () => {
      set({ effect: 'http502' });
      const wrong = await admin('/sandbox/faults', 'POST', JSON.stringify([{ effect: 'explode' }, { effect: 'slow', ms: -1, colour: 'red' }, { calls: 'x', effect: 'slow', probability: 2 }, { effect: 'outage' }]));
      expect(wrong.status).to.equal(400);
      expect(wrong.body['problems']).to.have.length(6);
      expect((await admin('/sandbox/faults', 'POST', '{')).status).to.equal(400);
      expect((await sell()).status).to.equal(502);
    });
    it('forgets its reports on reset and knows no other address', async () => {
      await sell();
      await admin('/sandbox/reset', 'POST');
      expect(sold()).to.equal(0);
      const gateway = new URL(sandbox.mah.url).origin;
      await use();
      expect((await admin('/sandbox/book', 'GET', undefined, gateway)).body).to.have.nested.property('counts.committed', 1);
      await admin('/sandbox/reset', 'POST', undefined, gateway);
      expect(used()).to.equal(0);
      expect((await admin('/sandbox/other')).status).to.equal(404);
    });
  });
});
