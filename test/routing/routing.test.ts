import { expect } from 'chai';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import type { Destination, LineCode, PlannedReport, ReportedEvent, ReportLine } from '../../adapter/ports/destination.ts';
import { ownerBy, type ProductRoute } from '../../adapter/routing/product-routes.ts';
import { routeHolders } from '../../adapter/routing/route-holders.ts';

function lineOf(lineNo: string, prefixes: readonly string[], drug: Partial<NonNullable<ReportLine['drug']>> = {}): ReportLine {
  const codes = prefixes.map((prefix, at): LineCode => ({ code: `${prefix}${lineNo}${String(at)}`, scheme: 'cn20', prefix, level: 1, units: '24', firstOpening: false }));
  return { line: { lineNo, drug: 'YP1', quantity: '1', unit: '盒', split: false, codes: codes.map((code) => code.code) }, drug: { drug: 'YP1', name: '演示药品', ...drug }, codes, units: '24', packs: '1' };
}

function reportedOf(lines: readonly ReportLine[]): ReportedEvent {
  const event: TraceEvent = { id: 'E1', source: 'his', institution: 'H1', kind: 'dispense', occurredAt: '2026-11-22T09:00:00+08:00', lines: lines.map((line) => line.line) };
  return { institution: { code: 'H1', name: '示范医院', region: '350102', level: 3 }, event, lines };
}

function fake(name: string): Destination & { readonly planned: string[][] } {
  const planned: string[][] = [];
  return {
    name, planned, limits: { batch: 1, concurrency: 1 },
    plan: ({ lines }) => {
      planned.push(lines.map(({ line }) => line.lineNo));
      return [{ operation: '323', key: `${name}-1`, covers: lines.map(({ line }) => line.lineNo), codes: [], batchKey: '323', priority: 0 }];
    },
    planReversal: () => undefined, send: () => Promise.resolve([]), ask: () => Promise.resolve([]), stop: () => Promise.resolve(), probe: () => Promise.resolve([]),
  };
}

const route = (destination: string, over: Partial<ProductRoute> = {}): ProductRoute => ({ destination, prefixes: [], gtins: [], holders: [], others: false, ...over });

describe('routing: who answers for a product', () => {
  const ownerOf = ownerBy([
    route('ali', { others: true }), route('own', { prefixes: ['8999001'], gtins: ['6912345678901'] }), route('firm', { prefixes: ['8999002'], holders: ['示范制药（集团）有限公司'] }),
    route('twin', { prefixes: ['8999009'] }), route('twin2', { prefixes: ['8999009'] }),
  ]);
  const name = (line: ReportLine): string => { const owner = ownerOf(line); return owner.kind === 'one' ? owner.destination : 'unknown'; };
  const table: readonly [string, ReportLine, string][] = [
    ['by the prefix of its codes', lineOf('1', ['8999001', '8999001']), 'own'],
    ['by a GTIN of any length', lineOf('1', ['06912345678901']), 'own'],
    ['by the prefix of another level of the drug when the scanned one is not listed', lineOf('1', ['8999777'], { prefixUnit: '8999002' }), 'firm'],
    ['by the drug when nothing was scanned', lineOf('1', [], { prefixUnit: '8999001' }), 'own'],
    ['by the holder, however its name is written', lineOf('1', ['8999003'], { manufacturer: '示范制药(集团) 有限公司' }), 'firm'],
    ['by the prefix before the holder', lineOf('1', ['8999001'], { manufacturer: '示范制药（集团）有限公司' }), 'own'],
    ['to the system for all others', lineOf('1', ['8999555'], { manufacturer: '别的企业' }), 'ali'],
    ['to nobody when codes of two systems are on one line', lineOf('1', ['8999001', '8999002']), 'unknown'],
    ['to nobody when two systems list the product', lineOf('1', ['8999009']), 'unknown'],
  ];
  for (const [title, line, expected] of table) it(`gives a line ${title}`, () => { expect(name(line)).to.equal(expected); });
  it('gives a product that nobody lists to nobody when no system takes all others', () => {
    expect(ownerBy([route('own', { prefixes: ['8999001'] })])(lineOf('1', ['8999555'])).kind).to.equal('unknown');
  });
});

describe('routing: what each system is told', () => {
  const products = (over: object): { prefixes: string[]; gtins: string[]; holders: string[]; others?: boolean } => ({ prefixes: [], gtins: [], holders: [], ...over });
  const lines = [lineOf('1', ['8999001']), lineOf('2', ['8999002']), lineOf('3', ['8999555'])];
  const coversOf = (plans: readonly PlannedReport[]): string[] => plans.flatMap((plan) => plan.covers).sort();

  it('tells a lone system everything and changes nothing about it', () => {
    const mah = fake('mah');
    expect(routeHolders([{ destination: mah, holderSide: true, products: undefined }])).to.deep.equal([mah]);
  });
  it('tells each system its own lines, covers every line at every system, and keeps unknown ones once for a person', () => {
    const [insurance, one, two] = [fake('insurance'), fake('one'), fake('two')];
    const [first, second, third] = routeHolders([
      { destination: insurance, holderSide: false, products: undefined }, { destination: one, holderSide: true, products: products({ prefixes: ['8999001'] }) }, { destination: two, holderSide: true, products: products({ prefixes: ['8999002'] }) },
    ]);
    const plans = [first, second, third].map((destination) => destination?.plan(reportedOf(lines)) ?? []);
    expect(insurance.planned).to.deep.equal([['1', '2', '3']]);
    expect(one.planned).to.deep.equal([['1']]);
    expect(two.planned).to.deep.equal([['2']]);
    for (const plan of plans) expect(coversOf(plan)).to.deep.equal(['1', '2', '3']);
    const attention = plans.flat().filter((plan) => plan.unsendable !== undefined);
    expect(attention.map((plan) => [plan.covers, plan.unsendable?.reason])).to.deep.equal([[['3'], 'OWNER_UNKNOWN']]);
    const keys = plans.flat().map((plan) => plan.key);
    expect(new Set(keys).size).to.equal(keys.length);
  });
  it('never plans at a system none of whose products moved', () => {
    const [one, two] = [fake('one'), fake('two')];
    const [, second] = routeHolders([{ destination: one, holderSide: true, products: products({ others: true }) }, { destination: two, holderSide: true, products: products({ prefixes: ['8999002'] }) }]);
    const plan = second?.plan(reportedOf([lineOf('1', ['8999001'])])) ?? [];
    expect(two.planned).to.deep.equal([]);
    expect(plan.map((one_) => one_.notOwed)).to.deep.equal(['产品由 one 负责']);
  });
});
