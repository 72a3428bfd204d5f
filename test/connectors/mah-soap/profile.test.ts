import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TraceError } from '../../../adapter/domain/error.ts';
import { mahRest } from '../../../connectors/mah-rest/index.ts';
import { restWire } from '../../../connectors/mah-rest/rest-profile.ts';
import { mahSoap } from '../../../connectors/mah-soap/index.ts';
import { soapWire } from '../../../connectors/mah-soap/soap-profile.ts';
import { checkWsdl } from '../../../connectors/mah-soap/wsdl-check.ts';
import { readProfile } from '../../../connectors/shared/holder/read-profile.ts';
import { holderDefaults, openWith } from './open-holder.ts';

const EXAMPLE = readFileSync('connectors/mah-soap/profiles/example-one-string.yaml', 'utf8');
const REST = readFileSync('connectors/mah-rest/profiles/example-sm3.yaml', 'utf8');

function problemsOf(text: string, wire: typeof soapWire | typeof restWire = soapWire): string[] {
  const { problems } = readProfile(text, 'site.yaml', wire as typeof soapWire);
  return problems.map(({ file, line, path, reason }) => `${file}:${String(line)} ${path} ${reason}`);
}

/** line of the first row that holds the text, from 1 */
const lineOf = (text: string, part: string): string => String(text.split('\n').findIndex((row) => row.includes(part)) + 1);

