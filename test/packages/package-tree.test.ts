import { expect } from 'chai';
import { overlapsIn, packageTree, withoutCovered, type PackageNode } from '../../adapter/packages/package-tree.ts';
import { readRelationFile } from '../../adapter/packages/relation-file.ts';
import type { Table } from '../../adapter/ports/table-reader.ts';

const code = (level: number, serial: number): string => `8999${String(level)}01${String(serial).padStart(9, '0')}0001`;
const [CASE, INNER_A, INNER_B] = [code(3, 1), code(2, 1), code(2, 2)];
const UNITS = [1, 2, 3, 4].map((serial) => code(1, serial));
const FULL: readonly PackageNode[] = [
  { code: CASE, level: 3, packs: 4 }, { code: INNER_A, level: 2, parent: CASE }, { code: INNER_B, level: 2, parent: CASE },
  ...UNITS.map((unit, at): PackageNode => ({ code: unit, level: 1, parent: at < 2 ? INNER_A : INNER_B })),
];

describe('packages: tree', () => {
  it('opens a case down to its single packs, through the inner packages', () => {
    const tree = packageTree(FULL);
    expect(tree.expand(CASE)).to.deep.equal({ kind: 'whole', units: UNITS });
    expect(tree.expand(UNITS[0] ?? '')).to.deep.equal({ kind: 'whole', units: [UNITS[0]] });
    expect(tree.ancestorsOf(UNITS[0] ?? '')).to.deep.equal([INNER_A, CASE]);
  });

  it('leaves a carton pending as long as the content of one of its parts is not known', () => {
    expect(packageTree([{ code: CASE, level: 3, packs: 4 }]).expand(CASE)).to.deep.equal({ kind: 'pending' });
    expect(packageTree(FULL.slice(0, 5)).expand(CASE)).to.deep.equal({ kind: 'pending' });
  });

  it('calls an aggregation broken that holds another number of packs than declared, and keeps what is known of it', () => {
    const tree = packageTree(FULL.slice(0, -1));
    expect(tree.expand(CASE)).to.deep.include({ kind: 'broken', units: UNITS.slice(0, 3) });
    expect(packageTree([...FULL, { code: INNER_B, broken: true }]).expand(CASE).kind).to.equal('broken');
  });

  it('counts a carton that alone is coded as one, whatever it holds', () => {
    expect(packageTree([{ code: CASE, level: 3, packs: 120, smallest: true }]).expand(CASE)).to.deep.equal({ kind: 'whole', units: [CASE] });
  });

  it('leaves out and names a relation that cannot be', () => {
    const faults = (nodes: readonly PackageNode[]): unknown => packageTree(nodes).faults.map(({ kind }) => kind);
    expect(faults([{ code: CASE, parent: CASE }])).to.deep.equal(['self']);
    expect(faults([{ code: INNER_A, parent: CASE }, { code: CASE, parent: INNER_A }])).to.deep.equal(['cycle']);
    expect(faults([{ code: UNITS[0] ?? '', parent: INNER_A }, { code: UNITS[0] ?? '', parent: INNER_B }])).to.deep.equal(['two-parents']);
    expect(faults([{ code: INNER_A, level: 2, parent: UNITS[0] ?? '' }, { code: UNITS[0] ?? '', level: 1 }])).to.deep.equal(['level']);
    expect(faults([{ code: 'A', parent: 'B' }, { code: 'B', parent: 'C' }, { code: 'C', parent: 'A' }])).to.deep.equal(['cycle']);
  });

  it('finds parent and child named together at any distance, and drops the child', () => {
    const tree = packageTree(FULL);
    expect(overlapsIn([UNITS[0] ?? '', CASE, INNER_A], tree)).to.deep.equal([{ code: UNITS[0], inside: CASE }, { code: INNER_A, inside: CASE }]);
    expect(overlapsIn([INNER_A, UNITS[2] ?? ''], tree)).to.deep.equal([]);
    expect(withoutCovered([UNITS[0] ?? '', CASE, UNITS[0] ?? ''], tree)).to.deep.equal([CASE]);
  });
});

describe('packages: relation file', () => {
  const table = (rows: readonly (readonly string[])[]): Table => ({
    name: '', named: false, rows: rows.map((row, at) => ({ number: at + 1, cells: new Map(row.flatMap((text, column) => (text === '' ? [] : [[column, { text, kind: 'text' as const }]]))) })),
  });

  it('reads a list of single packs with their cartons, heads in Chinese or English', () => {
    for (const heads of [['追溯码', '上级码', '级别', '包装数量'], ['Code', 'parentCode', 'packLayer', 'packs']]) {
      const { nodes, problems } = readRelationFile([table([['随货清单'], heads, [UNITS[0] ?? '', INNER_A, '1', ''], [INNER_A, '', '2', '2']])]);
      expect(problems).to.deep.equal([]);
      expect(nodes).to.deep.equal([{ code: UNITS[0], parent: INNER_A, level: 1 }, { code: INNER_A, level: 2, packs: 2 }]);
    }
  });

  it('takes the good rows and names the bad ones by row', () => {
    const { nodes, problems } = readRelationFile([table([['追溯码', '上级码', '级别'], ['8.9E+19', INNER_A, '1'], [UNITS[0] ?? '', INNER_A, '4'], [UNITS[1] ?? '', UNITS[1] ?? '', '1'], [UNITS[2] ?? '', INNER_B, '1']])]);
    expect(problems.map(({ row }) => row)).to.deep.equal([2, 3, 4]);
    expect(nodes.map((node) => node.code)).to.deep.equal([UNITS[2]]);
    expect(readRelationFile([table([['药品', '数量']])]).problems[0]?.reason).to.contain('没有找到表头');
  });
});
