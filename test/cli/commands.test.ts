import { expect } from 'chai';
import type { ActionContext, Actions, DaySummary, Running } from '../../adapter/cli/actions.ts';
import { SITE } from '../config/parts.ts';
import { CliFolder, CONFIG } from './harness.ts';

const COUNT = { matched: 3, changed: 0, skipped: [{ reason: '不在待人工处理状态', count: 2 }] };

describe('command line: commands', () => {
  let folder: CliFolder;
  beforeEach(() => { folder = new CliFolder(); folder.write('token.txt', 'hunter2'); });
  afterEach(() => { folder.remove(); });

  it('check and start name what a connector finds wrong in its own settings, with the line, and open nothing', async () => {
    const verify: Partial<Actions> = { verify: () => Promise.resolve([{ path: 'destinations.insurance', detail: 'billTypes.receipt：“321”不是该业务可用的单据类型' }]) };
    for (const command of ['check', 'start']) {
      const run = await folder.run([command], verify);
      expect(run.exit, command).to.equal(2);
      expect(run.err).to.match(/his-trace\.yaml:8 {2}destinations\.insurance {2}billTypes\.receipt/);
    }
  });

  it('check reminds of a configuration that reports to nobody, and of tokens in the clear', async () => {
    folder.write('his-trace.yaml', `${SITE}http: { host: 0.0.0.0 }\n`);
    const run = await folder.run(['check']);
    expect(run.exit).to.equal(0);
    expect(run.out).to.contain('没有配置上报目标').and.contain('http.tls');
    expect((await folder.run(['check', '--json', '--lang', 'en'])).json[0]).to.have.nested.property('warnings[0]').that.contains('no destination');
  });

  it('check says that all is well, and prints the configuration with secrets masked', async () => {
    const run = await folder.run(['check', '--print-config']);
    expect(run.exit).to.equal(0);
    expect(run.out).to.contain('配置正确').and.contain('baseUrl: http://h:1').and.contain('******').and.not.contain('hunter2');
  });

  it('check names every problem with its line and ends with 2, as lines or as JSON', async () => {
    folder.write('his-trace.yaml', `${CONFIG}http: { port: x }\ntypo: 1\n`);
    const run = await folder.run(['check']);
    expect(run.exit).to.equal(2);
    expect(run.err).to.match(/配置有 2 处问题/).and.match(/his-trace\.yaml:9 {2}http\.port/).and.match(/his-trace\.yaml:10 {2}typo/);
    const { exit, json } = await folder.run(['check', '--json', '--lang', 'en']);
    expect(exit).to.equal(2);
    expect(json[0]).to.have.nested.property('problems[0].line', 9);
    expect(json[0]).to.have.nested.property('problems[1].reason').that.contains('unknown key');
  });

  it('check --probe shows each connection and ends with 1 when one fails', async () => {
    const probe = (ok: boolean): Partial<Actions> => ({ probe: () => Promise.resolve([{ part: 'destinations.insurance', results: [{ what: '签到', ok, detail: '连接被拒绝，核对 baseUrl' }] }]) });
    const failed = await folder.run(['check', '--probe'], probe(false));
    expect(failed.exit).to.equal(1);
    expect(failed.out).to.match(/destinations\.insurance\s+签到\s+失败\s+连接被拒绝/);
    expect((await folder.run(['check', '--probe'], probe(true))).exit).to.equal(0);
  });

  it('start says where it listens, drains when it is told to stop, and ends with 0', async () => {
    let seen: ActionContext | undefined;
    let stops = 0;
    const run = await folder.run(['start'], {
      start: (context) => {
        seen = context;
        return Promise.resolve<Running>({ addresses: [{ what: 'HTTP', address: 'http://127.0.0.1:8680' }], stop: () => { stops += 1; return Promise.resolve(); } });
      },
    });
    expect(run.exit).to.equal(0);
    expect(run.out).to.contain('HTTP  http://127.0.0.1:8680');
    expect(stops).to.equal(1);
    expect(seen).to.include({ folder: folder.path, language: 'zh' });
  });

  it('start ends with 1 and the reason when the service ends by itself', async () => {
    const run = await folder.run(['start'], { start: () => Promise.resolve({ addresses: [], ended: Promise.resolve('数据库已关闭'), stop: () => Promise.resolve() }) }, { untilStopped: () => new Promise(() => undefined) });
    expect(run.exit).to.equal(1);
    expect(run.err).to.contain('数据库已关闭');
  });

  it('start opens nothing when the configuration is wrong', async () => {
    folder.write('his-trace.yaml', 'role: x');
    expect((await folder.run(['start'])).exit).to.equal(2);
  });

  it('sandbox passes ports and the fault script on', async () => {
    folder.write('faults.json', '{"rules":[]}');
    let options: unknown;
    const run = await folder.run(['sandbox', '--insurance-port', '0', '--mah-port', '0', '--faults', 'faults.json'], {
      sandbox: (given) => { options = given; return Promise.resolve({ addresses: [], stop: () => Promise.resolve() }); },
    });
    expect(run.exit).to.equal(0);
    expect(options).to.include({ host: '127.0.0.1', insurancePort: 0, mahPort: 0, faults: '{"rules":[]}' });
  });

  it('demo answers the exit code of the demonstration', async () => {
    expect((await folder.run(['demo', '--keep'], { demo: ({ keep }) => Promise.resolve(keep ? 1 : 0) })).exit).to.equal(1);
    expect((await folder.run(['demo'], { demo: ({ keep }) => Promise.resolve(keep ? 1 : 0) })).exit).to.equal(0);
  });

  it('token create prints the token alone on stdout and takes validity from the configuration', async () => {
    let options: unknown;
    const run = await folder.run(['token', 'create', '--role', 'his'], {
      createToken: (_context, given) => { options = given; return Promise.resolve({ token: 'SECRET', tokenId: 'ab12', expiresAt: Date.parse('2027-11-22T00:00:00Z') }); },
    });
    expect(run).to.include({ exit: 0, out: 'SECRET\n' });
    expect(run.err).to.contain('ab12').and.contain('2027-11-22 08:00:00');
    expect(options).to.deep.equal({ name: 'his', role: 'his', institution: '*', days: 365 });
  });

  it('token list tells live, expired and revoked ones apart; revoke says when there is none', async () => {
    const row = { institution: '*', name: 'n', role: 'his' as const, createdAt: 0 };
    const run = await folder.run(['token', 'list'], {
      listTokens: () => Promise.resolve([
        { ...row, tokenId: 'a', expiresAt: undefined, revokedAt: undefined }, { ...row, tokenId: 'b', expiresAt: 1, revokedAt: undefined }, { ...row, tokenId: 'c', expiresAt: 1, revokedAt: 1 },
      ]),
    });
    expect(run.out).to.match(/a .*有效/).and.match(/b .*已过期/).and.match(/c .*已吊销/);
    expect((await folder.run(['token', 'revoke', 'zz'], { revokeToken: () => Promise.resolve(false) })).exit).to.equal(2);
    expect((await folder.run(['token', 'revoke', 'a'], { revokeToken: () => Promise.resolve(true) })).exit).to.equal(0);
  });

  it('import drugs shows rows at fault with column, value and reason, and ends with 1', async () => {
    folder.write('drugs.csv', 'x');
    const run = await folder.run(['import', 'drugs', 'drugs.csv'], {
      importDrugs: (_context, { file, institution }) => {
        expect(file.startsWith(folder.path)).to.equal(true);
        expect(institution).to.equal('H35010200001');
        return Promise.resolve({ rows: 2, written: 0, notes: ['忽略列：备注'], problems: [{ row: 3, column: '包装数量', value: 'x', reason: '须为正整数' }] });
      },
    });
    expect(run.exit).to.equal(1);
    expect(run.out).to.contain('忽略列：备注').and.match(/3\s+包装数量\s+x\s+须为正整数/);
  });

  it('pause and resume turn the switch for every institution and keep who did it', async () => {
    const changes: unknown[] = [];
    const actions: Partial<Actions> = { switchDestination: (_context, change) => { changes.push(change); return Promise.resolve(); } };
    await folder.run(['pause', 'insurance', '--reason', '平台停机'], actions);
    await folder.run(['stop', 'insurance', '--reason', '平台停机', '--by', 'zhang'], actions);
    await folder.run(['resume', 'insurance'], actions);
    expect(changes).to.deep.equal([
      { destination: 'insurance', institutions: ['H35010200001'], stopped: true, reason: '平台停机', by: 'it-1' },
      { destination: 'insurance', institutions: ['H35010200001'], stopped: true, reason: '平台停机', by: 'zhang' },
      { destination: 'insurance', institutions: ['H35010200001'], stopped: false, reason: '', by: 'it-1' },
    ]);
  });

  it('resend counts first, and a dry run changes nothing', async () => {
    const calls: boolean[] = [];
    const actions: Partial<Actions> = { resend: (_context, _filter, { dryRun }) => { calls.push(dryRun); return Promise.resolve({ ...COUNT, changed: dryRun ? 0 : 3 }); } };
    const dry = await folder.run(['resend', '--dry-run'], actions);
    expect(dry.out).to.contain('符合条件 3 条').and.contain('不在待人工处理状态');
    expect(calls).to.deep.equal([true]);
    expect((await folder.run(['resend', '--yes'], actions)).out).to.contain('已处理 3 条');
    expect(calls).to.deep.equal([true, true, false]);
  });

  it('resend and quarantine retry touch nothing without --yes where nobody can be asked', async () => {
    const calls: boolean[] = [];
    const count = (_context: unknown, _filter: unknown, { dryRun }: { readonly dryRun: boolean }): Promise<typeof COUNT> => { calls.push(dryRun); return Promise.resolve(COUNT); };
    for (const words of [['resend'], ['quarantine', 'retry'], ['resend', '--json']]) {
      const run = await folder.run(words, { resend: count, retryQuarantine: count }, words.includes('--json') ? { tty: true, ask: () => Promise.reject(new Error('asked')) } : {});
      expect(run.exit, words.join(' ')).to.equal(2);
      expect(run.err + run.out).to.contain('--yes').and.contain('--dry-run');
    }
    expect(calls).to.deep.equal([true, true, true]);
  });

  it('resend says what it left aside and why, also what planning again did not make sendable, in both languages', async () => {
    const actions: Partial<Actions> = { resend: (_context, _filter, { dryRun }) => Promise.resolve({ ...COUNT, changed: dryRun ? 0 : 1 }) };
    const run = await folder.run(['resend', '--yes'], actions);
    expect(run.out).to.contain('略过 2 条：不在待人工处理状态').and.match(/略过 2 条：重新规划后仍缺内容/);
    const english = await folder.run(['resend', '--yes', '--lang', 'en'], actions);
    expect(english.out).to.contain('left aside 2: not in a state that needs attention').and.not.match(/[\u4e00-\u9fff]/);
  });

  it('ends with nothing changed when the person gives up with Ctrl-D', async () => {
    const run = await folder.run(['resend'], { resend: () => Promise.resolve(COUNT) }, { tty: true, ask: () => Promise.resolve(undefined) });
    expect(run).to.include({ exit: 0, err: '' });
    expect(run.out).to.contain('已取消，没有改动');
  });

  it('resend asks a person at a terminal and goes on only after a yes', async () => {
    const calls: boolean[] = [];
    const actions: Partial<Actions> = { resend: (_context, _filter, { dryRun }) => { calls.push(dryRun); return Promise.resolve(COUNT); } };
    await folder.run(['resend'], actions, { tty: true, ask: () => Promise.resolve('n') });
    expect(calls).to.deep.equal([true]);
    await folder.run(['resend'], actions, { tty: true, ask: () => Promise.resolve('y') });
    await folder.run(['resend', '--yes'], actions, { tty: true, ask: () => Promise.reject(new Error('asked')) });
    expect(calls).to.deep.equal([true, true, false, true, false]);
  });

  it('resend turns its options into a filter; a date stands for the whole day in China', async () => {
    let filter: unknown;
    await folder.run(['resend', '--dry-run', '--destination', 'insurance', '--state', 'rejected', '--drug', 'YP1', '--lot', 'L', '--document', 'D', '--visit', 'V', '--from', '2026-11-22', '--to', '2026-11-22', '--delivery', '7', '8'], {
      resend: (_context, given) => { filter = given; return Promise.resolve(COUNT); },
    });
    expect(filter).to.include({
      institution: 'H35010200001', destination: 'insurance', drug: 'YP1', lot: 'L', documentNo: 'D', visitNo: 'V',
      fromMs: Date.parse('2026-11-21T16:00:00Z'), toMs: Date.parse('2026-11-22T16:00:00Z'),
    });
    expect(filter).to.deep.include({ states: ['rejected'], deliveryNos: [7, 8] });
  });

  it('quarantine list shows field, value and reason; retry ends with 1 while some remain', async () => {
    const list = await folder.run(['quarantine', 'list'], {
      listQuarantine: () => Promise.resolve([{ recordNo: 5, source: 'his-hl7', controlId: 'M1', receivedAt: Date.parse('2026-11-22T01:31:05Z'), errorCode: 'HL7_FIELD_INVALID', field: 'RXD-4', value: 'abc', detail: '数量须为数字' }]),
    });
    expect(list.out).to.match(/5\s+2026-11-22 09:31:05\s+his-hl7\s+M1\s+HL7_FIELD_INVALID\s+RXD-4\s+abc\s+数量须为数字/);
    const retry = await folder.run(['quarantine', 'retry', '-y'], { retryQuarantine: (_context, _filter, { dryRun }) => Promise.resolve({ matched: 2, changed: dryRun ? 0 : 1, skipped: [] }) });
    expect(retry.exit).to.equal(1);
  });

  it('summary shows what became of every line, today in China by default', async () => {
    const none = { lines: 0, reasons: [] };
    const day = (date: string): DaySummary => ({
      date, institution: 'H35010200001', events: 2, lines: 5, complete: true, completeness: '100.00', quarantined: 1,
      destinations: [{ name: 'insurance', lines: 5, completeness: '100.00', reportRate: '75.00', reported: 3, excluded: { lines: 1, reasons: [{ reason: '中药饮片', lines: 1 }] }, pending: { lines: 1, reasons: [{ reason: 'settlement', lines: 1 }] }, attention: none, missing: none }],
    });
    const run = await folder.run(['summary'], { summary: (_context, { date }) => Promise.resolve(day(date)) });
    expect(run.out).to.contain('2026-11-23').and.contain('完整率 100.00%').and.match(/insurance\s+3\s+1\s+1\s+0\s+0\s+75\.00/).and.match(/除外\s+中药饮片\s+1/);
    expect((await folder.run(['summary', '--json', '--date', '2026-11-22'], { summary: (_context, { date }) => Promise.resolve(day(date)) })).json[0]).to.include({ step: 'summary', date: '2026-11-22', lines: 5 });
  });

  it('summary says states and reasons in words, Chinese or English, never as they stand in the store', async () => {
    const none = { lines: 0, reasons: [] };
    const summary = (): Promise<DaySummary> => Promise.resolve({
      date: '2026-11-22', institution: 'H35010200001', events: 1, lines: 4, complete: true, completeness: '100.00', quarantined: 0,
      destinations: [{ name: 'mah', lines: 4, completeness: '100.00', reportRate: '0.00', reported: 0, excluded: { lines: 1, reasons: [{ reason: '除外品种：中药饮片', lines: 1 }] }, pending: { lines: 2, reasons: [{ reason: 'queued', lines: 1 }, { reason: 'settlement', lines: 1 }] }, attention: { lines: 1, reasons: [{ reason: 'MISSING_FIELD', lines: 1 }] }, missing: none }],
    });
    const chinese = (await folder.run(['summary'], { summary })).out;
    expect(chinese).to.contain('排队待上报').and.contain('等待结算').and.contain('缺少平台要求的内容').and.not.match(/queued|settlement/);
    const english = (await folder.run(['summary', '--lang', 'en'], { summary })).out;
    expect(english).to.contain('waiting to be sent').and.contain('exempt: prepared slices').and.not.match(/[\u4e00-\u9fff]/);
  });

  it('shows progress as one JSON line per step with --json, and as a moving line on a terminal', async () => {
    const actions: Partial<Actions> = { summary: (context) => { context.progress('reading', 1, 2); return Promise.reject(new Error('enough')); } };
    expect((await folder.run(['summary', '--json'], actions)).json[0]).to.deep.equal({ step: 'reading', done: 1, total: 2 });
    expect((await folder.run(['summary'], actions, { tty: true })).err).to.contain('\rreading 1/2'.slice(1));
    expect((await folder.run(['summary'], actions)).err).not.to.contain('reading');
  });
});

