import { expect } from 'chai';
import { MessageIds } from '../../../connectors/nhsa/message-id.ts';
import { NOW, TestClock, TestCounters } from './fixtures.ts';

const CODE = 'H35010200001';

async function take(ids: MessageIds, count: number): Promise<string[]> {
  const taken: string[] = [];
  for (let i = 0; i < count; i += 1) taken.push(await ids.next(CODE));
  return taken;
}

function timeIn(id: string): string { return id.slice(12, 26); }

describe('nhsa message id', () => {
  it('is the institution code, the present second in China and a number, 30 characters', async () => {
    const ids = new MessageIds({ clock: new TestClock(), counters: new TestCounters() });
    expect(await take(ids, 2)).to.deep.equal([`${CODE}202611220935000001`, `${CODE}202611220935000002`]);
  });

  it('starts again at 0001 in the next second', async () => {
    const clock = new TestClock();
    const ids = new MessageIds({ clock, counters: new TestCounters() });
    await take(ids, 5);
    clock.at = NOW + 1_000;
    expect(await ids.next(CODE)).to.equal(`${CODE}202611220935010001`);
  });

  it('never repeats within one second of 30,000 ids, nor over a restart in that second', async () => {
    const clock = new TestClock();
    const counters = new TestCounters();
    const first = await take(new MessageIds({ clock, counters }), 30_000);
    const second = await take(new MessageIds({ clock, counters }), 100);
    expect(new Set([...first, ...second]).size).to.equal(30_100);
    expect(first.every((id) => /^H35010200001\d{18}$/.test(id))).to.equal(true);
  });

  it('never repeats when the clock is set back, in one process or over a restart', async () => {
    const clock = new TestClock();
    const counters = new TestCounters();
    const seen: string[] = [];
    let ids = new MessageIds({ clock, counters });
    for (const shift of [0, 3_000, -600_000, -599_000, 1_000, 2_000, -86_400_000, 5_000]) {
      clock.at = NOW + shift;
      seen.push(...await take(ids, 3));
      ids = new MessageIds({ clock, counters });
      seen.push(...await take(ids, 3));
    }
    expect(new Set(seen).size).to.equal(seen.length);
  });

  it('gives two processes that share the counters different ids, both near the present', async () => {
    const clock = new TestClock();
    const counters = new TestCounters();
    const both = [new MessageIds({ clock, counters }), new MessageIds({ clock, counters })] as const;
    const seen: string[] = [];
    for (let second = 0; second < 120; second += 1) {
      clock.at = NOW + second * 1_000;
      seen.push(await both[0].next(CODE), await both[1].next(CODE));
    }
    expect(new Set(seen).size).to.equal(240);
    const ahead = seen.slice(-2).map((id) => Number(timeIn(id)) - 20261122093659);
    expect(Math.max(...ahead)).to.be.lessThan(100);
  });

  it('asks the durable counter once per lease, not per id', async () => {
    const clock = new TestClock();
    const counters = new TestCounters();
    const ids = new MessageIds({ clock, counters });
    await take(ids, 1);
    counters.writes = 0;
    for (let second = 1; second <= 64; second += 1) {
      clock.at = NOW + second * 1_000;
      await take(ids, 50);
    }
    expect(counters.writes).to.be.lessThan(12);
  });

  it('does not run ahead of the clock after an idle night, however many processes wake up', async () => {
    const clock = new TestClock();
    const counters = new TestCounters();
    const all = Array.from({ length: 3 }, () => new MessageIds({ clock, counters }));
    for (const ids of all) await ids.next(CODE);
    clock.at = NOW + 8 * 3_600_000;
    const woken: string[] = [];
    for (const ids of all) woken.push(await ids.next(CODE));
    expect(woken.map(timeIn)).to.deep.equal(['20261122173500', '20261122173501', '20261122173502']);
  });

  it('hands concurrent callers different ids out of one lease', async () => {
    const counters = new TestCounters();
    const ids = new MessageIds({ clock: new TestClock(), counters });
    const taken = await Promise.all(Array.from({ length: 50 }, () => ids.next(CODE)));
    expect(new Set(taken).size).to.equal(50);
  });

  it('fails when the counter cannot be written', async () => {
    const counters = new TestCounters();
    counters.reserve = () => Promise.reject(new Error('disk full'));
    let text = '';
    await new MessageIds({ clock: new TestClock(), counters }).next(CODE).catch((error: unknown) => { text = (error as Error).message; });
    expect(text).to.equal('disk full');
  });
});
