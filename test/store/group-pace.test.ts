import { expect } from 'chai';
import { GroupPace } from '../../adapter/store/sqlite/group-pace.ts';

/** Lets the event loop really wait, as when all senders wait for somebody else. */
async function idleFor(ms: number): Promise<void> {
  await new Promise((resolve) => { setTimeout(resolve, ms); });
}

describe('store/sqlite group pace', () => {
  it('takes all that waits while there is no time to spare', () => {
    const pace = new GroupPace();
    pace.committed();
    expect([1, 7, 8, 16].map((waiting) => pace.sizeOf(waiting))).to.deep.equal([1, 7, 8, 16]);
  });
  it('takes half first after an idle time, so that the senders of the one half work while the other is committed', async () => {
    const pace = new GroupPace();
    pace.committed();
    await idleFor(20);
    expect([1, 7, 8, 17].map((waiting) => pace.sizeOf(waiting))).to.deep.equal([1, 7, 4, 9]);
    pace.committed();
    expect(pace.sizeOf(8)).to.equal(8);
  });
  it('waits for nobody after a lone work or when half of the last group is there', async () => {
    const pace = new GroupPace();
    // would never resolve: no timer and no arrival ends it
    await pace.gather(1, { size: 1, ms: 1e9 });
    await pace.gather(1, { size: 2, ms: 1e9 });
    await pace.gather(8, { size: 16, ms: 1e9 });
  });
  it('waits until half of the last group is there', async () => {
    const pace = new GroupPace();
    let gathered = false;
    const waiting = pace.gather(1, { size: 16, ms: 4 }).then(() => { gathered = true; });
    pace.arrived(2);
    await Promise.resolve();
    expect(gathered).to.equal(false);
    pace.arrived(8);
    await waiting;
  });
  it('waits no longer than the last commit took', async () => {
    await new GroupPace().gather(1, { size: 16, ms: 1 });
  });
});
