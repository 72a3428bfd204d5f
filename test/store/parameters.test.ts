import { expect } from 'chai';
import fc from 'fast-check';
import { checkParameters, numberPlaceholders } from '../../adapter/store/parameters.ts';

describe('store/parameters', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['SELECT 1', 'SELECT 1', 0],
    ['a = ? AND b IN (?,?)', 'a = $1 AND b IN ($2,$3)', 3],
    ["a = '?' AND b = ?", "a = '?' AND b = $1", 1],
    ["a = 'it''s ?' AND b = ?", "a = 'it''s ?' AND b = $1", 1],
    ["'' || ? || ''''", "'' || $1 || ''''", 1],
    ['SELECT ? AS "what?", "a""?b"', 'SELECT $1 AS "what?", "a""?b"', 1],
    ['SELECT ? -- really?\n, ?', 'SELECT $1 -- really?\n, $2', 2],
    ['SELECT ? -- it\'s ?', 'SELECT $1 -- it\'s ?', 1],
    ["SELECT /* ? ' \n ? */ ?, '/*', ?", "SELECT /* ? ' \n ? */ $1, '/*', $2", 2],
    ["SELECT '--', ?", "SELECT '--', $1", 1],
    ['SELECT 7/?-?', 'SELECT 7/$1-$2', 2],
  ];
  for (const [sql, text, count] of cases) {
    it(`numbers ${JSON.stringify(sql)}`, () => { expect(numberPlaceholders(sql)).to.deep.equal({ text, count }); });
  }

  it('never touches what stands in a literal, whatever it holds', () => {
    fc.assert(fc.property(fc.array(fc.string()), (literals) => {
      const quoted = literals.map((literal) => `'${literal.replaceAll("'", "''")}'`);
      const { text, count } = numberPlaceholders(quoted.map((literal) => `${literal} || ?`).join(' || '));
      expect(count).to.equal(literals.length);
      expect(text).to.equal(quoted.map((literal, at) => `${literal} || $${String(at + 1)}`).join(' || '));
    }));
  });

  it('names the parameter that cannot be stored', () => {
    expect(() => { checkParameters(['a', 1.5], 2); }).to.throw(RangeError, 'parameter 2');
    expect(() => { checkParameters([undefined], 1); }).to.throw(TypeError, 'parameter 1 is of type undefined');
    expect(() => { checkParameters(['a'], 2); }).to.throw(TypeError, 'takes 2 parameters, 1 were given');
    expect(() => { checkParameters(['a', 0, null, new Uint8Array(1)], 4); }).not.to.throw();
  });
});
