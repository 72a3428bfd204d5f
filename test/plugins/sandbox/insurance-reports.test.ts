import { expect } from 'chai';
import { startSandbox, type InsuranceOptions, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { callInsurance, changeRow, countRow, purchaseRow, returnRow, saleRow, signInNow, today, INSTITUTION, type InsuranceReply } from '../../support/sandbox-requests.ts';

const code = (serial: number): string => `8999001${String(serial).padStart(9, '0')}1234`;
const NODES: Readonly<Record<string, string>> = {
  3501: 'invinfo', '3501A': 'invinfoDetail', 3502: 'invinfo', '3502A': 'invinfoDetail', 3503: 'purcinfo', '3503A': 'purcinfoDetail', 3504: 'purcinfo', '3504A': 'purcinfoDetail',
  3505: 'selinfo', '3505A': 'selinfoDetail', 3506: 'selinfo', '3506A': 'selinfoDetail', 3507: 'data', '3507A': 'goodDetail',
};

describe('sandbox insurance platform: what it keeps and answers', () => {
  let sandbox: Sandbox;
  let signNo: string;
  const open = async (insurance: InsuranceOptions = {}): Promise<void> => {
    sandbox = await startSandbox({ insurance });
    signNo = await signInNow(sandbox);
  };
  const send = (infno: string, rows: unknown): Promise<InsuranceReply> => callInsurance(sandbox, { infno, signNo, input: { [NODES[infno] ?? 'data']: rows } });
  const ask = (infno: string, data: Record<string, unknown>): Promise<InsuranceReply> =>
    callInsurance(sandbox, { infno, signNo, input: { data: { fixmedins_code: INSTITUTION, begndate: today(), enddate: today(), ...data } } });
  const rowsOf = (reply: InsuranceReply): Record<string, unknown>[] => reply.output['output'] as Record<string, unknown>[];

  beforeEach(() => open());
  afterEach(() => sandbox.stop());

  it('answers without output for 3501, 3501A and 3502', async () => {
    for (const [infno, rows] of [['3501', countRow('A', [code(1)])], ['3501A', [countRow('B', [])]], ['3502', changeRow('C', [code(2)])]] as const) {
      const reply = await send(infno, rows);
      expect(reply.infcode, infno).to.equal(0);
      expect(reply.body['output'], infno).to.equal(null);
    }
    expect(sandbox.insuranceBook.entries.map((entry) => entry.kind)).to.deep.equal(['stock-count', 'stock-count', 'stock-change 108']);
  });

  it('answers with one result for 3503, 3503A, 3504, 3505, 3505A, 3506 and 3507', async () => {
    const calls: readonly [string, unknown][] = [
      ['3503', purchaseRow('A')], ['3503A', [purchaseRow('B'), purchaseRow('C')]], ['3504', purchaseRow('D')], ['3505', saleRow('E', [code(1)])], ['3505A', [saleRow('F', [code(2)])]],
      ['3506', returnRow('G', [code(1)])], ['3507', { fixmedins_bchno: 'A', inv_data_type: '3' }],
    ];
    for (const [infno, rows] of calls) {
      const reply = await send(infno, rows);
      expect(reply.output, `${infno} ${reply.text}`).to.deep.equal({ result: { retRslt: '1', msgRslt: '' } });
    }
  });

  it('answers row by row for 3502A, 3504A, 3506A and 3507A, keeping the good rows', async () => {
    const cases: readonly [string, unknown[], string][] = [
      ['3502A', [changeRow('A', []), changeRow('B', [], { inv_chg_type: '999' })], 'invinfoErrDetail'], ['3504A', [purchaseRow('C'), purchaseRow('D', { purc_invo_no: '' })], 'purcinfoErrDetail'],
      ['3506A', [returnRow('E', []), returnRow('F', [], { mdtrt_sn: '' })], 'selinfoErrDetail'], ['3507A', [{ fixmedins_bchno: 'A', inv_data_type: '2' }, { fixmedins_bchno: 'none', inv_data_type: '2' }], 'goodErrDetail'],
    ];
    for (const [infno, rows, node] of cases) {
      const reply = await send(infno, rows);
      expect(reply.infcode, reply.text).to.equal(0);
      const failed = reply.output[node] as Record<string, unknown>[];
      expect(failed, infno).to.have.length(1);
      expect(failed[0]?.['retRslt']).to.equal('0');
      expect(failed[0]?.['fixmedins_bchno']).to.equal((rows[1] as Record<string, unknown>)['fixmedins_bchno']);
      expect(failed[0]?.['msgRslt']).to.be.a('string').and.not.equal('');
    }
    expect(sandbox.insuranceBook.entries.filter((entry) => entry.live).map((entry) => entry.key)).to.deep.equal(['C', 'E']);
  });

  it('takes a 3505A whole or not at all, and does not say which row in a list of its own', async () => {
    await send('3505', saleRow('A', [code(1)]));
    const reply = await send('3505A', [saleRow('B', [code(2)]), saleRow('C', [code(1)]), saleRow('D', [code(3)])]);
    expect(reply.infcode).to.equal(0);
    expect(Object.keys(reply.output)).to.deep.equal(['result']);
    expect(reply.output).to.have.nested.property('result.retRslt', '0');
    expect((reply.output['result'] as Record<string, string>)['msgRslt']).to.include('追溯码重复');
    expect(sandbox.insuranceBook.entries).to.have.length(1);
  });

  describe('codes', () => {
    it('refuses a whole code that was sold, until it is returned', async () => {
      await send('3505', saleRow('A', [code(1)]));
      const again = await send('3505', saleRow('B', [code(1)]));
      expect(again.infcode).to.equal(0);
      expect(again.output).to.deep.equal({ result: { retRslt: '0', msgRslt: `追溯码重复:${code(1)}` } });
      expect(sandbox.insuranceBook.doubleCodes).to.deep.equal([code(1)]);
      await send('3506', returnRow('C', [code(1)]));
      expect((await send('3505', saleRow('D', [code(1)]))).output).to.have.nested.property('result.retRslt', '1');
    });
    it('lets a split code be sold any number of times, but never whole, nor a whole one split', async () => {
      for (const key of ['A', 'B', 'C']) expect((await send('3505', saleRow(key, [code(1)], { trdn_flag: '1', sel_retn_cnt: '0.2500' }))).output).to.have.nested.property('result.retRslt', '1');
      expect((await send('3505', saleRow('D', [code(1)]))).output).to.have.nested.property('result.retRslt', '0');
      await send('3505', saleRow('E', [code(2)]));
      expect((await send('3505', saleRow('F', [code(2)], { trdn_flag: '1' }))).output).to.have.nested.property('result.retRslt', '0');
      expect(sandbox.insuranceBook.doubleCodes).to.deep.equal([]);
    });
    it('sees a code twice within one batch', async () => {
      const reply = await send('3505A', [saleRow('A', [code(1)]), saleRow('B', [code(1)])]);
      expect(reply.output).to.have.nested.property('result.retRslt', '0');
      expect(sandbox.insuranceBook.entries).to.have.length(0);
    });
    it('frees a code when its sale is deleted by 3507', async () => {
      await send('3505', saleRow('A', [code(1)]));
      expect((await send('3507', { fixmedins_bchno: 'A', inv_data_type: '4' })).output).to.have.nested.property('result.retRslt', '1');
      expect((await send('3505', saleRow('B', [code(1)]))).output).to.have.nested.property('result.retRslt', '1');
      const gone = await send('3507', { fixmedins_bchno: 'A', inv_data_type: '4' });
      expect(gone.output).to.have.nested.property('result.retRslt', '0');
    });
    it('can be told to take a code again, and to demand a sale before a return', async () => {
      await sandbox.stop();
      await open({ resoldWhole: 'accept', strictReturn: true });
      await send('3505', saleRow('A', [code(1)]));
      expect((await send('3505', saleRow('B', [code(1)]))).output).to.have.nested.property('result.retRslt', '1');
      expect(sandbox.insuranceBook.doubleCodes).to.deep.equal([code(1)]);
      expect((await send('3506', returnRow('C', [code(2)]))).output).to.have.nested.property('result.retRslt', '0');
      expect((await send('3506', returnRow('D', [code(1)]))).output).to.have.nested.property('result.retRslt', '1');
    });
  });

  describe('the same fixmedins_bchno again', () => {
    it('is counted twice by default: what a blind resend does', async () => {
      await send('3505', saleRow('A', []));
      await send('3505', saleRow('A', []));
      const book = sandbox.insuranceBook;
      expect(book.entries.filter((entry) => entry.live)).to.have.length(2);
      expect(book.reportsByKey).to.deep.equal({ [`${INSTITUTION}/3505/A`]: 2 });
      expect(book.doubleKeys).to.deep.equal([`${INSTITUTION}/3505/A`]);
      expect(book.callsByOperation['3505']).to.equal(2);
    });
    it('is refused, or takes the place of the first, when so set; either way the arrival is counted', async () => {
      for (const [duplicateBchno, live, words] of [['refuse', 1, '0'], ['overwrite', 1, '1']] as const) {
        await sandbox.stop();
        await open({ duplicateBchno });
        await send('3505', saleRow('A', [code(1)]));
        expect((await send('3505', saleRow('A', [code(1)], { sel_retn_cnt: '2' }))).output).to.have.nested.property('result.retRslt', words);
        expect(sandbox.insuranceBook.entries.filter((entry) => entry.live)).to.have.length(live);
        expect(sandbox.insuranceBook.doubleKeys, duplicateBchno).to.have.length(1);
      }
      expect(sandbox.insuranceBook.entries.find((entry) => entry.live)?.quantity).to.equal('2');
    });
    it('is no double when a purchase and a stock change, or two institutions, use it', async () => {
      await send('3503', purchaseRow('A'));
      await send('3502', changeRow('A', []));
      expect(sandbox.insuranceBook.doubleKeys).to.deep.equal([]);
    });
  });

  it('deletes a sale together with the return that shares its number', async () => {
    await send('3505', saleRow('A', [code(1)]));
    await send('3506', returnRow('A', [code(1)]));
    await send('3507', { fixmedins_bchno: 'A', inv_data_type: '4' });
    expect(sandbox.insuranceBook.entries.every((entry) => !entry.live)).to.equal(true);
    expect(rowsOf(await ask('3511', { fixmedins_bchno: 'A' }))).to.deep.equal([]);
  });

  describe('queries', () => {
    beforeEach(async () => {
      await send('3501', countRow('COUNT', [code(9)]));
      await send('3502', changeRow('CHANGE', [code(1), code(2)], { trac_codg_pac_hery: '1' }));
      await send('3503', purchaseRow('BUY'));
      await send('3504', purchaseRow('BACK'));
      await send('3505', saleRow('SALE', [code(1), code(2)]));
      await send('3506', returnRow('RETURN', [code(2)]));
    });
    it('answer camelCase rows under the node output, with the members of the table', async () => {
      const [row] = rowsOf(await ask('3511', { fixmedins_bchno: 'SALE' }));
      expect(row).to.include({ fixmedinsBchno: 'SALE', medinsListCodg: 'YP00012', medinsListName: '示范药品', bilgDrName: '医师甲', trdnFlag: '0', selRetnCnt: 1, valiFlag: '1', fixmedinsCode: INSTITUTION });
      expect(row).to.have.property('medinsProdSelNo').that.is.a('string').and.not.equal('');
    });
    it('find each kind by its own number', async () => {
      for (const [infno, key] of [['3508', 'COUNT'], ['3509', 'CHANGE'], ['3510', 'BUY'], ['3510', 'BACK'], ['3511', 'RETURN']] as const) {
        expect(rowsOf(await ask(infno, { fixmedins_bchno: key })), key).to.have.length(1);
      }
      expect(rowsOf(await ask('3510', { fixmedins_bchno: 'BACK' }))[0]).to.include({ prodRetnFlag: '1' });
      expect(rowsOf(await ask('3510', { medins_list_codg: 'YP00012' }))).to.have.length(2);
    });
    it('give one row per code in 3512 and 3513', async () => {
      expect(rowsOf(await ask('3512', { fixmedins_bchno: 'CHANGE' })).map((row) => row['drugTracCodg'])).to.deep.equal([code(1), code(2)]);
      const sold = rowsOf(await ask('3513', { fixmedins_bchno: 'SALE' }));
      expect(sold.map((row) => row['drugTracCodg'])).to.deep.equal([code(1), code(2)]);
      expect(sold[0]).to.include({ mdtrtId: 'V1', mdtrtSetlType: '2', fixBlngAdmdvs: '350102' });
      expect(rowsOf(await ask('3513', { mdtrt_id: 'V1', drug_trac_codg: code(1) }))).to.have.length(1);
    });
    it('refuse a query without a key of its group, without days, or for another institution', async () => {
      expect((await ask('3511', {})).error).to.include('至少填写一项');
      expect((await ask('3513', { psn_name: '某人' })).error).to.include('至少填写一项');
      expect((await ask('3511', { fixmedins_bchno: 'SALE', begndate: '' })).error).to.include('begndate');
      expect((await ask('3511', { fixmedins_bchno: 'SALE', begndate: '2026-1-2' })).error).to.include('begndate');
      expect((await ask('3511', { fixmedins_bchno: 'SALE', begndate: '2026-01-02', enddate: '2026-01-01' })).error).to.include('不能晚于');
      expect((await ask('3511', { fixmedins_bchno: 'SALE', fixmedins_code: 'H99999999999' })).error).to.include('不一致');
    });
    it('leave the days of 3513 optional, as its table does', async () => {
      expect(rowsOf(await ask('3513', { fixmedins_bchno: 'SALE', begndate: undefined, enddate: undefined }))).to.have.length(2);
    });
    it('look at whole days', async () => {
      expect(rowsOf(await ask('3511', { fixmedins_bchno: 'SALE', begndate: '2020-01-01', enddate: '2020-01-02' }))).to.deep.equal([]);
    });
  });

  it('looks at the day of the upload, or at both, when so set', async () => {
    for (const [queryBy, found] of [['business', 1], ['upload', 0], ['both', 0]] as const) {
      await sandbox.stop();
      await open({ queryBy });
      await send('3505', saleRow('OLD', [], { sel_retn_time: '2026-01-05 10:00:00' }));
      expect(rowsOf(await ask('3511', { fixmedins_bchno: 'OLD', begndate: '2026-01-05', enddate: '2026-01-05' })), queryBy).to.have.length(found);
    }
  });

  it('answers in the shapes of other provinces when so set', async () => {
    await sandbox.stop();
    await open({ replyStyle: { infcode: 'text', output: 'text', queryRows: 'bare' }, rowResults: 'all', signIn: false });
    const sold = await send('3505', saleRow('A', []));
    expect(sold.infcode).to.equal('0');
    expect(JSON.parse(String(sold.body['output']))).to.deep.equal({ result: { retRslt: '1', msgRslt: '' } });
    expect(JSON.parse(String((await ask('3511', { fixmedins_bchno: 'A' })).body['output']))).to.have.length(1);
    const rows = JSON.parse(String((await send('3506A', [returnRow('B', [])])).body['output'])) as Record<string, { retRslt: string }[]>;
    expect(rows['selinfoErrDetail']?.map((row) => row.retRslt)).to.deep.equal(['1']);
  });

  it('keeps no patient in its book', async () => {
    await send('3505', saleRow('A', [code(1)], { psn_name: '张三', certno: '350000199001010000', psn_cert_type: '01' }));
    const text = await (await fetch(`${sandbox.insurance.url}/sandbox/book`)).text();
    expect(text).to.include(code(1));
    expect(text).not.to.include('张三');
    expect(text).not.to.include('350000199001010000');
  });
});
