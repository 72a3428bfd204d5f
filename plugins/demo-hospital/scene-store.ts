import type { Counterparty, EventKind, TraceEvent } from '../../adapter/domain/event.ts';
import { STORE_KEEPER } from './people.ts';
import { drugsOf, makeBatch, packLine, restEvent, STORE, SUPPLIERS, type Scene } from './scene.ts';

interface Movement {
  readonly minute: number;
  readonly kind: EventKind;
  readonly prefix: string;
  readonly note: string;
  readonly packs: number;
  readonly counterparty?: Counterparty;
  readonly invoice?: boolean;
}

/** What happens in the drug store besides receiving (mah.md 4.1, contract section 4). */
export function runStore(scene: Scene): void {
  const other: Counterparty = { code: scene.otherInstitution, name: '演示社区卫生服务中心' };
  const [supplier] = SUPPLIERS;
  const movements: readonly Movement[] = [
    { minute: 9 * 60 + 40, kind: 'transfer-in', prefix: 'DR', note: '医联体调入', packs: 6, counterparty: other },
    { minute: 10 * 60 + 5, kind: 'transfer-out', prefix: 'DC', note: '医联体调出', packs: 4, counterparty: other },
    { minute: 10 * 60 + 30, kind: 'supplier-return', prefix: 'CT', note: '退回供应商', packs: 3, counterparty: supplier, invoice: true },
    { minute: 11 * 60 + 5, kind: 'gift-in', prefix: 'ZS', note: '赠药入库', packs: 5, counterparty: supplier },
    { minute: 14 * 60 + 10, kind: 'destroy', prefix: 'XH', note: '破损销毁', packs: 2 },
    { minute: 14 * 60 + 30, kind: 'supplier-return', prefix: 'CT', note: '退回供应商', packs: 2, counterparty: SUPPLIERS[1], invoice: true },
    { minute: 15 * 60 + 5, kind: 'gift-return', prefix: 'ZT', note: '赠药退回', packs: 1, counterparty: supplier },
    { minute: 15 * 60 + 30, kind: 'other-in', prefix: 'QR', note: '其他入库', packs: 2 },
    { minute: 15 * 60 + 50, kind: 'other-out', prefix: 'QC', note: '其他出库', packs: 1 },
    { minute: 16 * 60 + 20, kind: 'transfer-out', prefix: 'DC', note: '医联体调出', packs: 2, counterparty: other },
    { minute: 17 * 60 + 5, kind: 'stock-gain', prefix: 'PY', note: '盘盈', packs: 1 },
    { minute: 17 * 60 + 15, kind: 'stock-loss', prefix: 'PK', note: '盘亏', packs: 2 },
    { minute: 17 * 60 + 25, kind: 'destroy', prefix: 'XH', note: '过期销毁', packs: 1 },
  ];
  for (const [number, movement] of movements.entries()) scene.agenda.add(movement.minute, () => { move(scene, movement, number); });
}

const INBOUND: ReadonlySet<EventKind> = new Set(['transfer-in', 'gift-in', 'other-in', 'stock-gain']);

function move(scene: Scene, movement: Movement, number: number): void {
  const { book, stock, random } = scene;
  const drugs = drugsOf(scene, 'packs').filter((drug) => stock.count(drug.drug) >= movement.packs || INBOUND.has(movement.kind));
  const drug = drugs[(number * 5) % drugs.length];
  if (drug === undefined) return;
  const packs = INBOUND.has(movement.kind) ? stock.newPacks(drug, movement.packs, makeBatch(scene)) : stock.take(drug.drug, movement.packs);
  if (packs === undefined) return;
  if (INBOUND.has(movement.kind)) stock.put(packs);
  const id = book.nextId(movement.prefix);
  const event: TraceEvent = restEvent(scene, {
    id, kind: movement.kind, documentNo: id, location: STORE, operator: STORE_KEEPER, lines: [packLine(drug, packs, 1)],
    ...(movement.counterparty === undefined ? {} : { counterparty: movement.counterparty }), ...(movement.invoice === true ? { invoiceNo: `FP${random.digits(8)}` } : {}),
  });
  book.rest(event, movement.note);
}