describe('profile files of holder systems', () => {
  it('names file, line and what is wrong, everything at once', () => {
    const broken = EXAMPLE.replace('operation: upload }', 'operation: uplaod }').replace('then: duplicate', 'then: dupe').replace('{{report.key}}</BILLNO>\n          <TYPE>', '{{report.kee}}</BILLNO>\n          <TYPE>').replace('reversal: cancel', 'reversal: undo').replace('style: one-string', 'style: one-string\n  charset: gbk');
    const problems = problemsOf(broken);
    expect(problems).to.have.length(5);
    expect(problems.find((text) => text.includes('uplaod'))).to.match(new RegExp(`^site\\.yaml:${lineOf(broken, 'uplaod')} reports\\.receipt\\.operation `));
    expect(problems.find((text) => text.includes('dupe'))).to.match(new RegExp(`^site\\.yaml:${lineOf(broken, 'dupe')} .*accepted、duplicate`));
    expect(problems.find((text) => text.includes('report.kee'))).to.match(/没有“report\.kee”这个名称/);
    expect(problems.find((text) => text.includes('undo'))).to.match(/operations 中没有 undo/);
    expect(problems.find((text) => text.includes('charset'))).to.match(new RegExp(`^site\\.yaml:${lineOf(broken, 'charset: gbk')} connection\\.charset 不认识的配置项`));
  });

  const wrong: readonly (readonly [string, string, string, RegExp])[] = [
    ['a wrong connector', 'connector: mah-soap', 'connector: mah-rest', /这是 mah-soap 使用的对接文件/], ['no replies', 'reply:\n  format: xml', 'replyx:\n  format: xml', /缺少 reply/], ['XML that is none', '</BILL>', '</BIL>', /不是完整的 XML/],
    ['no place for the payload', 'xmlData: "{{payload}}" }\n      xml: |\n        <BILL>', 'xmlData: "x" }\n      xml: |\n        <BILL>', /没有一个写 \{\{payload\}\}/], ['an unknown kind', '  dispense: {', '  sale: {', /没有“sale”这种业务/],
    ['a broken XPath', 'ref: /RESULT/SERIAL }\n    # 单', 'ref: "/RESULT/[" }\n    # 单', /XPath/], ['a wrong duration', 'replyWindow: 60s', 'replyWindow: soon', /500ms、30s/], ['broken YAML', 'title: 示例', 'title: "示例', /YAML 语法有误/], ['a key that stands twice', 'title:', 'connector: x\ntitle:', /DUPLICATE_KEY/],
  ];
  for (const [name, from, to, reason] of wrong) {
    it(`finds ${name}`, () => {
      expect(EXAMPLE).to.contain(from);
      expect(problemsOf(EXAMPLE.replace(from, to)).join('\n')).to.match(reason);
    });
  }

  it('finds what is wrong in REST profiles: paths, scripts in JSON paths, bodies that are missing', () => {
    for (const [from, to, reason] of [['path: /events\n', 'path: events\n', /不符合要求的写法/], ['path: $.code, is: "1"', 'path: "$[?(@.code)]", is: "1"', /JSON 路径/], ['$each: lines', '$each: drugs', /不是列表/], ['  at: $.sign,', '  at: $.sign, header: X-Sign,', /二者择一/]] as const) {
      expect(problemsOf(REST.replace(from, to).replace('signature: { at: $.sign,', to.includes('X-Sign') ? 'signature: { at: $.sign, header: X-Sign,' : 'signature: { at: $.sign,'), restWire).join('\n'), to).to.match(reason);
    }
  });

  it('is found wrong by making the connector, as `check` does, with the file\'s name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'his-trace-profile-'));
    try {
      const file = join(folder, 'maker.yaml');
      writeFileSync(file, EXAMPLE.replace('then: duplicate', 'then: dupe'));
      const make = (settings: object): string => {
        try {
          void openWith(mahSoap, { ...holderDefaults(mahSoap), user: 'u', password: 'p', ...settings }).destination.stop();
          return '';
        } catch (error) {
          if (!(error instanceof TraceError)) throw error;
          expect(error.code).to.equal('CONFIG_INVALID');
          return error.detail;
        }
      };
      expect(make({ profile: file })).to.contain(`${file}:${lineOf(EXAMPLE, 'then: duplicate')} reply.rules[2].then`);
      expect(make({ profile: 'no-such-holder' })).to.match(/没有名为 no-such-holder 的对接文件/);
      expect(make({ profile: './no-such.yaml' })).to.match(/找不到对接文件/);
      expect(make({ profile: 'example-typed', user: '' })).to.match(/需要 user/);
      expect(make({ profile: 'example-typed', wsdl: join(folder, 'none.wsdl') })).to.match(/找不到 WSDL/);
      writeFileSync(file, EXAMPLE.replace('style: one-string', 'style: one-string\n  security: { x509: true }'));
      expect(make({ profile: file })).to.match(/需要 cert 和 key/);
      expect(make({ profile: file, cert: join(folder, 'none.pem') })).to.match(/cert：不是 PEM/);
      expect(() => openWith(mahRest, { ...holderDefaults(mahRest), profile: 'example-sm3' })).to.throw(TraceError, /user、password、signKey/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('reads a WSDL with its imports from this machine only, and no DOCTYPE', () => {
    const folder = mkdtempSync(join(tmpdir(), 'his-trace-wsdl-'));
    const wsdl = (inside: string): string => `<d:definitions xmlns:d="http://schemas.xmlsoap.org/wsdl/">${inside}<d:portType name="P"><d:operation name="Up"/></d:portType></d:definitions>`;
    try {
      writeFileSync(join(folder, 'types.xsd'), '<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema"/>');
      writeFileSync(join(folder, 'good.wsdl'), wsdl('<d:types><s:schema xmlns:s="http://www.w3.org/2001/XMLSchema"><s:include schemaLocation="types.xsd"/></s:schema></d:types>'));
      writeFileSync(join(folder, 'remote.wsdl'), wsdl('<d:import namespace="urn:x" location="http://127.0.0.1:1/x.wsdl"/>'));
      writeFileSync(join(folder, 'lost.wsdl'), wsdl('<d:import namespace="urn:x" location="none.wsdl"/>'));
      writeFileSync(join(folder, 'doctype.wsdl'), `<!DOCTYPE x>${wsdl('')}`);
      expect(checkWsdl(join(folder, 'good.wsdl'))).to.deep.include({ facts: { operations: ['Up'], addresses: [] } });
      for (const [name, reason] of [['remote', /网上的文件/], ['lost', /找不到/], ['doctype', /DOCTYPE/]] as const) expect((checkWsdl(join(folder, `${name}.wsdl`)) as { problem?: string }).problem, name).to.match(reason);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
