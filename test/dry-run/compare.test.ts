import { expect } from 'chai';
import { compareImages } from '../../adapter/dry-run/compare.ts';
import type { EventImage, ReportImage } from '../../adapter/dry-run/event-image.ts';
import { rewound } from '../../adapter/dry-run/rewind.ts';
import type { CodeRow } from '../../adapter/ledger/code-state.ts';

const IMAGE: EventImage = {
  eventNo: 1, event: { id: 'D1', source: 'his', institution: 'H1', kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', lines: [{ lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, codes: ['89990010000000010001'] }] },
  lines: [{ lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', units: '12', split: false, exclusion: undefined }],
  moves: [{ lineNo: '1', code: '89990010000000010001', from: 'in-stock', to: 'dispensed', units: '0' }], findings: [], reports: [],
};
const REPORT: ReportImage = { destination: 'insurance', operation: '3505', covers: ['1'], codes: [], fate: 'goes', reason: undefined };

describe('dry run: comparison', () => {
  it('finds nothing between equal events, and one difference for an event on one side only', () => {
    expect(compareImages(IMAGE, { ...IMAGE, eventNo: 9 })).to.deep.equal([]);
    expect(compareImages(undefined, IMAGE)).to.have.length(1);
    expect(compareImages(IMAGE, undefined)).to.have.length(1);
    expect(compareImages(undefined, undefined)).to.deep.equal([]);
  });

  it('takes no stamp of arrival for a difference', () => {
    const stamped = { ...IMAGE, event: { ...IMAGE.event, occurredAt: '2026-11-22T09:31:06+08:00' } };
    expect(compareImages(IMAGE, stamped, { arrivedAt: '2026-11-22T09:31:06+08:00' })).to.deep.equal([]);
    expect(compareImages(IMAGE, stamped)).to.have.length(1);
  });

  it('tells an exclusion, a lost line and an amount taken from a pack', () => {
    const [line] = IMAGE.lines;
    if (line === undefined) throw new Error('the image has a line');
    expect(compareImages(IMAGE, { ...IMAGE, lines: [{ ...line, exclusion: '中药饮片' }] })).to.deep.equal([{ kind: 'exclusion', lineNo: '1', what: 'exclusion', after: '中药饮片' }]);
    expect(compareImages(IMAGE, { ...IMAGE, lines: [] }).map(({ kind }) => kind)).to.deep.equal(['line']);
    const taken = (units: string): EventImage => ({ ...IMAGE, moves: IMAGE.moves.map((move) => ({ ...move, to: 'opened', units })) });
    expect(compareImages(taken('5000000'), taken('2500000'))[0]).to.include({ kind: 'code', before: 'in-stock→opened 5', after: 'in-stock→opened 2.5' });
  });

  it('compares reports by whether they go out and why not, and leaves aside those whose later life hides the plan', () => {
    const [one, other] = [{ ...IMAGE, reports: [REPORT] }, { ...IMAGE, reports: [{ ...REPORT, fate: 'attention' as const, reason: 'CODES_MISSING' }] }];
    expect(compareImages(one, other)).to.deep.equal([{ kind: 'report', lineNo: '1', what: 'insurance 3505', before: 'goes lines=1', after: 'attention (CODES_MISSING) lines=1' }]);
    expect(compareImages({ ...IMAGE, reports: [{ ...REPORT, fate: 'any' }] }, other)).to.deep.equal([]);
  });
});

describe('dry run: the ledger as it was', () => {
  const NOW: CodeRow = {
    code: '89990010000000010001', scheme: 'cn20', prefix: '8999001', state: 'dispensed', drug: 'YP1', lot: 'A1', producedOn: undefined, expiresOn: undefined, level: 1, location: undefined,
    unitsTotal: 12n, unitsLeft: 0n, openedAt: 5, lastEventNo: 9, receivedCount: 1, soldCount: 0, returnedCount: 0, warning: undefined, warnedAt: undefined,
  };
  const move = { code: NOW.code, lineNo: '1', kind: 'dispense' as const };
  const OPENED = { ...move, eventNo: 7, from: 'in-stock' as const, to: 'opened' as const, units: 5n, firstOpening: true };
  const EMPTIED = { ...move, eventNo: 9, from: 'opened' as const, to: 'dispensed' as const, units: 7n, firstOpening: false };

  it('gives back what was taken from an opened pack, and closes one that was not open yet', () => {
    expect(rewound(NOW, [EMPTIED], 7)).to.deep.include({ state: 'opened', unitsLeft: 7n, lastEventNo: 7, openedAt: 5 });
    expect(rewound(NOW, [OPENED, EMPTIED], 3)).to.deep.include({ state: 'in-stock', unitsLeft: 12n, lastEventNo: 3, openedAt: undefined });
  });

  it('takes back the count of a whole pack sold, and knows no code before its first move', () => {
    const sold = { ...NOW, soldCount: 1, openedAt: undefined };
    const whole = { ...move, eventNo: 9, from: 'in-stock' as const, to: 'dispensed' as const, units: 0n, firstOpening: false };
    expect(rewound(sold, [whole], 3)).to.deep.include({ state: 'in-stock', soldCount: 0, unitsLeft: 12n });
    expect(rewound(sold, [{ ...whole, from: 'unseen' }], undefined)).to.equal(undefined);
    expect(rewound(sold, [], 3)).to.equal(sold);
  });
});
