import { expect } from 'chai';
import { startSandbox } from '../../../plugins/sandbox/index.ts';
import type { InsuranceOptions, Sandbox } from '../../../plugins/sandbox/index.ts';
import { NEVER, open, sales, TestClock } from './fixtures.ts';
import type { Opened } from './fixtures.ts';
import { variants } from './regions.ts';

const [jilin] = variants().filter((variant) => variant.title === 'jilin');

describe('nhsa token (OAuth2 password grant)', () => {
  const clock = new TestClock();
  let sandbox: Sandbox;
  const opened: Opened[] = [];
  let serial = 0;

  async function start(sandboxMore: InsuranceOptions = {}, settings: Readonly<Record<string, unknown>> = {}): Promise<Opened> {
    sandbox = await startSandbox({ insurance: { ...jilin?.sandbox, ...sandboxMore }, now: () => clock.at });
    const one = open(sandbox.insurance.url, { clock, settings: { ...jilin?.settings, ...settings } });
    opened.push(one);
    return one;
  }
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.destination.stop();
    await sandbox.stop();
  });
  const send = async ({ destination }: Opened): Promise<string> => {
    serial += 1;
    const [result] = await destination.send(sales(1, destination, serial), { signal: NEVER });
    return `${result?.kind ?? ''}${result !== undefined && 'reason' in result ? ` ${result.reason}` : ''}`;
  };
  const tokens = (): number => sandbox.insuranceBook.callsByOperation['token'] ?? 0;

  it('is fetched once and used for every call while it is good', async () => {
    const one = await start();
    expect([await send(one), await send(one), await send(one)]).to.deep.equal(['accepted', 'accepted', 'accepted']);
    expect(tokens()).to.equal(1);
  });

  it('is shared by calls that need it at the same time', async () => {
    const one = await start({}, { signIn: false });
    await Promise.all([send(one), send(one), send(one)]);
    expect(tokens()).to.equal(1);
  });

  it('is renewed before it ends, without a refused call', async () => {
    const one = await start({ oauth: { seconds: 600 } });
    await send(one);
    clock.at += 550_000;
    expect(await send(one)).to.equal('accepted');
    expect(tokens()).to.equal(2);
    expect(sandbox.insuranceBook.refusals).to.deep.equal([]);
  });

  it('is fetched anew, once, when the platform no longer takes it', async () => {
    const one = await start();
    await send(one);
    sandbox.revokeTokens();
    expect(await send(one)).to.equal('accepted');
    expect(tokens()).to.equal(2);
  });

  it('that is not granted sends no business, and is not asked for with every call', async () => {
    const one = await start({ oauth: { password: 'another' } });
    expect([await send(one), await send(one), await send(one)]).to.deep.equal(['unavailable AUTH', 'unavailable AUTH', 'unavailable AUTH']);
    expect(sandbox.insuranceBook.callsByOperation).to.deep.equal({ token: 1 });
    clock.at += 4_000;
    await send(one);
    expect(tokens()).to.equal(2);
  });

  for (const [name, expected] of [['http503', 'unavailable SERVICE_DOWN'], ['dropBeforeCommit', 'unavailable NETWORK'], ['emptyReply', 'unavailable BAD_REPLY'], ['truncatedJson', 'unavailable BAD_REPLY']] as const) {
    it(`from a service that answers with ${name} leaves the business unsent`, async () => {
      const one = await start();
      sandbox.faults.set([{ effect: name, platform: 'insurance', operation: 'token' }]);
      expect(await send(one)).to.equal(expected);
      expect(Object.keys(sandbox.insuranceBook.callsByOperation)).to.deep.equal(['token']);
    });
  }
});
