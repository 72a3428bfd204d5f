import { expect } from 'chai';
import { chinaDateTime } from '../../../adapter/domain/china-time.ts';
import type { Institution } from '../../../adapter/ports/institution.ts';
import type { UpstreamAccess, UpstreamAnswer, UpstreamBill, UpstreamQuestion } from '../../../adapter/ports/upstream.ts';
import type { MahSettings } from '../../../connectors/mah-alihealth/settings.ts';
import { SANDBOX_SUPPLIERS, startSandbox, type MahOptions, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { callMah, METHOD } from '../../support/sandbox-requests.ts';
import { openDestination, type OpenDestination } from './open-destination.ts';

const SUPPLIER = SANDBOX_SUPPLIERS[0];
const CARTON = '89990030000000010001';
const DAYS = { from: '2026-11-01', to: '2026-11-30' };

describe('mah-alihealth upstream access against the sandbox', () => {
  let sandbox: Sandbox;
  let opened: OpenDestination | undefined;

  async function start(mah: MahOptions = {}, change: Partial<MahSettings> = {}): Promise<{ readonly upstream: UpstreamAccess; readonly question: UpstreamQuestion; readonly connection: OpenDestination }> {
    sandbox = await startSandbox({ mah: { upstreamSeed: { seed: 7, bills: 12 }, ...mah } });
    const { url, appKey, appSecret, entId, refEntId } = sandbox.mah;
    const institution: Institution = { code: 'H35010200001', name: '示范医院', region: '350102', mah: { entId, refEntId } };
    opened = openDestination(url, { appKey, appSecret, queryTimeout: 2_000, ...change }, { institutions: [institution] });
    const { upstream } = opened.destination;
    if (upstream === undefined) throw new Error('no upstream access');
    return { upstream, question: { institution, priority: 0, signal: new AbortController().signal }, connection: opened };
  }
  afterEach(async () => {
    await opened?.destination.stop();
    opened = undefined;
    await sandbox.stop();
  });

  function valueOf<T>(answer: UpstreamAnswer<T>): T {
    if (answer.kind !== 'found') throw new Error(JSON.stringify(answer));
    return answer.value;
  }

  async function receive(codes: readonly string[], billCode = 'RK-T1'): Promise<void> {
    const { entId, refEntId } = sandbox.mah;
    const reply = await callMah(sandbox, METHOD.uploadInOut, {
      bill_code: billCode, bill_time: chinaDateTime(Date.now()), bill_type: '102', physic_type: '3', ref_user_id: refEntId, from_user_id: SUPPLIER?.entId ?? '', to_user_id: entId, trace_codes: codes.join(','), client_type: '2',
    });
    if (reply.body['response_success'] !== true) throw new Error(JSON.stringify(reply.body));
  }

  for (const [name, change] of [['simplified JSON', {}], ['full JSON', { simplify: false }], ['XML', { format: 'xml' }]] as const) {
    it(`fetches a supplier's bill with every code of every level in ${name}`, async () => {
      const { upstream, question } = await start({ upstreamSeed: { seed: 7, bills: 3 } }, change);
      const listed = valueOf(await upstream.bills(DAYS, question));
      expect(listed.next).to.equal(undefined);
      expect(listed.rows).to.have.length(4);
      for (const row of listed.rows) {
        const bill = valueOf(await upstream.bill({ billNo: row.billNo, supplierRefEntId: row.from.refEntId }, question));
        expect(bill.lines.map(({ drugName, lot }) => [drugName, lot])).to.deep.equal(row.lines.map(({ drugName, lot }) => [drugName, lot]));
        expect(bill.to.refEntId).to.equal(sandbox.mah.refEntId);
        for (const line of bill.lines) {
          const smallest = line.codes.filter(({ level }) => level === 1).length;
          const loneCartons = line.codes.filter(({ level, packs }) => level === 3 && Number(packs) > 1).length;
          expect(smallest > 0 ? smallest : loneCartons).to.equal(Number(line.packs));
        }
      }
    });
  }

  it('finds a bill by its number alone, and does not guess between two suppliers', async () => {
    const twin = { billCode: 'XS1', to: 'e8999aa0000000000000000000000101', billTime: '2026-11-20 08:00:00', lines: [{ drugName: '示范片', approvalNo: 'x', spec: '', packageSpec: '', maker: '', lot: 'L', producedOn: '2026-01-01', expiresOn: '2027-01-01', ratio: '1', packages: [{ code: '89990010000000990001', level: 1 as const }] }] };
    const { upstream, question } = await start({ upstreamBills: [{ ...twin, from: SANDBOX_SUPPLIERS[0]?.refEntId ?? '' }, { ...twin, from: SANDBOX_SUPPLIERS[1]?.refEntId ?? '', billTime: '2026-11-21 08:00:00' }, { ...twin, billCode: 'XS2', from: SANDBOX_SUPPLIERS[1]?.refEntId ?? '' }] });
    const [one, two, none] = await Promise.all(['XS2', 'XS1', 'XS9'].map((billNo) => upstream.bill({ billNo, ...DAYS }, question)));
    expect(one?.kind === 'found' ? one.value.from.refEntId : one).to.equal(SANDBOX_SUPPLIERS[1]?.refEntId);
    expect(two).to.deep.include({ kind: 'refused', reason: 'OWNER_UNKNOWN' });
    expect(none).to.deep.include({ kind: 'none' });
  });

  it('tells which bill a scanned code of any level is in', async () => {
    const { upstream, question } = await start();
    for (const code of [CARTON, '89990020000000020001', '89990010000000300011']) expect(valueOf(await upstream.billsOfCode(code, question)).map(({ billNo }) => billNo)).to.deep.equal(['XS20261120001']);
    expect((await upstream.billsOfCode('89990019999999999999', question)).kind).to.equal('none');
  });

  it('keeps asking until the carton can be opened, and opens it down to the smallest packs', async () => {
    let offset = 0;
    await sandboxAt(() => Date.now() + offset, { processing: { uploadedMs: 100, doneMs: 1_000, relationMs: 4_000 } });
    const { upstream, question, connection } = await reopen();
    expect((await upstream.expand({ codes: [CARTON], patienceMs: 0 }, question)).kind).to.equal('not-ready');
    await receive([CARTON]);
    // the clock of the destination moves by waiting; the sandbox follows it
    const sleep = connection.clock.sleep.bind(connection.clock);
    connection.clock.sleep = (ms, signal) => { offset += ms; return sleep(ms, signal); };
    const { expanded, notReady } = valueOf(await upstream.expand({ codes: [CARTON], patienceMs: 60_000 }, question));
    expect(notReady).to.deep.equal([]);
    expect(expanded[0]).to.deep.include({ level: 3, declaredPacks: '10', isWhole: true });
    expect(expanded[0]?.smallest).to.have.length(10);
    expect(expanded[0]?.tree.filter(({ level }) => level === 2).every(({ parent }) => parent === CARTON)).to.equal(true);
    expect(expanded[0]?.drug.lot).to.equal('A2401');
    const asked = sandbox.mahBook.callsByOperation[METHOD.relation] ?? 0;
    expect(asked).to.be.within(3, 8);
  });

  async function sandboxAt(now: () => number, mah: MahOptions): Promise<void> {
    sandbox = await startSandbox({ mah, now });
  }
  async function reopen(): Promise<{ readonly upstream: UpstreamAccess; readonly question: UpstreamQuestion; readonly connection: OpenDestination }> {
    const { url, appKey, appSecret, entId, refEntId } = sandbox.mah;
    const institution: Institution = { code: 'H35010200001', name: '示范医院', region: '350102', mah: { entId, refEntId } };
    opened = openDestination(url, { appKey, appSecret, queryTimeout: 2_000 }, { institutions: [institution] });
    const { upstream } = opened.destination;
    if (upstream === undefined) throw new Error('no upstream access');
    return Promise.resolve({ upstream, question: { institution, priority: 0, signal: new AbortController().signal }, connection: opened });
  }

  it('opens an inner pack to its own packs and not to those beside it', async () => {
    const { upstream, question } = await start({ processing: { uploadedMs: 0, doneMs: 0 } });
    await receive([CARTON]);
    const { expanded } = valueOf(await upstream.expand({ codes: ['89990020000000020001', '89990010000000300021'], patienceMs: 0 }, question));
    expect(expanded.map(({ smallest, level }) => [level, smallest.length])).to.deep.equal([[2, 5], [1, 1]]);
    expect(expanded[1]?.smallest).to.deep.equal(['89990010000000300021']);
  });

  it('opens what is ours although one of the packages is not', async () => {
    const { upstream, question } = await start({ processing: { uploadedMs: 0, doneMs: 0 } });
    await receive([CARTON]);
    const { expanded, notReady } = valueOf(await upstream.expand({ codes: ['89990010000000990001', CARTON], patienceMs: 0 }, question));
    expect([expanded.map(({ code }) => code), notReady]).to.deep.equal([[CARTON], ['89990010000000990001']]);
  });

  it('gives the bill its relation once the goods are ours, and says so while they are not', async () => {
    const { upstream, question } = await start({ processing: { uploadedMs: 0, doneMs: 0 } });
    const wanted = { billNo: 'XS20261120001', supplierRefEntId: SUPPLIER?.refEntId ?? '', withRelations: true };
    expect(valueOf(await upstream.bill(wanted, question)).relations).to.equal('not-ready');
    await receive([CARTON]);
    const bill: UpstreamBill = valueOf(await upstream.bill(wanted, question));
    expect(bill.relations).to.equal('whole');
    expect(bill.lines.flatMap(({ codes }) => codes).filter(({ parent }) => parent === undefined).map(({ code }) => code)).to.deep.equal([CARTON]);
  });

  it('counts a carton that alone is coded as one pack, whatever is declared', async () => {
    const { upstream, question } = await start({ processing: { uploadedMs: 0, doneMs: 0 } });
    const bills = valueOf(await upstream.bills(DAYS, question));
    const details = await Promise.all(bills.rows.map(({ billNo, from }) => upstream.bill({ billNo, supplierRefEntId: from.refEntId }, question)));
    const lone = details.flatMap((answer) => valueOf(answer).lines).flatMap(({ codes }) => codes).find(({ level, packs }) => level === 3 && packs === '120');
    if (lone === undefined) throw new Error('the seed made no such carton');
    await receive([lone.code]);
    const { expanded } = valueOf(await upstream.expand({ codes: [lone.code], patienceMs: 0 }, question));
    expect(expanded[0]).to.deep.include({ declaredPacks: '1', smallest: [lone.code], isWhole: true });
  });

  it('tells the state of codes in the order asked, and what warns of them', async () => {
    const { upstream, question } = await start({ processing: { uploadedMs: 0, doneMs: 0 }, codeStates: { '89990010000000990002': 'C' }, codeWarnings: { '89990010000000990003': [2, 3] } });
    await receive([CARTON]);
    const codes = valueOf(await upstream.codes(['89990010000000990002', '89990010000000300011', '89990010000000990001', '89990019999999999999'.replace(/^8/, '7')], question));
    expect(codes.map(({ state }) => state)).to.deep.equal(['cancelled', 'received', 'activated', 'unknown']);
    expect(codes[1]?.drug).to.deep.include({ drugName: '阿莫西林胶囊', lot: 'A2401' });
    expect(valueOf(await upstream.warnings('89990010000000990003', question)).map(({ kind, severity }) => [kind, severity])).to.deep.equal([['used-elsewhere', 'high'], ['flows-elsewhere', 'low']]);
    expect(valueOf(await upstream.warnings('89990010000000990002', question)).map(({ kind }) => kind)).to.deep.equal(['cancelled']);
    expect(valueOf(await upstream.warnings(CARTON, question))).to.deep.equal([]);
  });

  it('fetches our own two ids by name, and partners with both of theirs', async () => {
    const { upstream, question } = await start();
    expect(valueOf(await upstream.enterprises({ name: '示范医院' }, question))[0]).to.deep.include({ entId: sandbox.mah.entId, refEntId: sandbox.mah.refEntId, approved: true });
    expect((await upstream.enterprises({ name: '没有的医院' }, question)).kind).to.equal('none');
    expect((await upstream.enterprises({}, question))).to.deep.include({ kind: 'refused', reason: 'MISSING_FIELD' });
    expect(valueOf(await upstream.partners({}, question)).rows.map(({ entId, refEntId }) => [entId, refEntId])).to.deep.equal(SANDBOX_SUPPLIERS.map(({ entId, refEntId }) => [entId, refEntId]));
    // a hospital that has no id in its configuration yet asks under the one it was given by hand
    const bare = { ...question, institution: { code: 'H2', name: '示范医院', region: '350102' } };
    expect((await upstream.enterprises({ name: '示范医院' }, bare)).kind).to.equal('refused');
    expect((await upstream.enterprises({ name: '示范医院', as: sandbox.mah.refEntId }, bare)).kind).to.equal('found');
  });

  it('looks drugs up with the resource code of each level', async () => {
    const { upstream, question } = await start();
    const [drug] = valueOf(await upstream.drugs({ name: '阿莫西林胶囊' }, question)).rows;
    expect(drug?.packages[0]?.prefixes).to.deep.equal([{ prefix: '8999003', level: 3, ratio: '1:2:10' }, { prefix: '8999002', level: 2, ratio: '1:2:10' }, { prefix: '8999001', level: 1, ratio: '1:2:10' }]);
    expect(valueOf(await upstream.drugs({ name: '没有的药' }, question)).rows).to.deep.equal([]);
  });

  it('counts bills by day, ours and the suppliers\'', async () => {
    const { upstream, question } = await start({ processing: { uploadedMs: 0, doneMs: 0 } });
    const counts = valueOf(await upstream.billCounts({ side: 'upstream', from: '2026-11-19', to: '2026-11-20' }, question));
    expect(counts.map(({ date, billType, count }) => [date, billType, count])).to.deep.equal([['2026-11-19', '201', 3], ['2026-11-20', '201', 4]]);
    await receive([CARTON]);
    const day = chinaDateTime(Date.now()).slice(0, 10);
    expect(valueOf(await upstream.billCounts({ side: 'own', from: day, to: day }, question))).to.deep.equal([{ date: day, billType: '102', billTypeName: '采购入库', count: 1 }]);
    expect(valueOf(await upstream.ownBill('RK-T1', question))).to.deep.include({ billNo: 'RK-T1', billType: '102' });
    expect((await upstream.ownBill('RK-NONE', question)).kind).to.equal('none');
    expect(valueOf(await upstream.serviceEnd(question))).to.equal('2099-12-31');
  });

  it('reads many bills in bounded pages and goes on where it stopped', async () => {
    const { upstream, question } = await start({ upstreamBills: [], upstreamSeed: { seed: 3, bills: 200 } }, { statusDays: 10 });
    const seen = new Set<string>();
    let cursor: string | undefined;
    let turns = 0;
    do {
      const page = valueOf(await upstream.bills({ from: '2026-09-01', to: '2026-11-20', ...(cursor === undefined ? {} : { cursor }) }, question));
      for (const { billNo } of page.rows) seen.add(billNo);
      cursor = page.next;
      turns += 1;
    } while (cursor !== undefined && turns < 20);
    expect(seen.size).to.equal(200);
  });

  it('remembers a method that is not granted, asks for it no more, and says so', async () => {
    const { upstream, question, connection } = await start({ apps: [{ appKey: 'k', appSecret: 's', methods: ['query.relation'] }] });
    expect(await upstream.codes([CARTON], question)).to.deep.include({ kind: 'not-granted' });
    expect(await upstream.codes([CARTON], question)).to.deep.include({ kind: 'not-granted' });
    expect(sandbox.mahBook.callsByOperation[METHOD.codeDetail]).to.equal(1);
    const states = await upstream.capabilities();
    expect(states.find(({ operation }) => operation === METHOD.codeDetail)).to.deep.include({ granted: false, what: '追溯码状态' });
    expect(states.find(({ operation }) => operation.endsWith('drugtable'))?.granted).to.equal(undefined);
    connection.clock.offset += 3_600_001;
    await upstream.codes([CARTON], question);
    expect(sandbox.mahBook.callsByOperation[METHOD.codeDetail]).to.equal(2);
  });

  it('keeps what the platform said beside every answer', async () => {
    const { upstream, question } = await start();
    const { evidence } = await upstream.bill({ billNo: 'XS20261120001', ...DAYS }, question);
    expect(evidence.map(({ operation }) => operation.split('yljg.')[1])).to.deep.equal(['listupout', 'listupout.detail']);
    expect(evidence.every(({ says, requestId }) => says.includes('SUCCESS') && (requestId ?? '') !== '')).to.equal(true);
  });
});
