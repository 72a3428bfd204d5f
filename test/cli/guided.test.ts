import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Actions, PreviewRequest } from '../../adapter/cli/actions.ts';
import type { PreviewReport } from '../../adapter/dry-run/preview.ts';
import { CliFolder } from './harness.ts';

const ROWS = {
  kind: 'rows' as const, withStore: false, probes: [{ what: 'his mllp', ok: true, detail: '可以监听' }],
  rows: [
    { id: 'D1', result: 'accepted', event: { kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00' }, line: { lineNo: '1', drug: 'YP1', quantity: '2', unit: '盒', split: false, codes: ['89990010000000010001', '89990010000000020001'] }, findings: [{ code: 'CODE_NOT_IN_STOCK', severity: 'warn', lineNo: '1' }] },
    { id: 'D2', result: 'refused', findings: [], refusal: { code: 'EVENT_INVALID', field: 'UNIT', detail: '缺少必填项' } },
  ],
} satisfies PreviewReport;
const FLAGS = ['--code', 'H35010200001', '--name', '示范医院', '--region', '350102'];

describe('command line: guided configuration', () => {
  let folder: CliFolder;
  beforeEach(() => { folder = new CliFolder(); folder.write('token.txt', 'hunter2'); });
  afterEach(() => { folder.remove(); });
  const asking = (answers: readonly string[], questions: string[] = []): { tty: boolean; ask: (question: string) => Promise<string | undefined> } => {
    const left = [...answers];
    return { tty: true, ask: (question) => { questions.push(question); return Promise.resolve(left.shift()); } };
  };

  it('init asks for a source, tries it, shows ten rows and writes only after a person said so', async () => {
    const requests: PreviewRequest[] = [];
    const actions: Partial<Actions> = { preview: (_context, request) => { requests.push(request); return Promise.resolve({ ...ROWS, rows: ROWS.rows.slice(0, 1) }); } };
    const questions: string[] = [];
    const run = await folder.run(['init', '--config', 'new.yaml', ...FLAGS], actions, { ...asking(['his-hl7v2', '2599', 'standard', '', ''], questions), columns: 200 });
    expect(run.exit, run.err).to.equal(0);
    expect(run.out).to.contain('可以监听').and.contain('发药').and.contain('89990010000000010001 +1').and.contain('CODE_NOT_IN_STOCK');
    expect(requests).to.deep.equal([{ source: 'his', limit: 10, probe: true }]);
    expect(readFileSync(join(folder.path, 'new.yaml'), 'utf8')).to.contain('  his:\n    connector: his-hl7v2\n    mapping: standard\n    port: 2599');
    expect((await folder.run(['check', '--config', 'new.yaml'])).exit).to.equal(0);
    expect(questions.at(-1)).to.contain('写入配置');
  });

  it('init lets the person correct the source, or give up without a file', async () => {
    const ports: unknown[] = [];
    const actions: Partial<Actions> = { preview: ({ config }) => { ports.push(config.sources[0]?.settings['port']); return Promise.resolve(ROWS); } };
    const corrected = await folder.run(['init', '--config', 'new.yaml', ...FLAGS], actions, asking(['his-hl7v2', '1', '', '', 'e', 'his-hl7v2', '2600', '', '', '']));
    expect(corrected.exit).to.equal(0);
    expect(ports).to.deep.equal([1, 2600]);
    const left = await folder.run(['init', '--config', 'left.yaml', ...FLAGS], actions, asking(['his-hl7v2', '', '', '', 'q']));
    expect(left.exit).to.equal(1);
    expect(existsSync(join(folder.path, 'left.yaml'))).to.equal(false);
  });

  it('init works by flags where nobody can be asked, and with --try writes nothing that does not work', async () => {
    const source = ['--source', 'his-hl7v2', '--source-name', 'his-hl7', '--port', '2601'];
    expect((await folder.run(['init', '--config', 'flags.yaml', ...FLAGS, ...source])).exit).to.equal(0);
    expect(readFileSync(join(folder.path, 'flags.yaml'), 'utf8')).to.contain('  his-hl7:\n    connector: his-hl7v2');
    const failed = await folder.run(['init', '--config', 'tried.yaml', '--try', ...FLAGS, ...source], { preview: () => Promise.resolve({ kind: 'failed', detail: '连接被拒绝' }) });
    expect(failed.exit).to.equal(1);
    expect(failed.out).to.contain('连接被拒绝');
    expect(existsSync(join(folder.path, 'tried.yaml'))).to.equal(false);
    expect((await folder.run(['init', '--config', 'x.yaml', ...FLAGS, '--source', 'nothing'])).exit).to.equal(2);
  });

  it('check --preview shows the rows of a source, as a table or as JSON, and ends with 1 when one is refused', async () => {
    const actions: Partial<Actions> = { preview: () => Promise.resolve(ROWS) };
    const run = await folder.run(['check', '--preview', 'his-hl7'], actions, { columns: 200, tty: true });
    expect(run.exit).to.equal(1);
    expect(run.out).to.contain('不能接收').and.contain('UNIT').and.contain('还没有数据库');
    const { json } = await folder.run(['check', '--preview', 'his-hl7', '--json'], actions);
    expect(json.find(({ step }) => step === 'preview')).to.have.nested.property('rows[1].refusal.code', 'EVENT_INVALID');
    expect((await folder.run(['check', '--preview', 'nobody'], actions)).exit).to.equal(2);
  });

  it('check --preview hands in the sample file', async () => {
    folder.write('a.hl7', 'MSH|^~\\&');
    let seen: PreviewRequest | undefined;
    await folder.run(['check', '--preview', 'his-hl7', '--sample', 'a.hl7'], { preview: (_context, request) => { seen = request; return Promise.resolve(ROWS); } });
    expect(seen?.sample?.name).to.equal('a.hl7');
    expect((await folder.run(['check', '--preview', 'his-hl7', '--sample', 'none'])).exit).to.equal(2);
  });
});

describe('command line: dry-run', () => {
  let folder: CliFolder;
  beforeEach(() => { folder = new CliFolder(); folder.write('token.txt', 'hunter2'); });
  afterEach(() => { folder.remove(); });
  const NONE = { events: 5, differing: 0, differences: 0, byKind: {}, context: 2, notComparable: {} };

  it('ends with 0 where nothing differs and with 1 where something does, says what it compared and what it could not', async () => {
    const same = await folder.run(['dry-run'], { dryRun: () => Promise.resolve(NONE) });
    expect(same.exit).to.equal(0);
    expect(same.out).to.contain('比较了 5 个事件').and.contain('没有发送').and.contain('不可比');
    const actions: Partial<Actions> = {
      dryRun: (_context, { onDifference }) => {
        onDifference({ institution: 'H35010200001', source: 'his', eventId: 'D1', recordNo: 1, differences: [{ kind: 'field', what: 'location', before: '西药房', after: '急诊药房' }, { kind: 'code', what: 'ledger', lineNo: '1', code: '89990010000000010001', after: 'unseen→dispensed' }] });
        return Promise.resolve({ ...NONE, differing: 1, differences: 2, byKind: { field: 1, code: 1 }, notComparable: { cleared: 3 } });
      },
    };
    const run = await folder.run(['dry-run'], actions);
    expect(run.exit).to.equal(1);
    expect(run.out).to.match(/D1\s.*location\s+西药房\s+急诊药房/).and.contain('1 89990010000000010001').and.contain('3 条记录的原始报文已清除');
    const { json } = await folder.run(['dry-run', '--json'], actions);
    expect(json.map(({ step }) => step)).to.deep.equal(['difference', 'dry-run']);
    expect(json[1]).to.deep.include({ differences: 2, byKind: { field: 1, code: 1 } });
    expect((await folder.run(['dry-run', '--show', '1'], actions)).out).to.contain('另有 1 处差异');
  });

  it('selects by day, source, kind and limit, and reads files and another configuration', async () => {
    let seen: Parameters<Actions['dryRun']>[1] | undefined;
    const actions: Partial<Actions> = { dryRun: (_context, request) => { seen = request; return Promise.resolve(NONE); } };
    await folder.run(['dry-run', '--day', '2026-11-22', '--source', 'his', '--kind', 'dispense', '--limit', '7'], actions);
    expect(seen?.selection).to.deep.equal({ institution: 'H35010200001', limit: 7, from: '2026-11-22', to: '2026-11-22', source: 'his', kind: 'dispense' });
    folder.write('a.json', '[]');
    folder.write('other.yaml', readFileSync(join(folder.path, 'his-trace.yaml'), 'utf8').replace('his-hl7:', 'other:'));
    await folder.run(['dry-run', 'a.json', '--with', 'other.yaml', '--drugs', 'd.csv'], actions);
    expect(seen?.files?.map(({ name }) => name)).to.deep.equal(['a.json']);
    expect(seen?.tried?.config.sources[0]?.name).to.equal('other');
    expect(seen?.drugFile).to.equal(join(folder.path, 'd.csv'));
  });

  it('names the file and line of a configuration that cannot be tried, and refuses wrong filters', async () => {
    folder.write('bad.yaml', 'role: x\n');
    const run = await folder.run(['dry-run', '--with', 'bad.yaml']);
    expect(run.exit).to.equal(2);
    expect(run.err).to.contain('bad.yaml:1');
    for (const words of [['--kind', 'sale'], ['--day', '22.11.'], ['--limit', '0'], ['none.json']]) expect((await folder.run(['dry-run', ...words])).exit, words.join(' ')).to.equal(2);
  });
});
