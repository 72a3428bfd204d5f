import { expect } from 'chai';
import type { Report } from '../../../adapter/ports/destination.ts';
import { startSandbox, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { code, line, NEVER, NOW, open, reported, reportOf, TestClock } from './fixtures.ts';
import type { Opened } from './fixtures.ts';

const DAY_MS = 86_400_000;

/**
 * Platforms differ in the day under which a query finds a row (insurance.md section 9): that of the business, that of the upload, or
 * only a range that holds both. A row that is not found although it is there would be reported twice.
 */
for (const queryBy of ['business', 'upload', 'both'] as const) {
  describe(`nhsa asking a platform that looks at the day by ${queryBy}`, () => {
    let sandbox: Sandbox;
    let opened: Opened;
    let clock: TestClock;

    beforeEach(async () => {
      clock = new TestClock();
      sandbox = await startSandbox({ now: () => clock.at, insurance: { queryBy } });
      opened = open(sandbox.insurance.url, { clock, settings: { paasId: sandbox.insurance.paasId, paasToken: sandbox.insurance.paasToken } });
    });
    afterEach(async () => {
      await opened.destination.stop();
      await sandbox.stop();
    });

    /** the sale of the business day NOW, as it stands after it was sent `sentAt` */
    function sale(serial: number, sentAt: number): Report {
      const event = reported('dispense', [line('1', { codes: [code(serial)] })], { id: `EV-${String(serial)}` });
      const [plan] = opened.destination.plan(event);
      if (plan === undefined) throw new Error('nothing planned');
      return reportOf(plan, event, { firstSentAt: sentAt, lastSentAt: sentAt });
    }

    for (const [sentAfter, askedAfter] of [[0, 0], [1, 0], [3, 2], [20, 5]] as const) {
      it(`finds what was sent ${String(sentAfter)} days after the business and asked about ${String(askedAfter)} days later, and proves what never arrived`, async () => {
        clock.at = NOW + sentAfter * DAY_MS;
        const [arrived, lost] = [sale(1, clock.at), sale(2, clock.at)];
        sandbox.faults.set([{ platform: 'insurance', operation: '3505*', times: 1, effect: 'dropReplyAfterCommit' }]);
        expect((await opened.destination.send([arrived], { signal: NEVER })).map((result) => result.kind)).to.deep.equal(['unknown']);
        clock.at += askedAfter * DAY_MS;
        const [found, missing] = await opened.destination.ask([arrived, lost], { signal: NEVER });
        expect(found?.kind === 'settled' && found.outcome.kind).to.equal('accepted');
        expect(missing).to.deep.equal({ kind: 'absent' });
        expect(sandbox.insuranceBook.entries.map((entry) => entry.key)).to.deep.equal([arrived.key]);
      });
    }
  });
}
