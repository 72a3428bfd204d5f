import { expect } from 'chai';
import { GroupPace } from '../../adapter/store/sqlite/group-pace.ts';

describe('store/sqlite group pace', () => {
  it('waits for nobody before it has seen anybody', () => {
    const pace = new GroupPace();
    expect([pace.enough(1), pace.patience(1, 0)]).to.deep.equal([true, 0]);
  });
  it('goes with half of the senders it has seen waiting', () => {
    const pace = new GroupPace();
    pace.seen(16);
    expect([1, 7, 8, 16].map((size) => pace.enough(size))).to.deep.equal([false, false, true, true]);
  });
  it('waits for the others no longer than a sync takes, and never longer than 5 ms', () => {
    const pace = new GroupPace();
    pace.seen(16);
    pace.synced(2);
    expect([0, 1.5, 2, 9].map((waited) => pace.patience(1, waited))).to.deep.equal([2, 0.5, 0, 0]);
    pace.synced(40);
    expect(pace.patience(1, 0)).to.equal(5);
    expect(pace.patience(8, 0)).to.equal(0);
  });
  it('forgets senders that have gone away, within some tens of groups', () => {
    const pace = new GroupPace();
    pace.seen(16);
    pace.synced(2);
    for (let group = 0; group < 30; group += 1) {
      pace.committed();
      pace.seen(1);
    }
    expect(pace.patience(1, 0)).to.equal(0);
  });
  it('is woken by whatever stirs', async () => {
    const pace = new GroupPace();
    const resting = pace.rest(Infinity);
    pace.stir();
    await resting;
    await pace.rest(1);
  });
});
