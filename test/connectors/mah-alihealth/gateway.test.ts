import { expect } from 'chai';
import { createGateway, type Gateway, type GatewayReply } from '../../../connectors/mah-alihealth/gateway.ts';
import { MethodGrants } from '../../../connectors/mah-alihealth/method-grants.ts';
import { METHODS } from '../../../connectors/mah-alihealth/methods.ts';
import type { MahSettings } from '../../../connectors/mah-alihealth/settings.ts';
import { CallBudget } from '../../../connectors/shared/budget/call-budget.ts';
import { createHttpClient, type HttpClient } from '../../../connectors/shared/http.ts';
import { FakeTop, gatewayError, taken } from './fake-top.ts';
import { mahSettings, MemoryCounters } from './fixtures.ts';

const clock = { now: Date.now, sleep: (ms: number, signal?: AbortSignal): Promise<void> => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, Math.min(ms, 20));
  signal?.addEventListener('abort', () => { clearTimeout(timer); reject(signal.reason as Error); }, { once: true });
}) };

describe('mah-alihealth gateway', () => {
  let top: FakeTop;
  let http: HttpClient;
  const notes: string[] = [];

  beforeEach(async () => {
    notes.length = 0;
    top = new FakeTop();
    await top.start();
    http = createHttpClient({ baseUrl: top.url, connectTimeoutMs: 1_000, connections: 4, maxReplyBytes: 10_000 });
  });
  afterEach(async () => {
    await http.close();
    await top.stop();
  });

  function open(change: Partial<MahSettings> = {}): Gateway {
    const settings = mahSettings({ gateway: top.url, maxBudgetWait: 5_000, ...change });
    return createGateway({ settings, http, clock, budget: new CallBudget(clock, { lanes: { upload: 1_000, query: 1_000 } }), grants: new MethodGrants({ clock, counters: new MemoryCounters(), institution: 'H1', account: 'gw:1' }), note: (method, result) => notes.push(`${method.split('.').at(-1) ?? ''} ${result}`) });
  }

  function upload(gateway: Gateway, signal = new AbortController().signal): Promise<GatewayReply> {
    return gateway.call({ method: METHODS.uploadUse, lane: 'upload', priority: 2, signal, parameters: { bill_code: 'B 1&=+中', bill_time: '2026-11-22 09:31:05', bill_type: '323', ref_user_id: 'R', trace_codes: 'a,b' } });
  }

  for (const signMethod of ['md5', 'hmac', 'hmac-sha256'] as const) {
    for (const commonIn of ['body', 'query'] as const) {
      it(`is understood with ${signMethod} and common parameters in the ${commonIn}`, async () => {
        top.on(METHODS.uploadUse, taken());
        expect(await upload(open({ signMethod, commonIn }))).to.include({ kind: 'answer', ok: true });
        const [call] = top.calls;
        expect(call?.parameters.get('bill_code')).to.equal('B 1&=+中');
        expect(call?.query.includes('app_key')).to.equal(commonIn === 'query');
        expect(call?.body.includes('app_key')).to.equal(commonIn === 'body');
        expect(call?.body).to.include('bill_code=');
      });
    }
  }

  it('sends the time of China whatever the zone of the host, and asks for simplified JSON', async () => {
    top.on(METHODS.uploadUse, taken());
    await upload(open());
    const parameters = top.calls[0]?.parameters;
    expect(Math.abs(Date.parse(`${(parameters?.get('timestamp') ?? '').replace(' ', 'T')}+08:00`) - Date.now())).to.be.below(5_000);
    expect([parameters?.get('v'), parameters?.get('format'), parameters?.get('simplify'), parameters?.has('session')]).to.deep.equal(['2.0', 'json', 'true', false]);
  });

  it('does not ask to simplify XML, and sends a session only where there is one', async () => {
    top.on(METHODS.uploadUse, taken());
    await upload(open({ format: 'xml', session: 's1' }));
    expect([top.calls[0]?.parameters.get('format'), top.calls[0]?.parameters.has('simplify'), top.calls[0]?.parameters.get('session')]).to.deep.equal(['xml', false, 's1']);
  });

  it('never sends the secret', async () => {
    top.on(METHODS.uploadUse, taken());
    await upload(open());
    expect(top.calls[0]?.body).to.not.include('helloworld');
  });

  it('waits a throttle answer out and tries again: the bill is not lost', async () => {
    top.on(METHODS.uploadUse, gatewayError(7, 'accesscontrol.limited-by-app-api-access-count', 'This ban will last for 1 more seconds'), taken());
    const slept: number[] = [];
    const moving = { offset: 0, now(): number { return Date.now() + this.offset; }, sleep(ms: number): Promise<void> { slept.push(ms); this.offset += ms; return Promise.resolve(); } };
    const gateway = createGateway({ settings: mahSettings({ gateway: top.url }), http, clock: moving, budget: new CallBudget(moving, { lanes: { upload: 1_000, query: 1_000 } }), grants: new MethodGrants({ clock, counters: new MemoryCounters(), institution: 'H1', account: 'gw:1' }), note: () => undefined });
    expect(await upload(gateway)).to.include({ kind: 'answer', ok: true });
    expect(top.calls).to.have.length(2);
    expect(slept.reduce((sum, ms) => sum + ms, 0)).to.be.within(900, 1_100);
  });

  it('gives up after three throttled tries, provably unprocessed', async () => {
    top.on(METHODS.uploadUse, gatewayError(7, 'accesscontrol.limited-by-app-api-access-count', 'ban 1 more seconds'));
    const moving = { offset: 0, now(): number { return Date.now() + this.offset; }, sleep(ms: number): Promise<void> { this.offset += ms; return Promise.resolve(); } };
    const gateway = createGateway({ settings: mahSettings({ gateway: top.url }), http, clock: moving, budget: new CallBudget(moving, { lanes: { upload: 1_000, query: 1_000 } }), grants: new MethodGrants({ clock, counters: new MemoryCounters(), institution: 'H1', account: 'gw:1' }), note: () => undefined });
    expect(await upload(gateway)).to.include({ kind: 'not-sent', reason: 'throttled', retryAfterMs: 1_000 });
    expect(top.calls).to.have.length(3);
  });

  it('does not sit out a ban of hours: the call goes back to the queue', async () => {
    top.on(METHODS.uploadUse, gatewayError(7, 'accesscontrol.limited-by-app-access-count', 'This ban will last for 40000 more seconds'));
    const reply = await upload(open());
    expect(reply).to.include({ kind: 'not-sent', reason: 'throttled' });
    expect(reply.kind === 'not-sent' ? reply.retryAfterMs : 0).to.be.above(600_000);
    expect(top.calls).to.have.length(1);
  });

  it('does not send when stopped before its turn', async () => {
    const stopped = AbortSignal.abort();
    expect(await upload(open(), stopped)).to.include({ kind: 'not-sent', reason: 'stopped' });
    expect(top.calls).to.have.length(0);
  });

  it('calls a reply larger than allowed a fault after sending', async () => {
    top.on(METHODS.uploadUse, { model: 'x'.repeat(20_000), response_success: true });
    expect(await upload(open())).to.include({ kind: 'fault', sent: 'maybe', cause: 'too-large' });
  });

  it('tells a refused connection from a lost reply', async () => {
    top.on(METHODS.uploadUse, 'drop');
    expect(await upload(open())).to.include({ kind: 'fault', sent: 'maybe' });
    await top.stop();
    expect(await upload(open())).to.include({ kind: 'fault', sent: 'no' });
    await top.start();
  });

  it('notes every exchange under its method and result', async () => {
    top.on(METHODS.uploadUse, gatewayError(25), { status: 502, body: '<html></html>' }, taken());
    const gateway = open();
    for (let i = 0; i < 3; i += 1) await upload(gateway);
    expect(notes).to.deep.equal(['uploadretail gateway-25', 'uploadretail bad-reply', 'uploadretail ok']);
  });
});
