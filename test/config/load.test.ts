import { expect } from 'chai';
import { lineOf } from '../../adapter/config/line-of.ts';
import { loadConfig } from '../../adapter/config/load.ts';
import { configOf, PARTS, problemsOf, SITE } from './parts.ts';

describe('configuration: a whole file', () => {
  it('fills every default of a file that names only the institution', () => {
    const config = configOf(SITE);
    expect(config).to.deep.equal({
      role: 'hospital',
      institutions: [{ code: 'H35010200001', name: '示范医院', region: '350102' }],
      store: { url: 'file:data/his-trace.db', minFreeMB: 200 },
      http: { host: '127.0.0.1', port: 8680 },
      sources: [], destinations: [],
      delivery: { baseBackOff: 2_000, maxBackOff: 60_000, firstAsk: 2_000, absentQuiet: 15_000, poll: 3_000, maxPoll: 60_000 },
      rules: { exemptions: [], starts: [], emergencyHours: [], onMismatch: [], severities: [] },
      retention: { rawRecordDays: 1_825 },
      security: { tokenDays: 365 },
      log: { level: 'info', keepDays: 30 },
    });
  });

  it('reads how long things are kept and how much room the disk must have', () => {
    const config = configOf(`${SITE}store: { minFreeMB: 50 }\nretention: { rawRecordDays: 400, logDays: 90 }\n`);
    expect(config.store).to.include({ minFreeMB: 50 });
    expect(config.retention).to.deep.equal({ rawRecordDays: 400, logDays: 90 });
    expect(problemsOf(`${SITE}retention: { rawRecordDays: -1, days: 3 }`).map(({ path }) => path)).to.have.members(['retention.rawRecordDays', 'retention.days']);
  });

  it('reads which products a trace system answers for, and refuses such a table on the insurance platform', () => {
    const parts = { ...PARTS, destinations: [...PARTS.destinations, { ...PARTS.destinations[0]!, name: 'holder', side: 'holder' as const }] };
    const load = (connector: string): ReturnType<typeof loadConfig> => loadConfig(`${SITE}destinations:\n  own: { connector: ${connector}, baseUrl: "http://10.1.1.1", token: "\${T}", products: { prefixes: ["8999001"], others: false } }\n`, { env: { T: 'x' }, readFile: () => '', parts });
    expect(load('holder').ok?.destinations[0]?.products).to.deep.equal({ prefixes: ['8999001'], gtins: [], holders: [], others: false });
    expect(load('nhsa').problems?.map(({ path }) => path)).to.deep.equal(['destinations.own.products']);
  });

  it('refuses pauses that contradict each other', () => {
    expect(problemsOf(`${SITE}delivery: { baseBackOff: 30s, maxBackOff: 5s }\n`).map(({ path }) => path)).to.deep.equal(['delivery']);
    expect(configOf(`${SITE}delivery: { firstAsk: 5s }\n`).delivery.firstAsk).to.equal(5_000);
  });

  it('names a mapping of http.soap that is none, with its line and the nearest one', () => {
    const soap = { kind: 'section', label: 'SOAP', description: 'soap', fields: { mapping: { kind: 'text', default: 'standard', label: '映射', description: 'mapping' } } } as const;
    const loaded = loadConfig(`${SITE}http:\n  soap:\n    mapping: standart\n`, { env: {}, readFile: () => '', parts: { ...PARTS, httpSections: { soap } } });
    expect(loaded.problems).to.have.length(1);
    expect(loaded.problems?.[0]).to.deep.include({ line: 8, path: 'http.soap.mapping' });
    expect(loaded.problems?.[0]?.remedy).to.contain('standard');
  });

  it('finds the line of a part by its path, or of the nearest part the file has', () => {
    const text = `${SITE}destinations:\n  mah:\n    billTypes: { a: b }\n`;
    expect(lineOf(text, 'destinations.mah.billTypes')).to.equal(8);
    expect(lineOf(text, 'destinations.mah.gone')).to.equal(7);
    expect(lineOf(text, 'nothing')).to.equal(0);
  });

  it('never says the same thing as reason and as remedy', () => {
    const texts = problemsOf(`${SITE}http: { port: x, host: [] }\nlog: { level: loud, keepDays: 0 }\nrole: x\nsources: { a: { connector: b }, his-rest: { connector: his-hl7v2, idle: 5, port: 99999, peers: { address: [] } } }\ndestinations: { d: { connector: nhsa, baseUrl: x, token: clear, perSecond: y, account: "1" } }\ntypo: 1`);
    expect(texts.length).to.be.greaterThan(10);
    for (const { path, reason, remedy } of texts) for (let at = 0; at + 7 <= reason.length; at += 1) expect(/^[\u4e00-\u9fff]{7}$/.test(reason.slice(at, at + 7)) && remedy.includes(reason.slice(at, at + 7)), `${path}: ${reason} / ${remedy}`).to.equal(false);
  });

  it('reads sources and destinations against the tables of their connectors', () => {
    const config = configOf(`${SITE}
sources:
  his-hl7: { connector: his-hl7v2, mapping: neusoft, port: 3000, ack: { mode: enhanced }, idle: 5m, peers: [{ address: 10.0.0.5 }] }
destinations:
  insurance: { connector: nhsa, baseUrl: "http://10.1.1.1:20001", account: 89990000000000000007, token: "\${T}", perSecond: 0.5, headers: { X-A: "1" }, operations: [a, b] }
`, { T: 'secret-value' });
    expect(config.sources).to.deep.equal([{
      name: 'his-hl7', connector: 'his-hl7v2', mapping: 'neusoft', institution: 'H35010200001',
      settings: { host: '127.0.0.1', port: 3000, charset: 'auto', ack: { mode: 'enhanced', echoControlId: false }, idle: 300_000, peers: [{ address: '10.0.0.5' }] },
    }]);
    expect(config.destinations[0]?.settings).to.deep.equal({
      baseUrl: 'http://10.1.1.1:20001', account: '89990000000000000007', token: 'secret-value', perSecond: 0.5, headers: { 'X-A': '1' }, operations: ['a', 'b'],
    });
  });

  it('keeps every digit of codes and leading zeros without quotes', () => {
    const config = configOf(`institutions:\n  - { code: 012345678901, name: 甲, region: 010203 }`);
    expect(config.institutions[0]).to.include({ code: '012345678901', region: '010203' });
  });

  it('takes the standard mapping where none is named', () => {
    expect(configOf(`${SITE}\nsources: { a: { connector: his-hl7v2 } }`).sources[0]?.mapping).to.equal('standard');
  });

  it('accepts the sections of the contract that have no settings yet when they are empty', () => {
    expect(configOf(`${SITE}\nrules: {}\nalerts:\nretention: {}`).role).to.equal('hospital');
  });

  it('reports every problem at once, in the order of the file, each with line, path, reason and remedy', () => {
    const problems = problemsOf(`role: clinic
institutions:
  - { code: H350102, name: 甲, region: 3501 }
store: { url: mysql://x }
http: { port: 99999 }
sources:
  a: { connector: his-hl7, port: abc }
  b: { connector: his-hl7v2, mapping: newtoch, prot: 1 }
destinations:
  c: { connector: nhsa, baseUrl: nowhere, token: "clear text" }
typo: 1
`);
    expect(problems.map(({ line, path }) => [line, path])).to.deep.equal([
      [1, 'role'], [3, 'institutions[0].code'], [3, 'institutions[0].region'], [4, 'store.url'], [5, 'http.port'],
      [7, 'sources.a.connector'], [8, 'sources.b.mapping'], [8, 'sources.b.prot'], [10, 'destinations.c.baseUrl'], [10, 'destinations.c.token'], [11, 'typo'],
    ]);
    for (const problem of problems) {
      expect(problem.reason, problem.path).to.match(/[\u4e00-\u9fff]/);
      expect(problem.remedy, problem.path).to.match(/[\u4e00-\u9fff]/);
      expect(problem.en.reason).not.to.match(/[\u4e00-\u9fff]/);
    }
  });

  it('names the nearest known key for a mistyped one, and the known connectors for an unknown one', () => {
    const [connector, key] = problemsOf(`${SITE}\nsources:\n  a: { connector: his-hl7v }\n  b: { connector: his-hl7v2, prot: 1 }`);
    expect(connector?.remedy).to.contain('是否想写 his-hl7v2').and.contain('his-rest');
    expect(key?.remedy).to.contain('是否想写 port');
  });

  it('refuses a repeated institution, a default institution that is not configured, and a name that belongs to the REST source', () => {
    const problems = problemsOf(`institutions:
  - { code: H35010200001, name: 甲, region: "350102" }
  - { code: H35010200001, name: 乙, region: "350102" }
sources:
  his-rest: { connector: his-hl7v2, institution: H35010299999 }`);
    expect(problems.map(({ path }) => path)).to.deep.equal(['institutions[1].code', 'sources.his-rest', 'sources.his-rest.institution']);
  });

  it('says that a file without institutions is not enough', () => {
    for (const text of ['', 'role: hospital', 'institutions: []', '# only a comment']) {
      expect(problemsOf(text).map(({ path }) => path), text).to.deep.equal(['institutions']);
    }
  });
});

