import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseFaultScript, startSandbox } from '../../../plugins/sandbox/index.ts';
import { sandboxBanner } from '../../../plugins/sandbox/instructions.ts';
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
  const main = new URL('../../../dist/adapter/main.js', import.meta.url).pathname;
  const run = (...words: string[]): { readonly child: ChildProcess; readonly out: () => string; readonly ended: Promise<number | null> } => {
    const child = spawn(process.execPath, [main, 'sandbox', '--insurance-port', '0', '--mah-port', '0', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    return { child, out: () => text, ended: new Promise((resolve) => { child.once('exit', resolve); }) };
  };

  it('tells how to reach the platforms, with the configuration to paste', async () => {
    const sandbox = await startSandbox();
    const text = sandboxBanner(sandbox);
    await sandbox.stop();
    expect(text).to.include('connector: nhsa').and.include('connector: mah-alihealth').and.include('paasToken: "${NHSA_TOKEN}"').and.include('entId: "899900000000000101"');
  });

  it('runs both platforms under a fault script until it is told to stop, and prints one JSON line about them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-script-'));
    const path = join(folder, 'faults.json');
    writeFileSync(path, JSON.stringify({ rules: [{ effect: 'http502', platform: 'insurance' }] }));
    const { child, out, ended } = run('--json', '--faults', path);
    await waitFor('ready', () => out().includes('"ready"'), 20_000);
    const shown = JSON.parse(out().split('\n').find((line) => line.includes('paasToken')) ?? '{}') as { insurance: { url: string }; mah: { appSecret: string } };
    expect((await fetch(`${shown.insurance.url}/fsi/api/goodsService/3505`, { method: 'POST', body: '{}' })).status).to.equal(502);
    expect(shown.mah.appSecret).to.be.a('string').and.not.equal('');
    child.kill('SIGTERM');
    expect(await ended).to.equal(0);
    rmSync(folder, { recursive: true });
  });

  it('refuses a wrong script and names the problem', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-script-'));
    const path = join(folder, 'faults.json');
    writeFileSync(path, '[{"effect":"explode"}]');
    const wrong = run('--faults', path);
    expect(await wrong.ended).to.be.greaterThan(0);
    expect(wrong.out()).to.include('effect must be one of').and.not.include('    at ');
    rmSync(folder, { recursive: true });
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
