import { expect } from 'chai';
import { crashCampaign } from '../simulation/crash-campaign.ts';

/** A short seed of the campaign; the long one is `npm run campaign`. Runs the compiled product (dist/). */
describe('the real process under SIGKILL', function () {
  this.timeout(180_000);

  it('loses nothing it acknowledged and reports nothing twice', async () => {
    const result = await crashCampaign({ seed: 7, kills: 6, windows: 4, lostReplies: 0.05, cases: 20, say: () => undefined });
    expect(result.lost, 'lost').to.deep.equal([]);
    expect(result.droppedSilently, 'dropped silently').to.deep.equal([]);
    expect(result.doubled, 'doubled').to.deep.equal([]);
    expect(result.unequal, 'ledger and platform disagree').to.deep.equal([]);
    expect(result.unsettled, 'did not end by itself').to.deep.equal([]);
    expect(result.acknowledged).to.be.greaterThan(40);
    expect(result.kills).to.equal(6);
  });
});
