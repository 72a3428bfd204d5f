import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventLine } from '../../adapter/domain/event.ts';
import { UNKNOWN_DRUG, type DrugUse } from './catalogue.ts';
import type { Sent } from './day-book.ts';
import { STORE_KEEPER } from './people.ts';
import { batchOf, drugsOf, makeBatch, OUTPATIENT_PHARMACY, packLine, restEvent, STORE, SUPPLIERS, WARD_PHARMACY, type Scene } from './scene.ts';

/** Packs per drug at the first stock count. */
const OPENING_STOCK: Readonly<Record<Exclude<DrugUse, 'exempt'>, number>> = { packs: 30, tablets: 9, injection: 16, import: 12 };

/** First stock count with codes: loads what is on the shelves (contract section 4). */
export function countStock(scene: Scene): void {
  const groups: readonly { readonly uses: readonly Exclude<DrugUse, 'exempt'>[]; readonly place: string }[] = [
    { uses: ['packs'], place: OUTPATIENT_PHARMACY }, { uses: ['tablets', 'import'], place: OUTPATIENT_PHARMACY }, { uses: ['injection'], place: WARD_PHARMACY },
  ];
  let minute = 7 * 60 + 20;
  for (const { uses, place } of groups) {
    const lines = uses.flatMap((use) => drugsOf(scene, use).map((drug) => ({ drug, count: OPENING_STOCK[use] })));
    for (let at = 0; at < lines.length; at += 7) {
      const some = lines.slice(at, at + 7);
      scene.agenda.add(minute, () => { countSome(scene, some, place); });
      minute += 2;
    }
  }
  scene.agenda.add(minute, () => { countWithoutCodes(scene); });
}

function countSome(scene: Scene, some: readonly { readonly drug: Drug; readonly count: number }[], location: string): void {
  const lines = some.map(({ drug, count }, at) => {
    const packs = scene.stock.newPacks(drug, count, makeBatch(scene));
    scene.stock.put(packs);
    return packLine(drug, packs, at + 1);
  });
  const id = scene.book.nextId('PD');
  scene.book.rest(restEvent(scene, { id, kind: 'stock-count', documentNo: id, location, operator: STORE_KEEPER, lines }), '首次盘存，按码装载库存');
}

/** 无码库: stock from before the codes. */
function countWithoutCodes(scene: Scene): void {
  const id = scene.book.nextId('PD');
  const lines = drugsOf(scene, 'packs').slice(0, 2).map((drug, at): EventLine => ({ ...packLine(drug, [], at + 1), quantity: '5', ...batchOf(makeBatch(scene)) }));
  scene.book.rest(restEvent(scene, { id, kind: 'stock-count', documentNo: id, location: STORE, operator: STORE_KEEPER, lines }), '无码库存盘存（赋码前购入）');
}

const RECEIPTS = 12;

/** The deliveries of the morning. */
export function receiveGoods(scene: Scene): void {
  for (let number = 0; number < RECEIPTS; number += 1) {
    scene.agenda.add(7 * 60 + 50 + number * 11, () => { receive(scene, number); });
  }
}

function receive(scene: Scene, number: number): void {
  const drugs = drugsOf(scene, 'packs');
  const chosen = [0, 1, 2].map((at) => drugs[(number * 3 + at) % drugs.length]).filter((drug) => drug !== undefined);
  if (number % 4 === 1) chosen.push(...drugsOf(scene, 'injection').slice(number % 3, (number % 3) + 2));
  // the last one is a mistake and is voided before anything of it is used: its goods never reach the shelves
  const isMistake = number === RECEIPTS - 1;
  const lines = chosen.map((drug, at) => receiptLine(scene, drug, at + 1, isMistake));
  if (number === 3) lines.push(...drugsOf(scene, 'exempt').map((drug, at): EventLine => ({ ...packLine(drug, [], lines.length + 1 + at), quantity: '50', ...batchOf(makeBatch(scene)) })));
  if (number === 5) lines.push(...drugsOf(scene, 'import').map((drug) => importLine(scene, drug, lines.length + 1)));
  if (number === 7) lines.push(unknownLine(scene, lines.length + 1));
  const id = scene.book.nextId('RK');
  const sent = scene.book.rest(restEvent(scene, {
    id, kind: 'receipt', documentNo: id, location: STORE, operator: STORE_KEEPER, counterparty: SUPPLIERS[number % SUPPLIERS.length] ?? SUPPLIERS[0],
    invoiceNo: `FP${scene.random.digits(8)}`, deliveryNoteNo: `SH${scene.random.digits(10)}`, lines,
  }), '采购入库，含大、中、小包装追溯码');
  if (isMistake) voidLater(scene, sent);
}

/** Cartons come with the codes of everything in them; drugs without larger packages come as single packs. */
function receiptLine(scene: Scene, drug: Drug, lineNo: number, isMistake: boolean): EventLine {
  const packs = scene.stock.newPacks(drug, drug.packsPerCase ?? scene.random.int(8, 15), makeBatch(scene));
  if (!isMistake) scene.stock.put(packs);
  const larger = drug.prefixCase === undefined || drug.prefixInner === undefined ? []
    : [scene.stock.newCode(drug.prefixCase), ...Array.from({ length: (drug.packsPerCase ?? 0) / (drug.packsPerInner ?? 1) }, () => scene.stock.newCode(drug.prefixInner ?? ''))];
  const line = packLine(drug, packs, lineNo);
  return { ...line, codes: [...larger, ...line.codes] };
}

/** The importer's codes are GS1: the receiving scanner sends them as element strings. */
function importLine(scene: Scene, drug: Drug, lineNo: number): EventLine {
  const packs = scene.stock.newPacks(drug, 10, makeBatch(scene));
  scene.stock.put(packs);
  const line = packLine(drug, packs, lineNo);
  const dates = `17${line.expiresOn?.replaceAll('-', '').slice(2) ?? ''}10${line.lot ?? ''}`;
  return { ...line, codes: line.codes.map((code, at) => (at % 2 === 0 ? `]d2${code.replace(/\((\d\d)\)/g, '$1').replace(/^(01\d{14})/, `$1${dates}\u001D`)}` : code)) };
}

function unknownLine(scene: Scene, lineNo: number): EventLine {
  const drug: Drug = { drug: UNKNOWN_DRUG.id, name: UNKNOWN_DRUG.name, packUnit: '盒', prefixUnit: UNKNOWN_DRUG.prefix, price: '88.0' };
  const packs = scene.stock.newPacks(drug, 4, makeBatch(scene));
  scene.stock.put(packs);
  return packLine(drug, packs, lineNo);
}

function voidLater(scene: Scene, sent: Sent): void {
  scene.agenda.add(11 * 60 + 40, () => {
    scene.book.rest(restEvent(scene, { id: scene.book.nextId('ZF'), kind: 'void', refers: sent.event.id, operator: STORE_KEEPER, lines: [] }), '作废误录的入库单');
    scene.book.takeBack(sent.event);
  });
}
