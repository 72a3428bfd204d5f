import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runSandboxCommand } from '../../../plugins/sandbox/command.ts';
import { parseFaultScript, startSandbox } from '../../../plugins/sandbox/index.ts';
import { callInsurance, callMah, messageId, METHOD, saleRow, signInNow, today, useBill, INSTITUTION } from '../../support/sandbox-requests.ts';
import { waitFor } from '../../support/wait-for.ts';

const CODE = '89990010000000011234';

describe('sandbox state file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sandbox-state-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps rows, bills, sign-ins, used msgids and doubles over a restart, and a torn last line does no harm', async () => {
    const options = { stateFile: join(folder, 'state.jsonl'), mah: { partners: 'any-name' as const } };
    const first = await startSandbox(options);
    const signNo = await signInNow(first);
    const msgid = messageId();
    await callInsurance(first, { infno: '3505', signNo, envelope: { msgid }, input: { selinfo: saleRow('A', [CODE]) } });
    await callInsurance(first, { infno: '3505', signNo, input: { selinfo: saleRow('A', []) } });
    await callMah(first, METHOD.uploadRetail, useBill(first, 'B1', [CODE]));
    await callMah(first, METHOD.entInfoList, { ref_ent_id: first.mah.refEntId, query_param: '{"ent_name":"某医药公司"}' });
    await first.stop();
    appendFileSync(options.stateFile, '{"platform":"mah","fact":{"kind":"bill","bi');

    const second = await startSandbox(options);
    expect(second.insuranceBook.entries.map((entry) => [entry.key, entry.live])).to.deep.equal([['A', true], ['A', true]]);
    expect(second.insuranceBook.doubleKeys).to.deep.equal([`${INSTITUTION}/3505/A`]);
    expect((await callInsurance(second, { infno: '3505', signNo, envelope: { msgid }, input: { selinfo: saleRow('C', []) } })).error).to.include('重复');
    const query = await callInsurance(second, { infno: '3513', signNo, input: { data: { fixmedins_code: INSTITUTION, fixmedins_bchno: 'A', begndate: today(), enddate: today() } } });
    expect(query.output['output']).to.have.length(1);
    expect((await callMah(second, METHOD.uploadRetail, useBill(second, 'B1', ['89990010000000021234']))).body['msg_info']).to.include('该单据号已存在');
    expect((await callMah(second, METHOD.entInfo, { ent_name: '某医药公司' })).body).to.have.nested.property('result.response_success', true);
    second.reset();
    await second.stop();

    const third = await startSandbox(options);
    expect([third.insuranceBook.entries.length, third.mahBook.entries.length]).to.deep.equal([0, 0]);
    expect((await callInsurance(third, { infno: '3505', signNo, input: { selinfo: saleRow('D', []) } })).infcode, 'a sign-in outlives a reset').to.equal(0);
    await third.stop();
  });

  it('fails to start on a taken port, leaving nothing open', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    let message = '';
    await startSandbox({ mah: { port } }).catch((error: unknown) => (message = String(error)));
    expect(message).to.include('EADDRINUSE');
    taken.close();
  });
});

describe('sandbox command', () => {
  interface Run { readonly lines: string[]; readonly errors: string[]; readonly stop: AbortController; readonly code: Promise<number> }
  const run = (options: Parameters<typeof runSandboxCommand>[0], parseDocument?: (text: string) => unknown): Run => {
    const lines: string[] = [];
    const errors: string[] = [];
    const stop = new AbortController();
    const code = runSandboxCommand({ insurancePort: 0, mahPort: 0, ...options }, { out: (line) => lines.push(line), err: (line) => errors.push(line), signal: stop.signal, ...(parseDocument === undefined ? {} : { parseDocument }) });
    return { lines, errors, stop, code };
  };

  it('prints addresses, credentials and destinations, and runs until the signal', async () => {
    const { lines, stop, code } = run({});
    await waitFor('the addresses', () => lines.length > 0);
    const text = lines.join('\n');
    expect(text).to.include('connector: nhsa').and.include('connector: mah-alihealth').and.include('paasToken: "${NHSA_TOKEN}"').and.include('entId: "899900000000000101"');
    const url = /医保平台\s+(\S+)/.exec(text)?.[1] ?? '';
    expect((await fetch(`${url}/sandbox/book`)).status).to.equal(200);
    stop.abort();
    expect(await code).to.equal(0);
    let gone = false;
    await fetch(`${url}/sandbox/book`).catch(() => (gone = true));
    expect(gone).to.equal(true);
  });

  it('prints one JSON object on request and takes a fault script', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-script-'));
    const path = join(folder, 'faults.json');
    writeFileSync(path, JSON.stringify({ rules: [{ effect: 'http502', platform: 'insurance' }] }));
    const { lines, stop, code } = run({ json: true, faults: path });
    await waitFor('the description', () => lines.length > 0);
    const shown = JSON.parse(lines[0] ?? '') as { insurance: { url: string; paasToken: string }; mah: { appSecret: string } };
    expect((await fetch(`${shown.insurance.url}/fsi/api/goodsService/3505`, { method: 'POST', body: '{}' })).status).to.equal(502);
    expect(shown.mah.appSecret).to.be.a('string').and.not.equal('');
    stop.abort();
    await code;
    rmSync(folder, { recursive: true });
  });

  it('ends with 2 on a wrong script and names each problem, with 1 on a port that is taken', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-script-'));
    const path = join(folder, 'faults.json');
    writeFileSync(path, '[{"effect":"explode"}]');
    const wrong = run({ faults: path });
    expect(await wrong.code).to.equal(2);
    expect(wrong.errors.join()).to.include('effect must be one of');
    const missing = run({ faults: join(folder, 'none.json') });
    expect(await missing.code).to.equal(2);
    rmSync(folder, { recursive: true });
    const other = await startSandbox();
    const taken = run({ insurancePort: Number(new URL(other.insurance.url).port) });
    expect(await taken.code).to.equal(1);
    expect(taken.errors.join()).to.include('EADDRINUSE');
    await other.stop();
  });

  it('reads what the CLI\'s document reader gives, numbers as text included', () => {
    const { script, problems } = parseFaultScript({ seed: '7', rules: [{ effect: 'slow', ms: '20', operation: '3505', calls: ['1', '2'], probability: '0.5', from: '5s', until: '2026-11-22T10:00:00+08:00' }] });
    expect(problems).to.deep.equal([]);
    expect(script).to.deep.equal({ seed: 7, rules: [{ effect: 'slow', ms: 20, operation: '3505', calls: [1, 2], probability: 0.5, from: '5s', until: '2026-11-22T10:00:00+08:00' }] });
  });

  it('ships the scripts its README shows', () => {
    const readme = readFileSync(new URL('../../../plugins/sandbox/README.md', import.meta.url), 'utf8');
    const scripts = [...readme.matchAll(/```json fault-script\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    expect(scripts.length).to.be.greaterThan(2);
    for (const script of scripts) expect(parseFaultScript(JSON.parse(script) as unknown).problems, script).to.deep.equal([]);
  });
});
