import { DOMParser } from '@xmldom/xmldom';
import { expect } from 'chai';
import fc from 'fast-check';
import { readYaml } from '../../../connectors/shared/profile-file/yaml-node.ts';
import { compileJson, fillJson, jsonText } from '../../../connectors/shared/template/json-template.ts';
import { compileText, fillText, type CompileContext } from '../../../connectors/shared/template/placeholder.ts';
import { FillFault, Moment, TemplateFault, type Model } from '../../../connectors/shared/template/value.ts';
import { compileXml, fillXml } from '../../../connectors/shared/template/xml-template.ts';

const CONTEXT: CompileContext = { shape: { a: 'value', b: 'value', at: 'value', line: { lot: 'value' }, lines: [{ name: 'value', codes: [{ code: 'value' }] }] }, maps: { level: { 1: 'S', '*': '?' }, strict: { 1: 'S' } } };
const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('<x/>', ']]>', '&lt;', '"/><CODE>89990010000000000001</CODE><x y="', '{{a}}', '","code":1,"x":"', '\u0000\u0008', '\ud800', "'", '\\', '</A></R>'));

function json(source: string): ReturnType<typeof compileJson> {
  const { root } = readYaml(source, 'x.yaml');
  if (root === undefined) throw new Error('no yaml');
  return compileJson(root, CONTEXT);
}

/** XML 1.0 has no such characters at all, so a sender leaves them out; line ends are read as \n */
const legal = (text: string): string => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '');
const parse = (xml: string) => new DOMParser({ onError: (_level, message) => { throw new Error(message); } }).parseFromString(xml, 'text/xml');
/** the DOM reader normalises these in texts as XML 1.1 does; they arrive as characters all the same */
const ends = (text: string): string => text.replace(/[\r\u0085\u2028]/g, '\n');

describe('request templates', () => {
  it('never lets a value become markup: an XML text and an attribute arrive as what they were', () => {
    const template = compileXml('<R><A t="{{b}}">{{a}}</A><N t:cdata="true">{{a}}</N></R>', CONTEXT);
    fc.assert(fc.property(hostile, hostile, (a, b) => {
      const root = parse(fillXml(template, { a, b })).documentElement;
      expect(root?.childNodes.length).to.equal(2);
      const [first, second] = [root?.firstChild, root?.lastChild] as unknown as [{ textContent: string; childNodes: ArrayLike<{ nodeType: number }>; getAttribute(name: string): string }, { textContent: string }];
      expect(Array.from(first.childNodes).every(({ nodeType }) => nodeType === 3)).to.equal(true);
      expect(ends(first.textContent).replace(/\n+/g, '\n')).to.equal(ends(legal(a)).replace(/\n+/g, '\n'));
      expect(ends(second.textContent).replace(/\n+/g, '\n')).to.equal(ends(legal(a)).replace(/\n+/g, '\n'));
      expect(ends(first.getAttribute('t')).replace(/\n+/g, '\n')).to.equal(ends(legal(b)).replace(/\n+/g, '\n'));
    }), { numRuns: 500 });
  });

  it('never lets a value become JSON structure', () => {
    const template = json('{ x: "{{a}}", y: "pre {{b}} post", list: [ "{{a}}" ] }');
    fc.assert(fc.property(hostile, hostile, (a, b) => {
      const value = JSON.parse(jsonText(fillJson(template, { a, b }))) as Record<string, unknown>;
      const whole = (text: string): string => text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
      expect(value).to.deep.equal({ x: whole(a), y: whole(`pre ${b} post`), list: [whole(a)] });
    }), { numRuns: 500 });
  });

  it('does not read placeholders inside values', () => {
    expect(fillXml(compileXml('<A>{{a}}</A>', CONTEXT), { a: '{{b}}', b: 'secret' })).to.equal('<A>{{b}}</A>');
  });

  it('writes loops over lines and codes, conditions, and leaves empty members out where asked', () => {
    const scope: Model = { a: '', lines: [{ name: 'x', codes: [{ code: '1' }, { code: '2' }] }, { name: 'y', codes: [] }] };
    expect(fillXml(compileXml('<R><I t:each="lines" n="{{line.name}}"><C t:each="line.codes">{{code.code}}</C></I><O>{{a | omit}}</O><P t:if="a">p</P></R>', CONTEXT), scope))
      .to.equal('<R><I n="x"><C>1</C><C>2</C></I><I n="y"/></R>');
    expect(jsonText(fillJson(json('{ items: [ { $each: lines, n: "{{line.name}}", all: "{{line.codes | join:\\",\\"}}", codes: [ { $each: line.codes, $value: "{{code.code}}" } ] } ], o: "{{a | omit}}" }'), scope)))
      .to.equal('{"items":[{"n":"x","all":"1,2","codes":["1","2"]},{"n":"y","all":"","codes":[]}]}');
  });

  it('writes dates in China time, decimals exactly, numbers without losing a digit', () => {
    const fill = (text: string, scope: Model): string => fillText(compileText(text, CONTEXT), scope, CONTEXT.maps);
    const at = new Moment(Date.parse('2026-11-22T20:00:00Z'));
    expect(fill('{{at | date:"yyyyMMddHHmmss"}} {{at}} {{at | date:unix-s}}', { at })).to.equal('20261123040000 2026-11-23 04:00:00 1795377600');
    expect(fill('{{a | date:yyyyMMdd}}', { a: '2026-01-02' })).to.equal('20260102');
    expect(fill('{{a | decimal:2}} {{b | decimal:0}}', { a: '12.345', b: '0.5' })).to.equal('12.35 1');
    expect(fill('{{a | map:level}}{{b | map:level}} {{a | default:"-" | max:1}}', { a: '1', b: '9' })).to.equal('S? 1');
    expect(jsonText(fillJson(json('{ n: "{{a | number}}", i: 3, t: true, q: "3" }'), { a: '12345678901.123456' }))).to.equal('{"n":12345678901.123456,"i":3,"t":true,"q":"3"}');
  });

  it('refuses to fill what cannot be written as asked, before anything is sent', () => {
    const fill = (text: string, scope: Model): string => fillText(compileText(text, CONTEXT), scope, CONTEXT.maps);
    for (const [text, scope] of [['{{a | required}}', { a: ' ' }], ['{{a | integer}}', { a: '1.5' }], ['{{a | map:strict}}', { a: '2' }], ['{{a | date:yyyy}}', { a: '2026-02-30' }], ['{{a | decimal:2}}', { a: 'x' }]] as const) {
      expect(() => fill(text, scope), text).to.throw(FillFault);
    }
    expect(() => jsonText(fillJson(json('{ n: "{{a | number}}" }'), { a: '89990010000000000001' }))).to.throw(FillFault);
  });

  it('names what is wrong with a template when it is read', () => {
    for (const text of ['{{nothing}}', '{{a', '{{a | strange}}', '{{a | decimal}}', '{{a | map:none}}', '{{lines}}', '{{line}}', '{{a | join:","}}', '{{a + b}}']) expect(() => compileText(text, CONTEXT), text).to.throw(TemplateFault);
    for (const text of ['<A>', '<A/><!DOCTYPE x>', '<A t:each="a"/>', '<A t:loop="lines"/>', '<A t:if="zzz"/>', '<A>{{code.code}}</A>']) expect(() => compileXml(text, CONTEXT), text).to.throw(TemplateFault);
    expect(() => json('{ $loop: lines }')).to.throw(TemplateFault, /第 1 行/);
    expect(() => json('{ a: "x {{a | number}}" }')).to.throw(TemplateFault, /整个值/);
  });
});
