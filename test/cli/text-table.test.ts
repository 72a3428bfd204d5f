import { expect } from 'chai';
import { textTable } from '../../adapter/cli/text-table.ts';
import { cutText, padText, textWidth } from '../../adapter/cli/text-width.ts';

describe('tables on a terminal', () => {
  it('counts Chinese characters as two columns', () => {
    expect(textWidth('药品a，')).to.equal(7);
    expect(padText('药', 4)).to.equal('药  ');
    expect(padText('药', 4, 'right')).to.equal('  药');
    expect(cutText('药品追溯码', 6)).to.equal('药品…');
  });

  it('aligns every column by width, numbers to the right', () => {
    const lines = textTable(['名称', 'n'], [['药品', '5'], ['a', '1000']], { columns: 80, numbers: [1] }).trimEnd().split('\n');
    expect(lines).to.deep.equal(['名称     n', '────  ────', '药品     5', 'a     1000']);
  });

  it('cuts the widest columns to fit the terminal', () => {
    const lines = textTable(['a', 'b'], [['x'.repeat(200), 'short']], { columns: 60 }).trimEnd().split('\n');
    for (const line of lines) expect(textWidth(line)).to.be.at.most(60);
    expect(lines[2]).to.contain('…').and.contain('short');
  });

  it('takes control characters out of outside data', () => {
    expect(textTable(['a'], [['x\u001B[2J\ny']], { columns: 80 })).to.contain('x [2J y');
  });
});
