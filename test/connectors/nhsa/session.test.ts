import { expect } from 'chai';
import { FakePlatform, failure } from './fake-platform.ts';
import { NEVER, NOW, open, sales } from './fixtures.ts';
import type { Opened } from './fixtures.ts';

describe('nhsa session', () => {
  let platform: FakePlatform;
  let url: string;
  const all: Opened[] = [];

  beforeEach(async () => {
    platform = new FakePlatform();
    url = await platform.start();
  });
  afterEach(async () => {
    for (const one of all.splice(0)) await one.destination.stop();
    await platform.stop();
  });

  function connect(options: Parameters<typeof open>[1] = {}): Opened {
    const one = open(url, options);
    all.push(one);
    return one;
  }

  async function send(one: Opened, from: number): Promise<string | undefined> {
    return (await one.destination.send(sales(1, one.destination, from), { signal: NEVER }))[0]?.kind;
  }

  it('signs in once and tells its address', async () => {
    const one = connect({ settings: { ip: '10.1.2.3', mac: '00-50-56-AA-BB-CC' } });
    expect(await send(one, 1)).to.equal('accepted');
    expect(await send(one, 2)).to.equal('accepted');
    expect(platform.signIns).to.equal(1);
    expect(platform.sent('9001')[0]?.rows[0]).to.deep.equal({ opter_no: '001', mac: '00-50-56-AA-BB-CC', ip: '10.1.2.3' });
  });

  it('shares one sign-in among concurrent callers', async () => {
    const one = connect();
    await Promise.all([1, 2, 3, 4, 5].map((from) => send(one, from)));
    expect(platform.signIns).to.equal(1);
    expect(platform.rows).to.have.length(5);
  });

  it('keeps the sign-in over a restart on the same day', async () => {
    const first = connect();
    await send(first, 1);
    expect(await send(connect({ clock: first.clock, counters: first.counters }), 2)).to.equal('accepted');
    expect(platform.signIns).to.equal(1);
  });

  it('signs in anew on the next day in China', async () => {
    const one = connect();
    await send(one, 1);
    one.clock.at = NOW + 15 * 3_600_000;
    expect(await send(one, 2)).to.equal('accepted');
    expect(platform.signIns).to.equal(2);
  });

  it('signs in anew, once per call, when the platform says the sign-in is not good', async () => {
    const one = connect();
    await send(one, 1);
    platform.signNo = 'LOST';
    expect(await send(one, 2)).to.equal('accepted');
    expect(platform.signIns).to.equal(2);
    expect(platform.sent('3505')).to.have.length(3);
  });

  it('is not available when a new sign-in is refused as well, and does not hammer 9001', async () => {
    const one = connect();
    await send(one, 1);
    platform.behave = (call) => (call.infno === '3505' ? { before: true, reply: { body: failure('签到流水号无效，请重新签到') } } : undefined);
    const [result] = await one.destination.send(sales(1, one.destination, 2), { signal: NEVER });
    expect(result).to.include({ kind: 'unavailable', reason: 'AUTH' });
    for (const from of [3, 4, 5]) await send(one, from);
    expect(platform.signIns).to.equal(2);
  });

  it('does not sign in anew for a wrong signature', async () => {
    const one = connect();
    platform.behave = (call) => (call.infno === '3505' ? { before: true, reply: { body: failure('验签失败') } } : undefined);
    const [result] = await one.destination.send(sales(1, one.destination), { signal: NEVER });
    expect(result).to.include({ kind: 'unavailable', reason: 'AUTH' });
    expect(platform.signIns).to.equal(1);
  });

  for (const [name, behaviour] of [['is refused', { before: true, reply: { body: failure('操作员未登记') } }], ['gets no answer', { drop: 'after' }], ['gets HTML', { reply: { body: '<html>' } }], ['brings no number', { reply: { body: '{"infcode":0,"output":{}}' } }]] as const) {
    it(`sends no business while the sign-in ${name}`, async () => {
      const one = connect();
      platform.behave = (call) => (call.infno === '9001' ? behaviour : undefined);
      const results = await one.destination.send(sales(2, one.destination), { signal: NEVER });
      expect(results.map((result) => result.kind)).to.deep.equal(['unavailable', 'unavailable']);
      expect(platform.calls.every((call) => call.infno === '9001')).to.equal(true);
    });
  }

  it('waits a little between failed sign-ins, then goes on by itself', async () => {
    const one = connect();
    platform.behave = (call) => (call.infno === '9001' ? { before: true, reply: { status: 503 } } : undefined);
    await send(one, 1);
    await send(one, 2);
    expect(platform.sent('9001')).to.have.length(1);
    platform.behave = () => undefined;
    one.clock.at += 5_000;
    expect(await send(one, 3)).to.equal('accepted');
  });

  it('works without a memory', async () => {
    const one = connect();
    one.counters.recall = () => Promise.reject(new Error('busy'));
    one.counters.remember = () => Promise.reject(new Error('busy'));
    expect(await send(one, 1)).to.equal('accepted');
  });

  it('does not sign out at stop, because some regions allow no second sign-in that day', async () => {
    const one = open(url);
    await send(one, 1);
    await one.destination.stop();
    expect(platform.sent('9002')).to.have.length(0);
  });

  it('signs out at stop where the site wants that, and signs in anew afterwards', async () => {
    const one = open(url, { settings: { signOutAtStop: true } });
    await send(one, 1);
    await one.destination.stop();
    expect(platform.sent('9002')[0]?.rows[0]).to.deep.equal({ sign_no: 'SIGN1', opter_no: '001' });
    expect(await send(connect({ clock: one.clock, counters: one.counters }), 2)).to.equal('accepted');
    expect(platform.signIns).to.equal(2);
  });

  it('leaves 9001 out where the site does not sign in', async () => {
    platform.signNo = '';
    expect(await send(connect({ settings: { signIn: false } }), 1)).to.equal('accepted');
    expect(platform.signIns).to.equal(0);
  });

  describe('probe', () => {
    it('shows the sign-in and the query', async () => {
      const results = await connect().destination.probe();
      expect(results.map((result) => result.ok)).to.deep.equal([true, true]);
      expect(results[0]?.what).to.include('9001');
    });

    it('says in Chinese what to do when the platform cannot be reached', async () => {
      const one = open('http://127.0.0.1:1');
      const [result] = await one.destination.probe();
      expect(result?.ok).to.equal(false);
      expect(result?.detail).to.match(/连接不上平台.*ECONNREFUSED/);
      await one.destination.stop();
    });

    it('does not show a sign-in of earlier today as good while the platform is dead', async () => {
      const one = connect();
      expect((await one.destination.probe()).map((result) => result.ok)).to.deep.equal([true, true]);
      await platform.stop();
      const results = await one.destination.probe();
      expect(results.map((result) => result.ok)).to.deep.equal([false, false]);
      expect(results[0]?.detail).to.match(/无法证实/);
      platform = new FakePlatform();
      url = await platform.start();
    });

    it('does not sign in a second time on a day, and proves the sign-in by the query', async () => {
      const one = connect();
      await one.destination.probe();
      const results = await one.destination.probe();
      expect(platform.signIns).to.equal(1);
      expect(platform.sent('3511')).to.have.length(2);
      expect(results[0]).to.include({ ok: true, detail: '沿用今日已有的签到，查询已证实有效' });
    });

    it('says so when the address is something else', async () => {
      platform.behave = () => ({ reply: { body: '<html>welcome</html>' } });
      const [result] = await connect({ settings: { signIn: false } }).destination.probe();
      expect(result).to.include({ ok: false });
      expect(result?.detail).to.match(/不是医保平台的格式/);
    });
  });

  it('refuses an account without its token, and a profile that does not exist', () => {
    expect(() => open(url, { settings: { paasToken: undefined } })).to.throw(/paasToken/);
    expect(() => open(url, { settings: { profile: 'atlantis' } })).to.throw(/atlantis/);
  });
});