describe('command line: init', () => {
  let folder: CliFolder;
  beforeEach(() => { folder = new CliFolder(''); });
  afterEach(() => { folder.remove(); });
  const FLAGS = ['--code', 'H35010200001', '--name', '示范医院', '--region', '350102'];

  it('writes a file that check accepts, and never over an existing one', async () => {
    expect((await folder.run(['init', '--config', 'new.yaml', ...FLAGS])).exit).to.equal(0);
    expect((await folder.run(['check', '--config', 'new.yaml'])).exit).to.equal(0);
    const again = await folder.run(['init', '--config', 'new.yaml', ...FLAGS]);
    expect(again.exit).to.equal(2);
    expect(again.err).to.contain('已存在');
  });

  it('asks a person for what is not given, and refuses what does not fit', async () => {
    const answers = ['H35010200001', '示范医院', '350102'];
    expect((await folder.run(['init', '--config', 'asked.yaml'], {}, { tty: true, ask: () => Promise.resolve(answers.shift() ?? '') })).exit).to.equal(0);
    const given = await folder.run(['init', '--config', 'given-up.yaml'], {}, { tty: true, ask: () => Promise.resolve(undefined) });
    expect(given).to.include({ exit: 1, err: '' });
    expect(given.out).to.contain('已取消，没有写入文件');
    expect((await folder.run(['init', '--config', 'x.yaml'])).err).to.contain('--code');
    expect((await folder.run(['init', '--config', 'x.yaml', '--code', 'short'])).exit).to.equal(2);
    expect((await folder.run(['init', '--config', 'gone/x.yaml', ...FLAGS])).err).to.contain('ENOENT');
  });
});
