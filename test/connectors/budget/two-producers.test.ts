import { setMaxListeners } from 'node:events';
import { expect } from 'chai';
import type { CallBudget } from '../../../connectors/shared/budget/call-budget.ts';
import { shareBudget, type BudgetShare } from '../../../connectors/shared/budget/shared-budgets.ts';
import { CallLimiter } from '../../../plugins/sandbox/mah/gateway.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { FakeClock } from '../mah-alihealth/fake-clock.ts';

const LIMIT = 3;
const KEY = { address: 'https://gw.example/router/rest', account: 'one-key' };
const RATES = { lanes: { upload: 10, query: 10 }, total: LIMIT };
const never = new AbortController().signal;
setMaxListeners(0, never);

/** The gateway of the sandbox as it counts, at the far end of a line whose delay changes from call to call. */
class FarGateway {
  readonly limiter = new CallLimiter({ callsPerSecond: LIMIT, banMs: 1_000 });
  readonly #clock: FakeClock;
  readonly #random: () => number;
  /** longest way there, and longest way back, in milliseconds */
  readonly #way: readonly [number, number];
  taken = 0;

  constructor(clock: FakeClock, random: () => number, way: readonly [number, number]) {
    this.#clock = clock;
    this.#random = random;
    this.#way = way;
  }

  async call(): Promise<void> {
    await this.#clock.sleep(5 + Math.floor(this.#random() * (this.#way[0] - 5)));
    if (this.limiter.take(KEY.account, this.#clock.now()) === 0) this.taken += 1;
    await this.#clock.sleep(5 + Math.floor(this.#random() * (this.#way[1] - 5)));
  }
}

async function produce(budget: CallBudget, clock: FakeClock, gateway: FarGateway, what: { readonly lane: string; readonly priority: number }): Promise<number> {
  const from = clock.now();
  const grant = await budget.take({ ...what, maxWaitMs: 600_000, signal: never });
  if (grant.kind !== 'granted') throw new Error(grant.kind);
  await gateway.call();
  grant.ended();
  return clock.now() - from;
}

describe('two producers on one app key', () => {
  const shares: BudgetShare[] = [];
  afterEach(() => { for (const share of shares.splice(0)) share.release(); });

  function share(clock: FakeClock, sharedBy = 1): CallBudget {
    const one = shareBudget(KEY, { clock, rates: RATES, sharedBy });
    shares.push(one);
    return one.budget;
  }

  for (const seed of [1, 2, 3, 4, 5]) {
    it(`never meets the limit of 3/s while a batch drains, and the window waits less than 2 s (seed ${String(seed)})`, async () => {
      const clock = new FakeClock();
      const random = seededRandom(seed);
      const gateway = new FarGateway(clock, random, [120, 60]);
      const [window, batch] = [share(clock), share(clock)];
      const urgent: number[] = [];
      let drained = 0;
      const batchWorker = async (): Promise<void> => {
        for (let at = 0; at < 40; at += 1) {
          await produce(batch, clock, gateway, { lane: at % 2 === 0 ? 'upload' : 'query', priority: 9 });
          drained += 1;
        }
      };
      const windowWorker = async (): Promise<void> => {
        const waiting: Promise<void>[] = [];
        for (let at = 0; at < 60; at += 1) {
          waiting.push(produce(window, clock, gateway, { lane: 'upload', priority: 0 }).then((ms) => { urgent.push(ms); }));
          await clock.sleep(200 + Math.floor(random() * 1_200));
        }
        await Promise.all(waiting);
      };
      const all = Promise.all([batchWorker(), batchWorker(), batchWorker(), windowWorker()]);
      await clock.advance(240_000);
      await all;
      urgent.sort((a, b) => a - b);
      expect(gateway.limiter.throttled).to.equal(0);
      expect([urgent.length, drained, gateway.taken]).to.deep.equal([60, 120, 180]);
      expect(urgent[Math.floor(urgent.length * 0.95)]).to.be.below(2_000);
    });
  }

  it('uses nine tenths of the limit and more on a steady line', async () => {
    const clock = new FakeClock();
    const gateway = new FarGateway(clock, () => 0.5, [50, 50]);
    const budget = share(clock);
    const from = clock.now();
    let at = from;
    const all = Promise.all(Array.from({ length: 90 }, () => produce(budget, clock, gateway, { lane: 'upload', priority: 9 }).then(() => { at = clock.now(); })));
    await clock.advance(60_000);
    await all;
    expect(gateway.limiter.throttled).to.equal(0);
    expect((90 / (at - from)) * 1_000).to.be.above(LIMIT * 0.9);
  });

  it('gives the batch its turn while the window never stops asking', async () => {
    const clock = new FakeClock();
    const gateway = new FarGateway(clock, () => 0, [6, 6]);
    const budget = share(clock);
    let done = 0;
    void produce(budget, clock, gateway, { lane: 'upload', priority: 9 }).then(() => { done += 1; });
    for (let at = 0; at < 30; at += 1) void produce(budget, clock, gateway, { lane: 'upload', priority: 0 });
    void produce(budget, clock, gateway, { lane: 'upload', priority: 9 }).then(() => { done += 1; });
    for (let at = 0; at < 40; at += 1) {
      void produce(budget, clock, gateway, { lane: 'upload', priority: 0 });
      await clock.advance(334);
    }
    expect(done).to.equal(2);
    await clock.advance(60_000);
  });

  it('leaves each of two processes its part in whole calls, so that both together keep the limit', async () => {
    const clock = new FakeClock();
    const gateway = new FarGateway(clock, seededRandom(9), [40, 40]);
    // a process of its own has a registry of its own: another host name stands for it
    const here = share(clock, 2);
    const there = shareBudget({ ...KEY, address: 'https://other-process.example' }, { clock, rates: RATES, sharedBy: 2 });
    shares.push(there);
    const all = Promise.all([here, there.budget].flatMap((budget) => Array.from({ length: 30 }, () => produce(budget, clock, gateway, { lane: 'upload', priority: 5 }))));
    await clock.advance(60_000);
    await all;
    expect(gateway.limiter.throttled).to.equal(0);
    expect(gateway.taken).to.equal(60);
  });

  it('goes back to the larger rate when the user of the smaller one has gone', async () => {
    const clock = new FakeClock();
    const gateway = new FarGateway(clock, () => 0, [6, 6]);
    const slow = shareBudget(KEY, { clock, rates: { lanes: {}, total: 1 } });
    const budget = share(clock);
    slow.release();
    const from = clock.now();
    const all = Promise.all(Array.from({ length: 4 }, () => produce(budget, clock, gateway, { lane: 'query', priority: 5 })));
    await clock.advance(1_200);
    await all;
    expect(clock.now() - from).to.be.at.most(1_200);
  });
});
