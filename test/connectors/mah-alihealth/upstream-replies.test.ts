import { expect } from 'chai';
import type { UpstreamAccess, UpstreamAnswer, UpstreamQuestion } from '../../../adapter/ports/upstream.ts';
import { METHODS } from '../../../connectors/mah-alihealth/methods.ts';
import { readTree } from '../../../connectors/mah-alihealth/upstream/package-tree.ts';
import { FakeTop, gatewayError, notFound, refused, rows, type FakeAnswer } from './fake-top.ts';
import { codeOf, HOSPITAL } from './fixtures.ts';
import { openDestination, type OpenDestination } from './open-destination.ts';

const CODE = codeOf(1);
const CASE = codeOf(1, '8999201');
const INNER = codeOf(1, '8999101');

describe('mah-alihealth upstream access and what the gateway may answer', () => {
  let top: FakeTop;
  let open: OpenDestination;
  const question: UpstreamQuestion = { institution: HOSPITAL, priority: 0, signal: new AbortController().signal };

  beforeEach(async () => {
    top = new FakeTop();
    await top.start();
    open = openDestination(top.url, { maxReplyBytes: 20_000 });
  });
  afterEach(async () => {
    await open.destination.stop();
    await top.stop();
  });

  function upstream(): UpstreamAccess {
    const access = open.destination.upstream;
    if (access === undefined) throw new Error('no upstream access');
    return access;
  }

  const faults: readonly (readonly [string, FakeAnswer, string, string])[] = [
    ['a web page', { status: 502, body: '<html><body>502</body></html>' }, 'unavailable', 'SERVER_FAULT'],
    ['truncated JSON', '{"result":{"model":{"result_list":[', 'unavailable', 'BAD_REPLY'],
    ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]><x_response/>', 'unavailable', 'BAD_REPLY'],
    ['a reply of 1 MB', JSON.stringify({ result: { msg_code: 'SUCCESS', x: 'x'.repeat(1_000_000) } }), 'unavailable', 'BAD_REPLY'],
    ['a lost reply', 'drop', 'unavailable', 'NETWORK'],
    ['no reply', 'hang', 'unavailable', 'TIMEOUT'],
    ['a success flag that says no', refused('FAIL', '参数不正确'), 'refused', 'RULE'],
    ['code 10', gatewayError(10), 'unavailable', 'SERVICE_DOWN'],
    ['code 25', gatewayError(25), 'unavailable', 'AUTH'],
    ['code 40', gatewayError(40, 'isv.missing-parameter:code'), 'refused', 'CONFIGURATION'],
    ['code 15 isp', gatewayError(15, 'isp.remote-service-timeout'), 'unavailable', 'SERVER_FAULT'],
  ];
  for (const [name, answer, kind, reason] of faults) {
    it(`answers with a value on ${name}, the proof kept`, async () => {
      for (const method of Object.values(METHODS)) top.on(method, answer);
      const signals: UpstreamAnswer<unknown>[] = [
        await upstream().bills({ from: '2026-11-01', to: '2026-11-02' }, question), await upstream().codes([CODE], question), await upstream().expand({ codes: [CASE], patienceMs: 0 }, question),
        await upstream().warnings(CODE, question), await upstream().billCounts({ side: 'own', from: '2026-11-01', to: '2026-11-01' }, question), await upstream().serviceEnd(question),
      ];
      for (const each of signals) {
        expect(each, JSON.stringify(each)).to.deep.include({ kind, reason });
        expect(each.evidence.length).to.be.above(0);
      }
    });
  }

  it('waits a throttle answer out, and says how long when it does not end', async () => {
    top.on(METHODS.codeDetail, gatewayError(7, 'accesscontrol.limited-by-app-api-access-count', 'This ban will last for 1 more seconds'), rows());
    expect((await upstream().codes([CODE], question)).kind).to.equal('found');
    top.on(METHODS.codeDetail, gatewayError(7, 'accesscontrol.limited-by-app-access-count', 'This ban will last for 40000 more seconds'));
    const answer = await upstream().codes([CODE], question);
    expect(answer).to.deep.include({ kind: 'unavailable', reason: 'THROTTLED' });
    expect(answer.kind === 'unavailable' ? answer.retryAfterMs : 0).to.be.above(600_000);
  });

  it('calls nothing when the institution has no id, or the caller has gone', async () => {
    const { mah: _, ...bare } = HOSPITAL;
    expect(await upstream().codes([CODE], { ...question, institution: bare })).to.deep.include({ kind: 'refused', reason: 'MISSING_FIELD' });
    expect(await upstream().codes([CODE], { ...question, signal: AbortSignal.abort() })).to.deep.include({ kind: 'unavailable', reason: 'TIMEOUT' });
    expect(top.calls).to.have.length(0);
  });

  it('refuses what is beyond its bounds without a call', async () => {
    const many = Array.from({ length: 5_001 }, (_, at) => codeOf(at));
    const answers = [
      await upstream().codes(many, question), await upstream().codes([], question), await upstream().expand({ codes: many.slice(0, 101), patienceMs: 0 }, question),
      await upstream().bills({ from: '2026-01-01', to: '2026-11-01' }, question), await upstream().bills({ from: '2026-11-02', to: '2026-11-01' }, question), await upstream().bills({ from: '2026-13-01', to: '2026-11-01' }, question),
      await upstream().billCounts({ side: 'own', from: '2026-10-01', to: '2026-11-01' }, question), await upstream().drugs({ name: '' }, question),
    ];
    expect(answers.map(({ kind }) => kind)).to.deep.equal(answers.map(() => 'refused'));
    expect(top.calls).to.have.length(0);
  });

  it('stops reading pages of a platform that always has more', async () => {
    const hundred = Array.from({ length: 100 }, (_, at) => ({ bill_code: `B${String(at)}`, from_ref_user_id: 'R', physic_name: 'x' }));
    top.on(METHODS.upstreamLines, { result: { model: { result_list: hundred }, msg_code: 'SUCCESS', response_success: true } });
    await open.destination.stop();
    open = openDestination(top.url);
    const answer = await upstream().bills({ from: '2026-11-01', to: '2026-11-02' }, question);
    expect(answer.kind === 'found' ? answer.value.next : answer).to.equal('2026-11-01/21');
    expect(top.callsOf(METHODS.upstreamLines)).to.have.length(20);
  });

  it('takes a list that is not there for an empty one, and codes that are not in the reply for not told', async () => {
    top.on(METHODS.codeDetail, { result: { response_success: true, msg_code: 'SUCCESS' } });
    const answer = await upstream().codes([CODE], question);
    expect(answer.kind === 'found' ? answer.value[0]?.state : answer).to.equal('not-told');
    top.on(METHODS.partners, notFound());
    expect(await upstream().partners({}, question)).to.deep.include({ kind: 'found', value: { rows: [] } });
  });

  it('never takes a warning of an unknown kind for a mild one', async () => {
    top.on(METHODS.codeWarning, { result: { response_success: true, model: [{ warning_code: CODE, warning_info_type: 9, warning_info_desc: '新的预警' }] } });
    const answer = await upstream().warnings(CODE, question);
    expect(answer.kind === 'found' ? answer.value : answer).to.deep.equal([{ code: CODE, kind: 'other', severity: 'high', text: '新的预警', billType: '', at: '', where: '' }]);
  });

  it('does not receive by a relation that contradicts itself', async () => {
    const relation = { code_relation_list: [{ code: CASE, code_pack_level: '1', parent_code: '' }, { code: CODE, code_pack_level: '3', parent_code: CASE }], is_smallest: 'N' };
    top.on(METHODS.relation, { result: { response_success: true, model_list: [relation] } });
    expect(await upstream().expand({ codes: [CASE], patienceMs: 0 }, question)).to.deep.include({ kind: 'unavailable', reason: 'BAD_REPLY' });
  });

  it('stops asking when its caller stops, with what was open by then', async () => {
    const stop = new AbortController();
    top.on(METHODS.relation, () => { stop.abort(); return refused('FAIL_BIZ_NOT_CURRENT_OPERATE_CODE'); });
    const answer = await upstream().expand({ codes: [CASE], patienceMs: 600_000 }, { ...question, signal: stop.signal });
    expect(answer.kind).to.be.oneOf(['not-ready', 'unavailable']);
    expect(top.callsOf(METHODS.relation).length).to.be.at.most(2);
  });
});