describe('configuration: faults of the YAML itself', () => {
  const cases: readonly (readonly [string, string, number, RegExp])[] = [
    ['a key that stands twice', `${SITE.trim()}\nrole: hospital\nrole: hub`, 6, /两次/],
    ['a tab as indentation', 'http:\n\tport: 1', 2, /Tab/],
    ['a quote that is not closed', 'role: "hospital\n', 1, /缺少|YAML/],
    ['several documents', '---\nrole: hub\n---\nrole: hub', 3, /多个文档/],
    ['an alias without anchor', 'role: *r', 1, /锚点/],
    ['a list where keys belong', '- role', 1, /一组/],
  ];
  for (const [title, text, line, reason] of cases) {
    it(`names the line of ${title}`, () => {
      const found = problemsOf(text).find((problem) => reason.test(problem.reason));
      expect(found?.line).to.equal(line);
    });
  }

  it('points at full-width punctuation, the usual slip of a Chinese keyboard', () => {
    const problems = problemsOf('role：hospital\nhttp:\n  port: 1');
    expect(problems.some((problem) => problem.remedy.includes('全角'))).to.equal(true);
  });

  it('goes on checking after a repeated key, so that no second run is needed', () => {
    expect(problemsOf(`${SITE.trim()}\nrole: hub\nrole: hub\nhttp: { port: x }`).map(({ path }) => path)).to.include('http.port');
  });

  it('survives alias bombs, deep nesting and huge files', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]', ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${Array.from({ length: 10 }, () => `*${'abcdefg'[index] ?? 'a'}`).join(',')}]`)].join('\n');
    for (const text of [bomb, '['.repeat(100_000), `${'- '.repeat(5_000)}a`, 'x'.repeat(300_000), 'a: &a { b: *a }']) {
      expect(problemsOf(text), text.slice(0, 20)).to.have.length.greaterThan(0);
    }
  });
});
