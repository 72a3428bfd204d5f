import { setMaxListeners } from 'node:events';
import { expect } from 'chai';
import fc from 'fast-check';
import { CallBudget, type Grant, type Wanted } from '../../../connectors/shared/budget/call-budget.ts';
import { shareBudget } from '../../../connectors/shared/budget/shared-budgets.ts';
import { FakeClock, settled } from '../mah-alihealth/fake-clock.ts';

const RATES = { lanes: { upload: 3, query: 2 } };
const BATCH = 9;
const never = new AbortController().signal;
setMaxListeners(0, never);

function asking(budget: CallBudget, clock: FakeClock, granted: number[], change: Partial<Wanted> = {}): Promise<Grant> {
  return budget.take({ lane: 'upload', priority: BATCH, maxWaitMs: 600_000, signal: never, ...change }).then((grant) => {
    if (grant.kind === 'granted') {
      granted.push(clock.now());
      grant.ended();
    }
    return grant;
  });
}

/** @returns the most calls within any second */
function busiestSecond(times: readonly number[]): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
}

describe('call budget', () => {
  it('spaces uploads and queries evenly, each at its own rate', async () => {
    const clock = new FakeClock();
    const budget = new CallBudget(clock, RATES);
    const start = clock.now();
    const uploads: number[] = [];
    const queries: number[] = [];
    for (let i = 0; i < 4; i += 1) void asking(budget, clock, uploads);
    for (let i = 0; i < 3; i += 1) void asking(budget, clock, queries, { lane: 'query' });
    await clock.advance(2_000);
    expect(uploads.map((at) => at - start)).to.deep.equal([0, 337, 674, 1_011]);
    expect(queries.map((at) => at - start)).to.deep.equal([0, 505, 1_010]);
  });

  it('never exceeds the limit, however many destinations share the key and whenever they ask', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ who: fc.boolean(), pause: fc.integer({ min: 0, max: 900 }) }), { minLength: 1, maxLength: 40 }), async (asks) => {
      const clock = new FakeClock();
      const key = { address: 'http://gw.example/router/rest', account: 'shared' };
      const one = shareBudget(key, { clock, rates: RATES });
      const two = shareBudget({ ...key }, { clock, rates: { lanes: { upload: 5, query: 5 } } });
      const granted: number[] = [];
      for (const { who, pause } of asks) {
        void asking((who ? one : two).budget, clock, granted);
        await clock.advance(pause);
      }
      await clock.advance(60_000);
      one.release();
      two.release();
      expect(granted).to.have.length(asks.length);
      expect(busiestSecond(granted)).to.be.at.most(3);
    }), { numRuns: 60 });
  });

  it('gives each app key and each gateway a budget of its own', () => {
    const clock = new FakeClock();
    const budgets = [['http://a/x', 'k1'], ['http://a/x', 'k2'], ['http://b/x', 'k1']].map(([address = '', account = '']) => shareBudget({ address, account }, { clock, rates: RATES }));
    expect(new Set(budgets.map(({ budget }) => budget)).size).to.equal(3);
    for (const shared of budgets) shared.release();
  });

  it('forgets a key when its last destination has gone', () => {
    const clock = new FakeClock();
    const key = { address: 'http://c/x', account: 'k' };
    const first = shareBudget(key, { clock, rates: RATES });
    first.release();
    first.release();
    const second = shareBudget(key, { clock, rates: RATES });
    expect(second.budget).to.not.equal(first.budget);
    second.release();
  });

  it('lets urgent calls go first, and batch calls through now and then', async () => {
    const clock = new FakeClock();
    const budget = new CallBudget(clock, { lanes: { upload: 1_000 } });
    const order: string[] = [];
    void budget.take({ lane: 'upload', priority: BATCH, maxWaitMs: 60_000, signal: never }).then(() => order.push('first'));
    await settled();
    for (let i = 0; i < 12; i += 1) {
      void budget.take({ lane: 'upload', priority: i >= 2 ? 0 : BATCH, maxWaitMs: 60_000, signal: never }).then(() => order.push(i >= 2 ? 'urgent' : 'batch'));
    }
    await clock.advance(1_000);
    expect(order).to.deep.equal(['first', 'urgent', 'urgent', 'urgent', 'urgent', 'batch', 'urgent', 'urgent', 'urgent', 'urgent', 'batch', 'urgent', 'urgent']);
  });

  it('pauses both lanes for the ban and is slower afterwards until it has been calm', async () => {
    const clock = new FakeClock();
    const budget = new CallBudget(clock, RATES);
    const start = clock.now();
    budget.throttled(2_000);
    budget.throttled(2_000);
    const granted: number[] = [];
    for (let i = 0; i < 3; i += 1) void asking(budget, clock, granted);
    void asking(budget, clock, granted, { lane: 'query' });
    await clock.advance(10_000);
    expect(granted.map((at) => at - start).sort((a, b) => a - b)).to.deep.equal([2_000, 2_000, 2_674, 3_347]);
    await clock.advance(120_000);
    granted.length = 0;
    for (let i = 0; i < 3; i += 1) void asking(budget, clock, granted);
    await clock.advance(5_000);
    expect((granted[2] ?? 0) - (granted[1] ?? 0)).to.equal(337);
  });

  it('refuses at once what would have to wait too long, and says how long', async () => {
    const clock = new FakeClock();
    const budget = new CallBudget(clock, RATES);
    budget.throttled(90_000);
    expect(await asking(budget, clock, [], { maxWaitMs: 60_000 })).to.deep.equal({ kind: 'too-long', retryAfterMs: 90_000 });
  });

  it('lets those go whose wait became too long by a ban', async () => {
    const clock = new FakeClock();
    const budget = new CallBudget(clock, RATES);
    void asking(budget, clock, []);
    const second = asking(budget, clock, [], { maxWaitMs: 1_000 });
    await settled();
    budget.throttled(30_000);
    await clock.advance(400);
    expect((await second).kind).to.equal('too-long');
  });

  it('ends a wait when the signal says so, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const budget = new CallBudget(clock, RATES);
    await asking(budget, clock, []);
    const stop = new AbortController();
    const waiting = asking(budget, clock, [], { signal: stop.signal });
    await settled();
    stop.abort();
    expect((await waiting).kind).to.equal('aborted');
    await settled();
    expect(clock.sleeping).to.equal(0);
    expect((await asking(budget, clock, [], { signal: stop.signal })).kind).to.equal('aborted');
  });
});
