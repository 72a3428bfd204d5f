import { expect } from 'chai';
import type { AskResult } from '../../../adapter/domain/outcome.ts';
import type { Report } from '../../../adapter/ports/destination.ts';
import { METHODS } from '../../../connectors/mah-alihealth/methods.ts';
import { planEvent } from '../../../connectors/mah-alihealth/plan.ts';
import { windowsOf } from '../../../connectors/mah-alihealth/query-windows.ts';
import { detail, FakeTop, gatewayError, notFound, refused, rows, taken, type FakeAnswer, type FakeCall } from './fake-top.ts';
import { codeOf, DRUG, HOSPITAL, lineCode, mahSettings, MemoryCounters, reported, reportLine, reportOf, SUPPLIER } from './fixtures.ts';
import { openDestination, type OpenDestination } from './open-destination.ts';

const CODES = [codeOf(1), codeOf(2)];

describe('mah-alihealth ask', () => {
  let top: FakeTop;
  let open: OpenDestination;

  beforeEach(async () => {
    top = new FakeTop();
    await top.start();
    open = openDestination(top.url, { pollEvery: 0 });
    for (const method of [METHODS.billStatus, METHODS.searchUse, METHODS.searchInOut, METHODS.billDetail]) top.on(method, notFound());
  });
  afterEach(async () => {
    await open.destination.stop();
    await top.stop();
  });

  function report(event: object = {}, change: Partial<Report> = {}): Report {
    const of = reported(event, [reportLine(CODES.map((code) => lineCode(code)))]);
    const [plan] = planEvent(of, mahSettings());
    if (plan === undefined) throw new Error('nothing planned');
    return reportOf(plan, of, { firstSentAt: Date.now(), ...change });
  }

  const status = (change: object) => (call: FakeCall): FakeAnswer => rows({ bill_code: call.parameters.get('bill_code'), bill_type: call.parameters.get('bill_type'), ...change });
  async function asking(answer: FakeAnswer | ((call: FakeCall) => FakeAnswer)): Promise<AskResult> {
    top.on(METHODS.billStatus, answer);
    return open.ask(report());
  }

  for (const type of ['0', '1']) {
    it(`calls result_type ${type} still processing`, async () => {
      expect(await asking(status({ result_type: type }))).to.deep.equal({ kind: 'processing' });
    });
  }

  it('settles a processed bill with all codes as accepted, with the platform\'s own number', async () => {
    const result = await asking(status({ result_type: '3', sub_process_flag: '51', store_inout_seq_no: '77' }));
    expect(result).to.deep.include({ kind: 'settled' });
    expect(result.kind === 'settled' ? result.outcome : {}).to.include({ kind: 'accepted', platformRef: '77' });
  });

  it('settles a failed bill as rejected with what the platform said', async () => {
    expect(await asking(status({ result_type: '4', process_info: '发货方与码流向不符' }))).to.deep.equal({ kind: 'settled', outcome: { kind: 'rejected', reason: 'RULE', peerCode: '4', peerText: '发货方与码流向不符' } });
  });

  it('asks by number, type, days and our own ref_ent_id', async () => {
    await asking(status({ result_type: '1' }));
    const parameters = top.callsOf(METHODS.billStatus)[0]?.parameters;
    expect(parameters?.get('bill_code')).to.equal(report().key);
    expect([parameters?.get('bill_type'), parameters?.get('ref_ent_id'), parameters?.get('page')]).to.deep.equal(['323', 'REF-HOSPITAL', '1']);
    expect((parameters?.get('begin_date') ?? '') <= '2026-11-22' && (parameters?.get('end_date') ?? '') >= '2026-11-22').to.equal(true);
  });

  it('polls until the final state', async () => {
    top.on(METHODS.billStatus, notFound(), notFound(), status({ result_type: '0' }), status({ result_type: '1' }), status({ result_type: '3', sub_process_flag: '51' }));
    top.on(METHODS.uploadUse, taken());
    expect((await open.send(report())).kind).to.equal('processing');
    const kinds: string[] = [];
    for (let i = 0; i < 4; i += 1) kinds.push((await open.ask(report())).kind);
    expect(kinds).to.deep.equal(['processing', 'processing', 'processing', 'settled']);
  });

  it('does not trouble the platform again within the polling interval', async () => {
    const patient = openDestination(top.url, { pollEvery: 60_000 });
    top.on(METHODS.billStatus, status({ result_type: '1' }));
    for (let i = 0; i < 5; i += 1) expect((await patient.ask(report())).kind).to.equal('processing');
    expect(top.callsOf(METHODS.billStatus)).to.have.length(1);
    await patient.destination.stop();
  });

  it('shows a bill that stays unprocessed too long as a fault', async () => {
    top.on(METHODS.billStatus, status({ result_type: '1' }));
    expect(await open.ask(report({}, { firstSentAt: Date.now() - 2 * 86_400_000 }))).to.include({ kind: 'no-answer', reason: 'TIMEOUT' });
  });

  describe('a bill taken in part', () => {
    const failedRow = (code: string, reason: string): object => ({ code, error_code: '1', error_code_desc: reason, process_status_reason_desc: reason });
    const page = (list: object[], pages: number): object => ({ response_success: true, model: { result: list, pages, total_num: list.length } });

    it('names the codes that failed, over all pages', async () => {
      top.on(METHODS.partFailures, page([failedRow(codeOf(1), '未激活')], 2), page([failedRow(codeOf(2), '已注销')], 2));
      const result = await asking(status({ result_type: '3', sub_process_flag: '52' }));
      expect(result.kind === 'settled' ? result.outcome : {}).to.deep.equal({ kind: 'rejected', reason: 'PARTLY_REJECTED', peerCode: '52', codes: CODES, peerText: '平台未接受 2 个追溯码：未激活 1 个，已注销 1 个；其余已接受' });
      expect(top.callsOf(METHODS.partFailures).map((call) => call.parameters.get('page'))).to.deep.equal(['1', '2']);
    });

    it('is asked for again when the list cannot be had', async () => {
      top.on(METHODS.partFailures, { status: 502, body: '<html></html>' });
      expect(await asking(status({ result_type: '3', sub_process_flag: '52' }))).to.include({ kind: 'no-answer', reason: 'SERVER_FAULT' });
    });

    it('is shown to a person even when the platform lists no code or no method', async () => {
      for (const answer of [page([], 0), gatewayError(11), notFound()]) {
        top.on(METHODS.partFailures, answer);
        const result = await asking(status({ result_type: '3', sub_process_flag: '52' }));
        expect(result.kind === 'settled' ? result.outcome : result).to.include({ kind: 'rejected', reason: 'PARTLY_REJECTED' });
      }
    });
  });

  describe('a bill that is not found', () => {
    it('is absent only after its number, the RK form and our own bills were looked for', async () => {
      expect(await asking(notFound())).to.deep.equal({ kind: 'absent' });
      expect(top.callsOf(METHODS.billStatus).map((call) => call.parameters.get('bill_code'))).to.deep.equal([report().key, `RK${report().key}`]);
      expect(top.callsOf(METHODS.searchUse)).to.have.length(1);
    });

    it('is looked for among the in/out bills when it is one', async () => {
      top.on(METHODS.billStatus, rows());
      expect(await open.ask(report({ kind: 'receipt', counterparty: { name: SUPPLIER.name } }))).to.deep.equal({ kind: 'absent' });
      expect(top.callsOf(METHODS.searchInOut)).to.have.length(1);
    });

    it('is absent for an empty list too', async () => {
      for (const empty of [rows(), { result: { response_success: true, model: { result_list: '' } } }, { result: { response_success: true, model: { result_list: {}, total_num: 0 } } }]) expect(await asking(empty)).to.deep.equal({ kind: 'absent' });
    });

    it('is not taken for another bill in the list', async () => {
      expect(await asking(rows({ bill_code: 'OTHER', result_type: '3', sub_process_flag: '51' }))).to.deep.equal({ kind: 'absent' });
    });

    it('is settled by the search of use-side bills where only that knows it', async () => {
      top.on(METHODS.searchUse, (call: FakeCall) => rows({ bill_code: call.parameters.get('bill_code'), sub_process_flag: '51', bill_id: '9' }));
      const result = await asking(notFound());
      expect(result.kind === 'settled' ? result.outcome : {}).to.include({ kind: 'accepted', platformRef: '9' });
    });

    it('stays absent when the second opinion is not granted or refused, and is unsettled when it fails', async () => {
      for (const answer of [gatewayError(11), gatewayError(22), refused('FAIL', '参数错误')]) {
        top.on(METHODS.searchUse, answer);
        expect(await asking(notFound())).to.deep.equal({ kind: 'absent' });
      }
      // what is not granted is remembered; another start knows nothing of it
      await open.destination.stop();
      open = openDestination(top.url, { pollEvery: 0 });
      top.on(METHODS.searchUse, 'drop');
      expect(await asking(notFound())).to.include({ kind: 'no-answer' });
    });

    it('is compared by its codes when it stands there under another uploader\'s number', async () => {
      top.on(METHODS.billDetail, detail('323', CODES));
      const answer = (call: FakeCall): FakeAnswer => (call.parameters.get('bill_code')?.startsWith('RK') === true ? status({ result_type: '3', sub_process_flag: '51' })(call) : notFound());
      const result = await asking(answer);
      expect(result.kind === 'settled' ? result.outcome : result).to.include({ kind: 'duplicate', platformRef: `RK${report().key}` });
    });

    it('is not called missing within a minute after the platform took it in', async () => {
      top.on(METHODS.uploadUse, taken());
      await open.send(report());
      expect(await open.ask(report())).to.deep.equal({ kind: 'processing' });
      open.clock.offset += 61_000;
      expect((await open.ask(report())).kind).to.equal('absent');
    });
  });

  const noAnswers: readonly (readonly [string, FakeAnswer, string])[] = [
    ['a web page', { status: 502, body: '<html></html>' }, 'SERVER_FAULT'], ['truncated JSON', '{"result":', 'BAD_REPLY'], ['no answer in time', 'hang', 'TIMEOUT'], ['a broken connection', 'drop', 'NETWORK'],
    ['a wrong signature', gatewayError(25), 'AUTH'], ['a remote service error', gatewayError(15, 'isp.remote-service-error'), 'SERVER_FAULT'], ['throttling', gatewayError(7, '', 'ban 1 more seconds'), 'THROTTLED'],
    ['a refusal without reason', refused('FAIL', 'x'), 'UNKNOWN_TEXT'], ['a state nobody knows', rows({ bill_code: 'KEY', result_type: '9' }), 'BAD_REPLY'],
  ];
  for (const [name, answer, reason] of noAnswers) {
    it(`settles nothing by ${name}`, async () => {
      const own = report();
      const made = typeof answer === 'object' ? JSON.parse(JSON.stringify(answer).replace('KEY', own.key)) as object : answer;
      expect(await asking(made)).to.include({ kind: 'no-answer', reason });
    });
  }

  it('cannot ask where the application may not, or where our own id is missing', async () => {
    expect((await asking(gatewayError(11))).kind).to.equal('cannot-ask');
    const of = report();
    expect((await open.ask({ ...of, reported: { ...of.reported, institution: { ...HOSPITAL, mah: { entId: 'E' } } } })).kind).to.equal('cannot-ask');
  });

  describe('a bill of which the upload said that it is already there', () => {
    async function conflicted(answer: object, change: object = {}): Promise<Report> {
      const own = report(change);
      top.on(METHODS.uploadUse, answer);
      top.on(METHODS.uploadInOut, answer);
      expect(await open.send(own)).to.include({ kind: 'unknown', reason: 'BILL_CONFLICT' });
      return own;
    }
    const exists = refused('FAIL', '该单据号已存在');
    const flows = (bill = 'PF20260001'): object => refused('FAIL_BIZ_BILL_DUPLICATE_UPLOAD_BILLCODE_REPEAT_CODE', `追溯码${codeOf(1)}已在单据${bill}中流通`);
    const outcome = async (own: Report): Promise<object> => {
      const result = await open.ask(own);
      return result.kind === 'settled' ? result.outcome : result;
    };

    it('is a duplicate when the bill of our number holds the very codes', async () => {
      const own = await conflicted(exists);
      top.on(METHODS.billStatus, status({ result_type: '3', sub_process_flag: '51' }));
      top.on(METHODS.billDetail, detail('323', [...CODES].reverse()));
      expect(await outcome(own)).to.include({ kind: 'duplicate' });
      expect(top.callsOf(METHODS.billDetail)[0]?.parameters.get('show_code')).to.equal('1');
    });

    it('is a conflict when that bill holds others, fewer or more', async () => {
      for (const codes of [[codeOf(8), codeOf(9)], [codeOf(1)], [...CODES, codeOf(3)]]) {
        const own = await conflicted(exists);
        top.on(METHODS.billStatus, status({ result_type: '3', sub_process_flag: '51' }));
        top.on(METHODS.billDetail, detail('323', codes));
        expect(await outcome(own), String(codes.length)).to.include({ kind: 'rejected', reason: 'BILL_CONFLICT' });
      }
    });

    it('is a duplicate when a carton of ours is listed together with its packs', async () => {
      const of = reported({ kind: 'receipt', counterparty: { name: SUPPLIER.name } }, [reportLine([lineCode(codeOf(1, DRUG.prefixCase))], { packs: '100' })]);
      const [plan] = planEvent(of, mahSettings());
      if (plan === undefined) throw new Error('nothing planned');
      const own = reportOf(plan, of, { firstSentAt: Date.now() });
      top.on(METHODS.uploadInOut, exists);
      await open.send(own);
      top.on(METHODS.billDetail, detail('102', [codeOf(1, DRUG.prefixCase), codeOf(1), codeOf(2)]));
      expect(await outcome(own)).to.include({ kind: 'duplicate' });
    });

    it('is still processing while the platform says so, and rejected when it failed there', async () => {
      const own = await conflicted(exists);
      top.on(METHODS.billStatus, status({ result_type: '1' }));
      expect(await outcome(own)).to.include({ kind: 'processing' });
      top.on(METHODS.billStatus, status({ result_type: '4', process_info: 'x' }));
      expect(await outcome(own)).to.include({ kind: 'rejected', reason: 'RULE' });
    });

    it('is never called absent, even when the platform shows no such bill', async () => {
      expect(await outcome(await conflicted(exists))).to.include({ kind: 'no-answer', reason: 'BILL_CONFLICT' });
    });

    it('stays open while the codes cannot be read, and goes to a person where they never can', async () => {
      const own = await conflicted(exists);
      top.on(METHODS.billDetail, 'drop');
      expect(await outcome(own)).to.include({ kind: 'no-answer' });
      top.on(METHODS.billDetail, detail('323', []));
      expect(await outcome(own)).to.include({ kind: 'no-answer' });
      top.on(METHODS.billDetail, gatewayError(11));
      expect(await outcome(own)).to.include({ kind: 'cannot-ask' });
    });

    it('is a duplicate when somebody uploaded all our codes for us in the bill that the text names', async () => {
      const own = await conflicted(flows());
      top.on(METHODS.billDetail, detail('323', [...CODES, codeOf(7)]));
      expect(await outcome(own)).to.include({ kind: 'duplicate', platformRef: 'PF20260001' });
      expect(top.callsOf(METHODS.billDetail)[0]?.parameters.get('bill_code')).to.equal('PF20260001');
    });

    it('is a conflict with the missing codes named when that bill lacks some, or is of another kind', async () => {
      const own = await conflicted(flows());
      top.on(METHODS.billDetail, detail('323', [codeOf(1)]));
      expect(await outcome(own)).to.deep.include({ kind: 'rejected', reason: 'BILL_CONFLICT', codes: [codeOf(2)] });
      const other = await conflicted(flows());
      top.on(METHODS.billDetail, detail('205', CODES));
      expect(await outcome(other)).to.include({ kind: 'rejected', reason: 'BILL_CONFLICT' });
    });

    it('is a conflict when the text names no bill that can be looked at', async () => {
      expect(await outcome(await conflicted(refused('FAIL_BIZ_BILL_DUPLICATE_UPLOAD_BILLCODE_REPEAT_CODE', `${codeOf(1)} 重复`)))).to.include({ kind: 'rejected', reason: 'BILL_CONFLICT' });
    });

    it('is our own earlier attempt when the text names our number', async () => {
      const own = report();
      top.on(METHODS.uploadUse, flows(own.key));
      await open.send(own);
      top.on(METHODS.billDetail, detail('323', CODES));
      expect(await outcome(own)).to.include({ kind: 'duplicate' });
    });

    it('is remembered as such over a restart', async () => {
      const counters = new MemoryCounters();
      const before = openDestination(top.url, {}, { counters });
      const own = report();
      top.on(METHODS.uploadUse, flows());
      await before.send(own);
      await before.destination.stop();
      const after = openDestination(top.url, {}, { counters });
      top.on(METHODS.billDetail, detail('323', CODES));
      const result = await after.ask(own);
      expect(result.kind === 'settled' ? result.outcome.kind : result.kind).to.equal('duplicate');
      await after.destination.stop();
    });

    it('is forgotten once it is settled', async () => {
      const own = await conflicted(flows());
      top.on(METHODS.billDetail, detail('323', CODES));
      await open.ask(own);
      top.on(METHODS.billDetail, notFound());
      expect(await open.ask(own)).to.deep.equal({ kind: 'absent' });
    });
  });
});

describe('mah-alihealth query windows', () => {
  const day = (text: string): number => Date.parse(`${text}T12:00:00+08:00`);

  it('asks once where the days lie close', () => {
    expect(windowsOf({ billAt: day('2026-11-20'), sentAt: day('2026-11-22'), nowMs: day('2026-11-23') }, 30)).to.deep.equal([{ begin: '2026-11-20', end: '2026-11-23' }]);
  });

  it('includes a bill dated in the future', () => {
    expect(windowsOf({ billAt: day('2026-11-24'), sentAt: day('2026-11-22'), nowMs: day('2026-11-22') }, 30)).to.deep.equal([{ begin: '2026-11-22', end: '2026-11-24' }]);
  });

  it('asks around the bill and around the sending where they lie months apart, never over too many days', () => {
    const windows = windowsOf({ billAt: day('2026-06-01'), sentAt: day('2026-11-01'), nowMs: day('2026-11-22') }, 30);
    expect(windows).to.deep.equal([{ begin: '2026-06-01', end: '2026-06-30' }, { begin: '2026-11-01', end: '2026-11-22' }]);
  });
});
