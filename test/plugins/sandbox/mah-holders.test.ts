import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { holdersBeside, SANDBOX_HOLDER, startSandbox, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { sandboxBanner } from '../../../plugins/sandbox/instructions.ts';
import { parseXml } from '../../../plugins/sandbox/mah-soap/xml-element.ts';

const { user, password, signKey, orgCode } = SANDBOX_HOLDER;
const code = (serial: number): string => `8999001${String(serial).padStart(9, '0')}0001`;

describe('the sandbox\'s systems of single holders', () => {
  let sandbox: Sandbox;
  beforeEach(async () => { sandbox = await startSandbox({ holders: { 'mah-soap': {}, 'mah-typed': {}, 'mah-rest': {} } }); });
  afterEach(() => sandbox.stop());

  async function soap(document: string, change: { readonly headers?: Readonly<Record<string, string>>; readonly login?: string; readonly operation?: string; readonly prefix?: string } = {}): Promise<{ readonly status: number; readonly text: string }> {
    const escaped = document.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const name = change.operation ?? 'uploadBill';
    const prefix = change.prefix ?? '';
    const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><t:${name} xmlns:t="http://service.trace.example/"><${prefix}loginName>${change.login ?? user}</${prefix}loginName><loginPwd>${password}</loginPwd><xmlData>${escaped}</xmlData></t:${name}></s:Body></s:Envelope>`;
    const reply = await fetch(sandbox.holders['mah-soap']?.url ?? '', { method: 'POST', body, headers: change.headers ?? { 'content-type': 'text/xml;charset=utf-8', 'soapaction': '""' } });
    return { status: reply.status, text: (await reply.text()).replaceAll('&lt;', '<').replaceAll('&gt;', '>') };
  }
  const bill = (change: Readonly<Record<string, string>> = {}, codes: readonly string[] = [code(1)]): string => {
    const members = { ORG: orgCode, BILLNO: 'B1', TYPE: '323', TIME: '2026-11-22 09:31:05', ...change };
    return `<BILL>${Object.entries(members).filter(([, value]) => value !== '').map(([name, value]) => `<${name}>${value}</${name}>`).join('')}<DRUG no="1"><NAME>演示片</NAME><QTY>1.0000</QTY>${codes.map((each) => `<CODE level="1">${each}</CODE>`).join('')}</DRUG></BILL>`;
  };

  it('takes a bill in one string once, and says 1 for every refusal', async () => {
    expect((await soap(bill())).text).to.contain('<CODE>0</CODE>').and.contain('<SERIAL>S1</SERIAL>');
    for (const [document, error] of [[bill(), 'E03'], [bill({ BILLNO: 'B2' }), 'E05'], [bill({ BILLNO: 'B3' }, ['123']), 'E04'], [bill({ BILLNO: 'B3' }, [code(2), code(2)]), 'E04'], [bill({ ORG: 'X', BILLNO: 'B4' }), 'E02'], [bill({ TYPE: '321', BILLNO: 'B4' }), 'E02'], [bill({ TIME: '2026-11-22T09:31:05', BILLNO: 'B4' }), 'E02'], [bill({ TYPE: '102', BILLNO: 'B4' }), 'E02'], [bill({ EXTRA: 'x', BILLNO: 'B4' }), 'E02'], ['<BILL', 'E02']] as const) {
      expect((await soap(document)).text, document).to.contain('<CODE>1</CODE>').and.contain(`<ERR>${error}</ERR>`);
    }
    expect((await soap(bill({ BILLNO: 'B5' }, [code(5)]), { login: 'nobody' })).text).to.contain('<ERR>E01</ERR>');
    expect(sandbox.holderBook('mah-soap').reportsByKey).to.deep.equal({ [`${orgCode}/B1`]: 1 });
    expect(sandbox.holderBook('mah-soap').doubleKeys).to.deep.equal([`${orgCode}/B1`]);
  });

  it('faults what is no SOAP 1.1 request of this service', async () => {
    for (const change of [{ headers: { 'content-type': 'application/json' } }, { headers: { 'content-type': 'text/xml' } }, { operation: 'deleteAll' }, { prefix: 't:' }]) expect((await soap(bill(), change)).text, JSON.stringify(change)).to.contain('faultcode');
    expect(sandbox.holderBook('mah-soap').entries).to.deep.equal([]);
  });

  it('wants a fresh digest from typed SOAP and a token and a right SM3 from REST', async () => {
    const typed = await fetch(sandbox.holders['mah-typed']?.url ?? '', { method: 'POST', headers: { 'content-type': 'application/soap+xml' }, body: '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><x:GetMovement xmlns:x="urn:trace.example:movement"/></s:Body></s:Envelope>' });
    expect(await typed.text()).to.contain('FailedAuthentication');
    const rest = sandbox.holders['mah-rest'];
    const call = async (headers: Readonly<Record<string, string>>, sign: string): Promise<{ status: number; body: Record<string, unknown> }> => {
      const data = JSON.stringify({ billNo: 'B1', eventType: 'OUT_USE', occurredAt: '2026-11-22T09:31:05+08:00', items: [{ lineNo: '1', drugName: '演示片', quantity: 1, codes: [{ code: code(1), level: 1 }] }] });
      const digest = sign === 'right' ? createHash('sm3').update(data + signKey).digest('hex') : sign;
      const stamp = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace(/[-T:]/g, '');
      const reply = await fetch(`${rest?.url ?? ''}/events`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: `{"eventID":"123e4567-e89b-12d3-a456-426614174000","orgCode":"${orgCode}","timestamp":"${stamp}","sign":"${digest}","data":${data}}` });
      return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
    };
    expect((await call({}, 'right')).status).to.equal(401);
    const token = (await (await fetch(rest?.tokenUrl ?? '', { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: user, client_secret: password }) })).json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token.access_token}` };
    expect((await call(headers, 'wrong')).body).to.include({ code: 0, error: 'BAD_SIGN' });
    expect((await call(headers, 'right')).body).to.include({ code: 1 });
    expect((await call(headers, 'right')).body).to.include({ code: 1 });
    expect(sandbox.holderBook('mah-rest').reportsByKey).to.deep.equal({ [`${orgCode}/B1`]: 1 });
  });

  it('remembers its bills across a restart with a state file, and starts only what was asked for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'his-trace-holders-'));
    await sandbox.stop();
    const options = { holders: { 'mah-soap': {} }, stateFile: join(folder, 'state.jsonl') };
    sandbox = await startSandbox(options);
    await soap(bill());
    await sandbox.stop();
    sandbox = await startSandbox(options);
    expect(sandbox.holderBook('mah-soap').reportsByKey).to.deep.equal({ [`${orgCode}/B1`]: 1 });
    expect(Object.keys(sandbox.holders)).to.deep.equal(['mah-soap']);
    expect(() => sandbox.holderBook('mah-rest')).to.throw(/without mah-rest/);
    rmSync(folder, { recursive: true });
  });

  it('stands on the ports after the MAH platform\'s, and says so with its accounts', () => {
    expect(holdersBeside(8692, 8691)).to.deep.equal({ 'mah-soap': { port: 8693 }, 'mah-typed': { port: 8694 }, 'mah-rest': { port: 8695 } });
    expect(holdersBeside(8692, 8693)['mah-soap']).to.deep.equal({ port: 8694 });
    expect(holdersBeside(0, 0)['mah-rest']).to.deep.equal({ port: 0 });
    for (const holder of Object.values(sandbox.holders)) expect(sandboxBanner(sandbox)).to.contain(holder.url);
  });

  it('reads XML strictly', () => {
    for (const text of ['', 'x', '<a>', '<a></b>', '<a/><b/>', '<a><b></a></b>', '<a x=1/>', '<a x="1" x="2"/>', '<p:a/>', '<a>&none;</a>', '<a>&amp</a>', '<a/>x']) expect(parseXml(text), text).to.equal(undefined);
    expect(parseXml('<?xml version="1.0"?><a xmlns="u" x="&lt;"><!-- c --><b>1&#65;<![CDATA[<]]></b></a>')).to.deep.include({ name: 'a', namespace: 'u', attributes: { xmlns: 'u', x: '<' } });
  });
});
