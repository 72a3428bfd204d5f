import { expect } from 'chai';
import { outageCampaign } from '../simulation/outage-campaign.ts';

/** A short one; the long one is `npm run campaign -- outage`. */
describe('both platforms away for a long time', function () {
  this.timeout(120_000);

  it('reports everything once afterwards, by itself, and does not hammer them meanwhile', async () => {
    const result = await outageCampaign({ events: 45, minutes: 3, speed: 60, say: () => undefined });
    expect(result.notTaken, 'not taken from the HIS').to.deep.equal([]);
    expect(result.hammered, 'called more often than the back-off allows').to.deep.equal([]);
    expect(result.doubled, 'doubled').to.deep.equal([]);
    expect(result.unequal, 'ledger and platform disagree').to.deep.equal([]);
    expect(result.unsettled, 'did not end by itself').to.deep.equal([]);
    expect(result.events).to.be.at.least(45);
    expect(result.reports).to.be.greaterThan(90);
    for (const phase of ['refused', 'silent', 'gateway-page']) for (const name of ['insurance', 'mah']) expect(result.calls[`${name} ${phase}`], `${name} ${phase}`).to.be.greaterThan(0);
  });
});
