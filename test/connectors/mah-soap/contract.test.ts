import { expect } from 'chai';
import type { EventKind } from '../../../adapter/domain/event.ts';
import type { Report } from '../../../adapter/ports/destination.ts';
import { startSandbox, type FaultRule, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { codeOf, lineCode, reported, reportLine, reportOf } from '../mah-alihealth/fixtures.ts';
import { eventOf, first, HOLDER_CASES, MovableClock, openHolder, reportsOf, settle, type OpenHolder } from './open-holder.ts';

/** Movements that must be on the platform before a kind makes sense there. */
const BEFORE: Readonly<Partial<Record<EventKind, EventKind>>> = { 'dispense-return': 'dispense', 'supplier-return': 'receipt' };

for (const of of HOLDER_CASES) {
  describe(`holder systems: ${of.name} (${of.profile})`, () => {
    let sandbox: Sandbox;
    let clock: MovableClock;
    const opened: OpenHolder[] = [];

    beforeEach(async () => {
      clock = new MovableClock();
      sandbox = await startSandbox({ holders: { [of.fake]: {} }, now: () => clock.now() });
    });
    afterEach(async () => {
      for (const { destination } of opened.splice(0)) await destination.stop();
      await sandbox.stop();
    });

    function open(change: Readonly<Record<string, unknown>> = {}): OpenHolder {
      const holder = openHolder(sandbox, of, change, clock);
      opened.push(holder);
      return holder;
    }

    async function prepare(holder: OpenHolder, kind: EventKind, serials: readonly number[]): Promise<void> {
      const before = BEFORE[kind];
      if (before !== undefined) expect(await holder.send(first(reportsOf(holder, eventOf(before, serials, { id: `before-${kind}` }))))).to.include({ kind: 'accepted' });
    }

    for (const kind of of.kinds) {
      it(`reports ${kind} once, with its codes, and sending it again adds nothing`, async () => {
        const holder = open();
        await prepare(holder, kind, [1, 2]);
        const report = first(reportsOf(holder, eventOf(kind, [1, 2])));
        expect(await holder.send(report)).to.include({ kind: 'accepted' });
        expect((await holder.send({ ...report, attempt: 2 })).kind).to.be.oneOf(['duplicate', 'accepted']);
        const entry = sandbox.holderBook(of.fake).entries.at(-1);
        expect(entry).to.deep.include({ key: report.key, movement: kind, codes: [codeOf(1), codeOf(2)] });
        expect(Object.values(sandbox.holderBook(of.fake).reportsByKey).every((times) => times === 1)).to.equal(true);
      });
    }

    for (const kind of of.reversible) {
      it(`takes a voided ${kind} back`, async () => {
        const holder = open();
        await prepare(holder, kind, [3]);
        const event = eventOf(kind, [3]);
        const report = first(reportsOf(holder, event));
        expect(await holder.send(report)).to.include({ kind: 'accepted' });
        const by = eventOf('void', [], { id: 'V1', refers: event.event.id }).event;
        const plan = holder.destination.planReversal(report, by);
        if (plan === undefined) throw new Error('no reversal');
        const reversal: Report = { ...reportOf(plan, event), reverses: { operation: report.operation, key: report.key, by: { id: by.id, occurredAt: by.occurredAt } } };
        expect(await holder.send(reversal)).to.include({ kind: 'accepted' });
        expect(plan.key).to.not.equal(report.key);
        expect(sandbox.holderBook(of.fake).entries).to.have.length(BEFORE[kind] === undefined ? 2 : 3);
      });
    }

    const lost: readonly (readonly [string, Omit<FaultRule, 'operation'>])[] = [
      ['the reply dropped after commit', { effect: 'dropReplyAfterCommit' }], ['a connection dropped before commit', { effect: 'dropBeforeCommit' }], ['a 502 page after commit', { effect: 'http502', when: 'after' }],
      ['a 500 page before commit', { effect: 'http500Html' }], ['half a reply', { effect: 'truncatedJson' }], ['a reply cut in the middle', { effect: 'cutMidReply' }], ['an empty reply', { effect: 'emptyReply' }],
      ['a reply of 20 MB', { effect: 'hugeReply' }], ['a reply with DOCTYPE and entities', { effect: 'doctypeReply' }], ['a reply to another message', { effect: 'wrongMessageId' }], ['the success flag on the wrong level', { effect: 'successFlagWrongLevel' }],
      ['a commit after the client gave up', { effect: 'slowThenCommitAfterClientGone' }],
    ];
    for (const [name, rule] of lost) {
      it(`does not know after ${name}, finds out, and the report is there once`, async () => {
        sandbox.faults.set([{ platform: of.fake, operation: of.upload, times: 1, ...rule }]);
        const holder = open({ replyTimeout: rule.effect === 'slowThenCommitAfterClientGone' ? 200 : 1_000 });
        const report = first(reportsOf(holder, eventOf('dispense', [4, 5])));
        const sent = await holder.send(report);
        expect(sent.kind).to.equal('unknown');
        expect((await settle(holder, report, sent)).kind).to.be.oneOf(['accepted', 'duplicate']);
        expect(sandbox.holderBook(of.fake).reportsByKey).to.deep.equal({ [`ORG8999/${report.key}`]: 1 });
      });
    }

    it('treats a throttle answer, a busy answer and a refused connection as not processed', async () => {
      const holder = open();
      const report = first(reportsOf(holder, eventOf('dispense', [6])));
      for (const effect of ['throttle', 'errorBody'] as const) {
        sandbox.faults.set([{ platform: of.fake, operation: of.upload, effect, times: 1 }]);
        expect((await holder.send(report)).kind, effect).to.equal('unavailable');
      }
      await holder.destination.stop();
      const away = open();
      const gone = sandbox.outage(of.fake, 200);
      expect((await away.send(report)).kind).to.equal('unavailable');
      await gone;
      expect(sandbox.holderBook(of.fake).entries).to.deep.equal([]);
    });

    it('shows what the platform refused, with its words and the codes it names', async () => {
      const holder = open();
      await holder.send(first(reportsOf(holder, eventOf('dispense', [7, 8]))));
      const again = await holder.send(first(reportsOf(holder, eventOf('dispense', [8, 9]))));
      expect(again).to.deep.include({ kind: 'rejected', reason: 'DUPLICATE_CODE', codes: [codeOf(8)] });
      expect((again as { peerText?: string }).peerText).to.match(/同方向/);
      const strange = reported({ kind: 'dispense', id: 'BAD' }, [reportLine([lineCode('8999001000000001000')])]);
      expect(await holder.send(first(reportsOf(holder, strange)))).to.deep.include({ kind: 'rejected', reason: 'INVALID_CODE', codes: ['8999001000000001000'] });
    });

    it('sends nothing for a partner nobody has registered', async () => {
      const holder = open({ partners: [] });
      expect(await holder.send(first(reportsOf(holder, eventOf('receipt', [10]))))).to.include({ kind: 'rejected', reason: 'OWNER_UNKNOWN' });
      expect(sandbox.holderBook(of.fake).callsByOperation).to.deep.equal({});
    });

    it('takes a wrong password for an account fault that ends by itself, never for a refusal of the report', async () => {
      const holder = open({ password: 'wrong' });
      expect(await holder.send(first(reportsOf(holder, eventOf('dispense', [11]))))).to.include({ kind: 'unavailable', reason: 'AUTH' });
      expect(sandbox.holderBook(of.fake).entries).to.deep.equal([]);
    });

    it('carries every report of a day once although 5 % of the replies are lost and some calls are throttled', async () => {
      sandbox.faults.set({ seed: 7, rules: [{ platform: of.fake, effect: 'dropReplyAfterCommit', probability: 0.05 }, { platform: of.fake, effect: 'throttle', every: 17 }] });
      const holder = open({ concurrency: 8 });
      const reports = Array.from({ length: 200 }, (_, at) => first(reportsOf(holder, eventOf('dispense', [1_000 + at]))));
      for (const report of reports) expect((await settle(holder, report, await holder.send(report))).kind).to.be.oneOf(['accepted', 'duplicate']);
      const book = sandbox.holderBook(of.fake);
      expect(book.reportsByKey).to.deep.equal(Object.fromEntries(reports.map((report) => [`ORG8999/${report.key}`, 1])));
      expect(Object.values(sandbox.faults.applied).every((times) => times > 0)).to.equal(true);
    });

    it('cuts a bill of more codes than a call takes into _1 to _n, every code once', async () => {
      const holder = open();
      const serials = Array.from({ length: 1_100 }, (_, at) => 10_000 + at);
      const reports = reportsOf(holder, eventOf('dispense', serials));
      expect(reports.length).to.be.above(1);
      for (const report of reports) expect(await holder.send(report)).to.include({ kind: 'accepted' });
      expect(reports.map(({ key }) => key.replace(/^.*_/, ''))).to.deep.equal(reports.map((_, at) => String(at + 1)));
      expect(sandbox.holderBook(of.fake).entries.flatMap(({ codes }) => codes)).to.deep.equal(serials.map((serial) => codeOf(serial)));
    });

    it('finds address, account and profile in order by probing', async () => {
      const results = await open().destination.probe();
      expect(results.length).to.equal(3);
      expect(results.filter(({ ok }) => !ok)).to.deep.equal([]);
    });
  });
}
