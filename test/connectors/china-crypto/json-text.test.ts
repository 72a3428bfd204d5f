import { expect } from 'chai';
import fc from 'fast-check';
import { compactJson, readJsonMembers, readJsonText, sortedNode, valueText, type JsonNode } from '../../../connectors/shared/china-crypto/json-text.ts';

const rewritten = (text: string): string | undefined => {
  const node = readJsonText(text);
  return node === undefined ? undefined : compactJson(node);
};

describe('JSON kept as it was written', () => {
  it('keeps the digits of numbers and the order of members', () => {
    expect(rewritten('{ "b": 12.50, "2": 1e3, "1": 89990010000000000011234, "a": [ -0.0, "12.50", true, null, {} ] }'))
      .to.equal('{"b":12.50,"2":1e3,"1":89990010000000000011234,"a":[-0.0,"12.50",true,null,{}]}');
  });

  it('is not led astray by digits, quotes and backslashes inside texts and names', () => {
    expect(rewritten('{"a1\\"2":"3 \\\\\\" 4","n5":"n6","s":"s","__proto__":{"x":1}}')).to.equal('{"a1\\"2":"3 \\\\\\" 4","n5":"n6","s":"s","__proto__":{"x":1}}');
  });

  it('writes every JSON text as JSON.stringify does', () => {
    fc.assert(fc.property(fc.json(), (text) => {
      const again = rewritten(text);
      expect(JSON.parse(again ?? '')).to.deep.equal(JSON.parse(text));
      expect(rewritten(again ?? '')).to.equal(again);
    }), { numRuns: 500 });
  });

  it('answers undefined for what is no JSON, and for nothing but brackets, without throwing', () => {
    for (const text of ['', '{', '{"a":1,}', '<html/>', "{'a':1}", '[1 2]', '01', '['.repeat(100_000), `${'['.repeat(200)}${']'.repeat(200)}`, `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`]) expect(readJsonText(text), text.slice(0, 20)).to.equal(undefined);
    expect(readJsonMembers('[]')).to.equal(undefined);
  });

  it('takes a text of 20 MB in one member', () => {
    const text = JSON.stringify({ warn_msg: 'x"\\'.repeat(5_000_000) });
    expect(valueText(readJsonMembers(text)?.get('warn_msg')).length).to.equal(15_000_000);
  });

  it('sorts names at every depth and leaves lists in their order', () => {
    const node: JsonNode = readJsonText('{"b":[{"z":1,"a":2},3],"B":0,"a":{"d":1,"c":1}}') ?? null;
    expect(compactJson(sortedNode(node))).to.equal('{"B":0,"a":{"c":1,"d":1},"b":[{"a":2,"z":1},3]}');
  });
});
