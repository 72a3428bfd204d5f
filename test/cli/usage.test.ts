import { expect } from 'chai';
import { TraceError } from '../../adapter/domain/error.ts';
import { CliFolder } from './harness.ts';

describe('command line: usage', () => {
  let folder: CliFolder;
  beforeEach(() => { folder = new CliFolder(); folder.write('token.txt', 'x'); });
  afterEach(() => { folder.remove(); });

  const wrong: readonly (readonly [string[], RegExp])[] = [
    [['frobnicate'], /没有命令 frobnicate/],
    [['chek'], /是否想用 check/],
    [['check', '--frob'], /没有选项 --frob/],
    [['check', 'extra'], /参数过多/],
    [['token', 'create'], /必须给出选项 --role/],
    [['token', 'create', '--role', 'root'], /his、pharmacist/],
    [['token', 'create', '--role', 'his', '--days', '0'], /--days/],
    [['token', 'revoke'], /缺少参数 id/],
    [['pause', 'insurance'], /--reason/],
    [['pause', 'insurance', '--reason', ' '], /--reason/],
    [['pause', 'nowhere', '--reason', 'x'], /没有上报目标 nowhere，可用：insurance/],
    [['resume', 'nowhere'], /nowhere/],
    [['resend', '--state', 'accepted'], /needs-attention/],
    [['resend', '--from', 'yesterday'], /yesterday/],
    [['resend', '--reason', 'MISSING_FEILD'], /是否想用 MISSING_FIELD？/],
    [['resend', '--reason', 'banana'], /可用：NETWORK/],
    [['quarantine', 'list', '--code', 'EVENT_INVALD'], /是否想用 EVENT_INVALID？/],
    [['token', 'certificate', 'add', '--role', 'his'], /--file 与 --fingerprint/],
    [['token', 'certificate', 'add', '--role', 'his', '--fingerprint', 'ab:cd'], /SHA-256/],
    [['token', 'certificate', 'add', '--role', 'his', '--file', 'gone.pem'], /gone\.pem/],
    [['resend', '--destination', 'nowhere'], /nowhere/],
    [['summary', '--date', '2026-02-30'], /2026-02-30/],
    [['summary', '--institution', 'X'], /机构 X 未配置/],
    [['quarantine', 'list', '--limit', '0'], /--limit/],
    [['quarantine', 'retry', '--record', 'abc'], /--record/],
    [['import', 'drugs'], /缺少参数 file/],
    [['import', 'drugs', 'gone.csv'], /gone\.csv/],
    [['import', 'units', 'x.csv'], /没有命令 units/],
    [['sandbox', '--mah-port', '70000'], /--mah-port/],
    [['sandbox', '--faults', 'gone.json'], /gone\.json/],
    [['check', '--lang', 'fr'], /--lang/],
    [['check', '--config'], /选项 -c, --config <file> 缺少值/],
  ];
  for (const [words, text] of wrong) {
    it(`ends with 2 and one sentence for: ${words.join(' ')}`, async () => {
      const run = await folder.run(words);
      expect(run.exit).to.equal(2);
      expect(run.err).to.match(text);
      expect(run.err).to.match(/改法/);
      expect(run.err).not.to.match(/\n\s+at |Error:/);
      expect(run.out).to.equal('');
    });
  }

  it('shows the commands and ends with 2 when none is given', async () => {
    const run = await folder.run([]);
    expect(run.exit).to.equal(2);
    expect(run.err).to.contain('用法').and.contain('check').and.contain('sandbox');
  });

  it('shows help and version with exit 0, in Chinese first and English on demand', async () => {
    expect(await folder.run(['--help'])).to.include({ exit: 0, err: '' }).with.property('out').that.contains('检查配置').and.contains('选项：');
    expect((await folder.run(['check', '--help', '--lang', 'en'])).out).to.contain('Usage: his-trace check').and.not.match(/[\u4e00-\u9fff]/);
    expect(await folder.run(['--version'])).to.include({ exit: 0, out: '1.2.3\n' });
    expect((await folder.run(['help', 'check'])).exit).to.equal(0);
  });

  it('takes the global options before and after the command', async () => {
    for (const words of [['--json', '--config=his-trace.yaml', 'check'], ['check', '-c', 'his-trace.yaml', '--json']]) {
      expect((await folder.run(words)).json[0]).to.include({ step: 'check', ok: true });
    }
  });

  it('says a published fault in words, with its code and remedy, in the language asked for', async () => {
    const actions = { summary: () => Promise.reject(new TraceError('STORE_FULL', 'data/his-trace.db')) };
    const chinese = await folder.run(['summary'], actions);
    expect(chinese.exit).to.equal(1);
    expect(chinese.err).to.contain('[STORE_FULL]').and.contain('磁盘已满').and.contain('data/his-trace.db').and.contain('改法');
    expect((await folder.run(['summary', '--lang', 'en'], actions)).err).to.contain('the disk is full').and.not.match(/[\u4e00-\u9fff]/);
    const [line] = (await folder.run(['summary', '--json'], actions)).json;
    expect(line).to.include({ step: 'error', ok: false, code: 'STORE_FULL' });
  });

  it('says an unforeseen fault in words, never as a stack', async () => {
    const run = await folder.run(['summary'], { summary: () => Promise.reject(new TypeError('x is undefined')) });
    expect(run.exit).to.equal(1);
    expect(run.err).to.contain('[INTERNAL]').and.contain('x is undefined');
    expect(run.err).not.to.match(/\n\s+at |TypeError/);
  });
});
