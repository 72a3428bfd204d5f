import { expect } from 'chai';
import { MethodGrants } from '../../../connectors/mah-alihealth/method-grants.ts';
import { METHODS } from '../../../connectors/mah-alihealth/methods.ts';
import type { TopReply } from '../../../connectors/mah-alihealth/top-reply.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryCounters } from './fixtures.ts';

const refusal = (code: number): TopReply => ({ kind: 'gateway-error', code, msg: '', subCode: '', subMsg: '', requestId: '' });
const answer: TopReply = { kind: 'answer', ok: false, msgCode: 'FAIL', msgInfo: '', subMsgCode: '', requestId: '', payload: undefined, member: () => undefined };
const MINUTE = 60_000;

describe('mah-alihealth method grants', () => {
  function open(clock = new FakeClock(), counters = new MemoryCounters()): { readonly grants: MethodGrants; readonly clock: FakeClock; readonly counters: MemoryCounters } {
    return { grants: new MethodGrants({ clock, counters, institution: 'H1', account: 'gw:key' }), clock, counters };
  }

  it('tries what only helps again after an hour, and what reports need after a minute', async () => {
    const { grants, clock } = open();
    for (const method of [METHODS.codeDetail, METHODS.uploadUse]) await grants.note(method, refusal(11));
    expect(await Promise.all([METHODS.codeDetail, METHODS.uploadUse].map(async (method) => (await grants.refusalOf(method)) === undefined))).to.deep.equal([false, false]);
    await clock.advance(MINUTE);
    expect(await Promise.all([METHODS.codeDetail, METHODS.uploadUse].map(async (method) => (await grants.refusalOf(method)) === undefined))).to.deep.equal([false, true]);
    await clock.advance(60 * MINUTE);
    expect(await grants.refusalOf(METHODS.codeDetail)).to.equal(undefined);
  });

  it('keeps since when a method is refused through later tries', async () => {
    const { grants, clock } = open();
    const since = clock.now();
    await grants.note(METHODS.codeDetail, refusal(11));
    await clock.advance(90 * MINUTE);
    await grants.note(METHODS.codeDetail, refusal(11));
    expect(await grants.of(METHODS.codeDetail)).to.deep.equal({ granted: false, since, at: clock.now(), code: 11 });
  });

  it('knows after a restart what was refused before it', async () => {
    const first = open();
    await first.grants.note(METHODS.drugTable, refusal(22));
    const second = open(first.clock, first.counters);
    expect(await second.grants.refusalOf(METHODS.drugTable)).to.include({ kind: 'gateway-error', code: 22 });
  });

  it('learns within a minute what another process found out', async () => {
    const here = open();
    await here.grants.note(METHODS.codeDetail, refusal(11));
    const probe = open(here.clock, here.counters);
    await here.clock.advance(1_000);
    await probe.grants.note(METHODS.codeDetail, answer);
    await here.clock.advance(MINUTE);
    expect(await here.grants.refusalOf(METHODS.codeDetail)).to.equal(undefined);
  });

  it('takes any business answer for a grant, and no fault for a refusal', async () => {
    const { grants } = open();
    await grants.note(METHODS.codeDetail, { kind: 'fault', sent: 'maybe', cause: 'timeout', text: '' });
    await grants.note(METHODS.relation, refusal(7));
    await grants.note(METHODS.drugTable, refusal(12));
    await grants.note(METHODS.uploadUse, refusal(22));
    for (const method of [METHODS.codeDetail, METHODS.relation, METHODS.drugTable, METHODS.uploadUse]) expect(await grants.of(method)).to.equal(undefined);
    await grants.note(METHODS.codeDetail, answer);
    expect(await grants.of(METHODS.codeDetail)).to.include({ granted: true });
  });

  it('writes a grant once and not with every call', async () => {
    const { grants, counters } = open();
    let written = 0;
    counters.remember = () => { written += 1; return Promise.resolve(); };
    for (let at = 0; at < 5; at += 1) await grants.note(METHODS.billStatus, answer);
    expect(written).to.equal(1);
  });

  it('forgets only its memory when the store is away or holds nonsense', async () => {
    const { grants, counters } = open();
    counters.recall = () => Promise.reject(new Error('away'));
    counters.remember = () => Promise.reject(new Error('away'));
    await grants.note(METHODS.codeDetail, refusal(11));
    expect(await grants.refusalOf(METHODS.codeDetail)).to.include({ code: 11 });
    const other = open();
    other.counters.recall = () => Promise.resolve('{"granted":"perhaps"');
    expect(await other.grants.of(METHODS.codeDetail)).to.equal(undefined);
  });
});
