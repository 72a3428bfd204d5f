import { chinaCompact, parseInstant } from '../../adapter/domain/china-time.ts';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import type { MllpInput, RestInput } from './demo-day.ts';
import { REST_SOURCE, type Sent } from './day-book.ts';
import { header } from './hl7-fields.ts';
import { messageText, type MessageStyle } from './hl7-message.ts';
import type { Scene } from './scene.ts';

/** Repeats, contradictions and rubbish: none of them may change anything. */
export function makeMistakes(scene: Scene): void {
  const { agenda } = scene;
  for (let number = 0; number < 22; number += 1) agenda.add(8 * 60 + 50 + number * 24, () => { repeat(scene, number); });
  for (let number = 0; number < 4; number += 1) agenda.add(10 * 60 + 40 + number * 90, () => { contradict(scene, number % 2 === 0); });
  BAD_HL7.forEach((bad, at) => { agenda.add(9 * 60 + 5 + at * 47, () => { sendBadHl7(scene, bad); }); });
  BAD_EVENTS.forEach((bad, at) => { agenda.add(9 * 60 + 20 + at * 53, () => { sendBadEvent(scene, bad, at); }); });
}

/** The HIS sends again what it has sent before: the same bytes, or the same content in other bytes. */
function repeat(scene: Scene, number: number): void {
  const { book, random } = scene;
  const sent = random.pick(book.sent);
  const { item, event, style } = sent;
  if (item.via === 'rest') book.extra({ ...item, at: book.nowIso(), note: '重复发送：不再登记', expect: 'duplicate' });
  else if (number % 3 !== 0 || style === undefined) book.extra({ ...item, at: book.nowIso(), note: '重复发送：再次应答 AA' });
  else {
    const other: MessageStyle = { ...style, charset: 'GB18030' };
    book.extra(book.message(messageText(event, other), { charset: 'GB18030', note: '重复发送，字符集不同而内容相同', eventId: event.id, expect: 'AA' }));
  }
}

/** The same id with another quantity. */
function contradict(scene: Scene, overHl7: boolean): void {
  const { book, random } = scene;
  const candidates = book.sent.filter((one: Sent) => one.event.kind === 'dispense' && (one.style !== undefined) === overHl7 && one.event.lines.every((line) => line.codes.length > 0 && !line.split));
  if (candidates.length === 0) return;
  const { event, style } = random.pick(candidates);
  const changed: TraceEvent = { ...event, lines: event.lines.map((line) => ({ ...line, quantity: String(Number(line.quantity) + 1) })) };
  if (style === undefined) book.extra({ via: 'rest', at: book.nowIso(), note: '同一编号、内容不同：拒绝', eventId: event.id, event: changed as unknown as RestInput['event'], expect: 'rejected' });
  else book.extra(book.message(messageText(changed, { ...style, charset: 'UNICODE UTF-8' }), { charset: 'UTF-8', note: '同一 MSH-10、内容不同：拒绝', eventId: event.id, expect: 'AE' }));
}

interface BadHl7 {
  readonly note: string;
  readonly expect: MllpInput['expect'];
  readonly text: (at: { readonly id: string; readonly time: string; readonly institution: string }) => string;
  readonly bytes?: (text: string) => Uint8Array;
}

const PATIENT = 'PID|1||M899^^^HIS^MR||演示患者999\rPV1|1|O|||||||||||||||||MZ899\r';
const head = (at: Parameters<BadHl7['text']>[0], type = 'RDS^O13', controlId = at.id): string => `${header({ type, controlId, institution: at.institution, sentAt: at.time, version: '2.5.1', charset: 'UNICODE UTF-8' })}\r`;
const rxd = (time: string, quantity: string): string => `ORC|RE|CF899||D899\rRXD|1|YP00001^阿莫西林胶囊|${time}|${quantity}|盒||CF899\r`;

