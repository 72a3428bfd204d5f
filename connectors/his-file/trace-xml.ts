import type { FileCell, FileRow } from './file-rows.ts';

/**
 * Legacy trace XML (mah.md 9): `Document/Events/Event@Name,@MainAction/DataField/Data`, as handheld scanners and the uploader of the code
 * network write it. Data attributes: Code, CorpOrderID (bill), Actor, ActDate, ToCorpID, WrongCode, CorpProductID, CorpBatchNo, ProduceDate.
 */
export interface XmlBill {
  /** `PurchaseWareHouseIn RK20261122001`: the bill's own id */
  readonly id: string;
  readonly rows: readonly FileRow[];
  /** place and reason of what cannot be read, for the whole bill */
  readonly wrong?: { readonly at: string; readonly value: string; readonly detail: string };
}

/** Event names that are business of a hospital; the misspelt Destory is how the schema has it. */
const KINDS: Readonly<Record<string, string>> = {
  PurchaseWareHouseIn: 'receipt', ReturnWareHouseIn: 'dispense-return', AllocateWareHouseIn: 'transfer-in', SalesWareHouseOut: 'dispense', ReturnWareHouseOut: 'supplier-return',
  AllocateWareHouseOut: 'transfer-out', DestoryWareHouseOut: 'destroy', DestroyWareHouseOut: 'destroy', CheckWareHouseOut: 'other-out',
};
const MAX_CODES = 200_000;
const TAG = /<(\/?)([A-Za-z_][\w.:-]*)((?:[^<>"']|"[^"<]*"|'[^'<]*')*?)(\/?)>/gy;
const ATTRIBUTE = /([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

interface Data { readonly at: string; readonly event: string; readonly attributes: ReadonlyMap<string, string> }

/** @returns the bills of the document, in order, or why it is no such document */
export function readTraceXml(text: string, unit: string): { readonly bills: readonly XmlBill[] } | { readonly fault: string } {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return { fault: 'XML 不接受 DOCTYPE 或实体声明' };
  const read = readData(text);
  if ('fault' in read) return read;
  if (read.data.length === 0) return { fault: 'XML 中没有 Document/Events/Event/DataField/Data。请核对是否为追溯系统或手持终端导出的出入库文件' };
  const bills = new Map<string, Data[]>();
  for (const one of read.data) {
    const key = `${one.event} ${one.attributes.get('corporderid') ?? ''}`;
    bills.set(key, [...(bills.get(key) ?? []), one]);
  }
  return { bills: [...bills].map(([id, data]) => billOf(id, data, unit)) };
}

function readData(text: string): { readonly data: readonly Data[] } | { readonly fault: string } {
  const stack: string[] = [];
  const data: Data[] = [];
  let event = '';
  let events = 0;
  let within = 0;
  let at = text.indexOf('<');
  while (at >= 0) {
    if (text.startsWith('<?', at) || text.startsWith('<!--', at)) {
      const end = text.indexOf(text.startsWith('<?', at) ? '?>' : '-->', at);
      if (end < 0) return { fault: brokenAt(text, at) };
      at = text.indexOf('<', end);
      continue;
    }
    TAG.lastIndex = at;
    const tag = TAG.exec(text);
    if (tag === null) return { fault: brokenAt(text, at) };
    const [, close, name = '', attributes = '', empty] = tag;
    const local = name.slice(name.indexOf(':') + 1);
    if (close === '/') {
      if (stack.pop() !== name) return { fault: brokenAt(text, at) };
    } else {
      const map = local === 'Event' || local === 'Data' ? attributesOf(attributes) : undefined;
      if (local === 'Event' && map !== undefined) {
        event = map.get('name') ?? '';
        events += 1;
        within = 0;
      }
      if (local === 'Data' && map?.has('code') === true && stack.some((parent) => parent.endsWith('Event'))) {
        within += 1;
        data.push({ at: `Event[${String(events)}]/Data[${String(within)}]`, event, attributes: map });
        if (data.length > MAX_CODES) return { fault: `一个文件至多 ${String(MAX_CODES)} 个追溯码。请分成几个文件` };
      }
      if (empty !== '/') stack.push(name);
    }
    at = text.indexOf('<', TAG.lastIndex);
  }
  return stack.length === 0 ? { data } : { fault: `XML 不完整：<${(stack.at(-1) ?? '').slice(0, 40)}> 没有结束（文件可能没有写完）` };
}

function brokenAt(text: string, at: number): string {
  return `XML 第 ${String(text.slice(0, at).split('\n').length)} 行有语法错误或不完整`;
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(ATTRIBUTE)].map(([, name = '', double, single]) => [name.toLowerCase(), plain(double ?? single ?? '').trim()] as const));
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: '\'', amp: '&' };

function plain(text: string): string {
  return text.replace(/&(?:#(\d{1,6})|#x([\da-f]{1,5})|(lt|gt|quot|apos|amp));/gi, (_, decimal?: string, hex?: string, name?: string) =>
    (name !== undefined ? NAMED[name.toLowerCase()] ?? '' : String.fromCodePoint(decimal !== undefined ? Number(decimal) : Number.parseInt(hex ?? '0', 16))));
}

/** One line for each drug and lot; its quantity is the number of packs scanned, because the format has no other. */
function billOf(id: string, data: readonly Data[], unit: string): XmlBill {
  const [first] = data;
  const event = first?.event ?? '';
  const wrong = wrongWith(event, data);
  if (wrong !== undefined) return { id: id.trim(), rows: data.slice(0, 1).map((one) => ({ at: one.at, cells: {} })), wrong };
  const lines = new Map<string, Data[]>();
  for (const one of data) {
    const key = JSON.stringify([one.attributes.get('corpproductid'), one.attributes.get('corpbatchno') ?? '', one.attributes.get('producedate') ?? '']);
    lines.set(key, [...(lines.get(key) ?? []), one]);
  }
  const times = data.map((one) => one.attributes.get('actdate') ?? '').filter((time) => time !== '').sort();
  return { id, rows: [...lines.values()].map((codes, at) => rowOf(codes, { lineNo: at + 1, kind: KINDS[event] ?? '', unit, id, time: times[0] ?? '' })) };
}

function wrongWith(event: string, data: readonly Data[]): XmlBill['wrong'] {
  const [first] = data;
  if (!Object.hasOwn(KINDS, event)) return { at: `${(first?.at ?? 'Event[1]').replace(/\/.*/, '')}@Name`, value: event, detail: `不是医院的出入库业务；支持 ${Object.keys(KINDS).join('、')}` };
  const replaced = data.find((one) => (one.attributes.get('wrongcode') ?? '') !== '');
  if (replaced !== undefined) return { at: `${replaced.at}@WrongCode`, value: replaced.attributes.get('wrongcode') ?? '', detail: '换码记录须由人工核对，不能自动登记。请去掉该条后重新导出，并在系统中分别登记' };
  for (const [name, label] of [['corporderid', 'CorpOrderID（单据号）'], ['corpproductid', 'CorpProductID（药品编码）']] as const) {
    const missing = data.find((one) => (one.attributes.get(name) ?? '') === '');
    if (missing !== undefined) return { at: missing.at, value: '', detail: `缺少 ${label}。请在手持终端的导出设置中加入该项后重新导出` };
  }
  return undefined;
}

function rowOf(codes: readonly Data[], of: { readonly lineNo: number; readonly kind: string; readonly unit: string; readonly id: string; readonly time: string }): FileRow {
  const [first] = codes;
  const place = first?.at ?? '';
  const cells: Record<string, FileCell> = {};
  const put = (column: string, text: string, name?: string): void => { if (text !== '') cells[column] = { at: name === undefined ? place : `${place}@${name}`, text, kind: 'text' }; };
  const told = (name: string): string => first?.attributes.get(name.toLowerCase()) ?? '';
  put('EVENT_ID', of.id, 'CorpOrderID');
  put('EVENT_KIND', of.kind);
  put('OCCURRED_AT', of.time, 'ActDate');
  put('DOCUMENT_NO', told('CorpOrderID'), 'CorpOrderID');
  put('COUNTERPARTY_CODE', told('ToCorpID'), 'ToCorpID');
  put('OPERATOR_NAME', told('Actor'), 'Actor');
  put('LINE_NO', String(of.lineNo));
  put('DRUG_CODE', told('CorpProductID'), 'CorpProductID');
  put('LOT', told('CorpBatchNo'), 'CorpBatchNo');
  put('PRODUCED_ON', told('ProduceDate'), 'ProduceDate');
  put('QUANTITY', String(new Set(codes.map((one) => one.attributes.get('code'))).size));
  put('UNIT', of.unit);
  put('IS_SPLIT', '0');
  put('TRACE_CODES', codes.map((one) => one.attributes.get('code') ?? '').join(' '), 'Code');
  return { at: place, cells };
}