describe('mah-alihealth package tree', () => {
  const row = (code: string, level: string, parent = ''): object => ({ code, code_pack_level: level, code_level: '9', parent_code: parent });
  const entry = (list: readonly object[], more: object = {}): Readonly<Record<string, unknown>> => ({ code_relation_list: list, ...more });
  const full = [row(CASE, '3'), row(INNER, '2', CASE), row(codeOf(2, '8999101'), '2', CASE), row(CODE, '1', INNER), row(codeOf(2), '1', INNER), row(codeOf(3), '1', codeOf(2, '8999101'))];

  it('keeps the code itself and what is in it, and leaves parents and siblings out', () => {
    const tree = readTree(entry(full), INNER);
    expect(tree?.tree.map(({ code }) => code)).to.deep.equal([INNER, CODE, codeOf(2)]);
    expect(tree?.tree[0]?.parent).to.equal('');
    expect(tree?.smallest).to.deep.equal([CODE, codeOf(2)]);
  });

  it('says when the maker declared another number of packs than the tree holds', () => {
    const declared = (amount: string): boolean | undefined => readTree(entry(full, { produce_info_list: [{ code: CASE, pkg_amount: amount }] }), CASE)?.isWhole;
    expect([declared('3'), declared('4'), declared('')]).to.deep.equal([true, false, true]);
  });

  it('calls a larger package that opens into nothing not whole, unless it is the smallest coded', () => {
    expect(readTree(entry([row(CASE, '3')]), CASE)?.isWhole).to.equal(false);
    expect(readTree(entry([row(CASE, '3')], { is_smallest: 'Y', produce_info_list: [{ code: CASE, pkg_amount: '120' }] }), CASE)).to.deep.include({ isWhole: true, declaredPacks: '1', smallest: [CASE] });
  });

  it('gives nothing for a code that is not in the entry, or whose level cannot be read', () => {
    expect(readTree(entry(full), codeOf(99))).to.equal(undefined);
    expect(readTree(entry([row(CASE, '7')]), CASE)).to.equal(undefined);
  });

  it('ends on rows that name each other as parent', () => {
    expect(readTree(entry([row(CASE, '2', INNER), row(INNER, '2', CASE)]), CASE)).to.equal(undefined);
  });
});