const BAD_HL7: readonly BadHl7[] = [
  { note: '数量不是数字（RXD-4）', expect: 'AE', text: (at) => head(at) + PATIENT + rxd(at.time, '两') },
  { note: '发药时间不存在（13 月）', expect: 'AE', text: (at) => head(at) + PATIENT + rxd(`${at.time.slice(0, 4)}13${at.time.slice(6)}`, '1') },
  { note: '医嘱 RDE^O11：留存，没有需要追溯的内容', expect: 'AA', text: (at) => `${head(at, 'RDE^O11')}${PATIENT}ORC|NW|CF899\rRXE||YP00001^阿莫西林胶囊|1||盒\r` },
  { note: '不支持的消息类型 ADT^A01', expect: 'AR', text: (at) => head(at, 'ADT^A01') + PATIENT },
  { note: '没有消息控制编号 MSH-10', expect: 'AE', text: (at) => head(at, 'RDS^O13', '') + PATIENT + rxd(at.time, '1') },
  { note: '声明 UTF-8 而内容已损坏', expect: 'AE', text: (at) => head(at) + PATIENT + rxd(at.time, '1'), bytes: breakText },
  { note: '扫了商品条码（69 码）', expect: 'AE', text: (at) => `${head(at)}${PATIENT}${rxd(at.time, '1')}ZTC|1|1|6901234567892\r` },
  { note: '没有 RXD 段', expect: 'AE', text: (at) => `${head(at)}${PATIENT}ORC|RE|CF899\r` },
  { note: '不是 HL7 消息', expect: 'AR', text: () => 'GET / HTTP/1.1\r\n\r\n' },
  { note: '处方 OMP^O09：留存，没有需要追溯的内容', expect: 'AA', text: (at) => `${head(at, 'OMP^O09')}${PATIENT}ORC|NW|CF899\rRXO|YP00001|1||盒\r` },
  { note: '数量为零', expect: 'AE', text: (at) => head(at) + PATIENT + rxd(at.time, '0') },
];

/** A character cut in two by a line that lost a byte: neither UTF-8 nor GB18030. */
function breakText(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const broken = bytes.findIndex((byte) => byte >= 0xE0);
  return bytes.map((byte, at) => (at === broken ? 0xFF : byte));
}

function sendBadHl7(scene: Scene, bad: BadHl7): void {
  const { book } = scene;
  const id = book.nextId('BAD');
  const text = bad.text({ id, time: chinaCompact(parseInstant(book.nowIso()) ?? 0), institution: book.institution });
  const item = book.message(text, { charset: 'UTF-8', note: bad.note, eventId: '', expect: bad.expect });
  book.extra(bad.bytes === undefined ? item : { ...item, bytes: bad.bytes(text) });
}

interface BadEvent { readonly note: string; readonly change: Readonly<Record<string, unknown>>; readonly line?: Readonly<Record<string, unknown>> }

const BAD_EVENTS: readonly BadEvent[] = [
  { note: '数量不是数字', change: {}, line: { quantity: '一盒' } }, { note: '日期不存在（2 月 30 日）', change: {}, line: { expiresOn: '2027-02-30' } },
  { note: '机构未配置', change: { institution: 'H99999999999' } }, { note: '追溯码被表格软件变成科学计数', change: {}, line: { codes: ['8.99910100000001E+19'] } },
  { note: '追溯码按数字传输', change: {}, line: { codes: [8.999101e19] } }, { note: '没有这种业务类型', change: { kind: 'dispensing' } },
  { note: '时间没有时区', change: { occurredAt: '2026-11-22 09:31:05' } }, { note: '数量为负', change: {}, line: { quantity: '-1' } },
];

function sendBadEvent(scene: Scene, bad: BadEvent, number: number): void {
  const { book } = scene;
  const id = book.nextId('BAD');
  const line = { lineNo: '1', drug: 'YP00001', quantity: '1', unit: '盒', split: false, codes: [] };
  const event = { id, source: REST_SOURCE, institution: book.institution, kind: 'dispense', occurredAt: book.nowIso(), documentNo: `D${id}`, patient: { visitNo: `MZ89${String(number)}` }, lines: [{ ...line, ...bad.line }], ...bad.change };
  book.extra({ via: 'rest', at: book.nowIso(), note: `${bad.note}：进入待处理`, eventId: '', event, expect: 'quarantined' });
}
