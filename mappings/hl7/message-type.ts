import { refusal } from '../../adapter/domain/refusal.ts';
import type { Hl7Message } from '../../adapter/ports/hl7-message.ts';
import type { Interpretation } from '../../adapter/ports/his-record.ts';
import { value } from './field-text.ts';

export interface MessageType {
  /** RDS, RGV, … */
  readonly code: string;
  /** O13, …; '' when the sender leaves it out */
  readonly event: string;
  /** as shown to people: RDS^O13 */
  readonly shown: string;
}

/** MSH-9; a structure name alone (`RDS_O13`) and a zero typed for the letter O (`RDS^013`) are understood. */
export function messageTypeOf(message: Hl7Message): MessageType {
  const msh = message.first('MSH');
  const [code = '', structureEvent = ''] = value(msh, 9).toUpperCase().split('_');
  const event = (value(msh, 9, 2).toUpperCase() || structureEvent).replace(/^0(?=\d\d$)/, 'O');
  return { code, event, shown: event === '' ? code : `${code}^${event}` };
}

/** @returns whether it is that message with one of its events; before 2.4 all pharmacy messages had the event O01 */
export function isType(type: MessageType, code: string, events: readonly string[]): boolean {
  return type.code === code && (type.event === '' || events.includes(type.event));
}

const REASONS: Readonly<Record<string, string>> = {
  MFN: '只接收药品目录的 MFN^M01、M13、M15，且须经 MLLP 发送；也可用 his-trace import drugs 导入',
  MFK: '这是应答消息', ACK: '这是应答消息', RRD: '这是应答消息', RRG: '这是应答消息', RRA: '这是应答消息', RRE: '这是应答消息', ORP: '这是应答消息', ORR: '这是应答消息',
  ADT: '患者管理消息与追溯无关', ORU: '检验检查结果与追溯无关', ORM: '一般医嘱不移动药品，发药请发送 RDS^O13、RGV^O15 或 RAS^O17',
};

export function unsupportedType(type: MessageType): Interpretation {
  const reason = Object.hasOwn(REASONS, type.code) ? REASONS[type.code] : undefined;
  return { kind: 'refused', refusal: refusal('HL7_TYPE_UNSUPPORTED', { field: 'MSH-9', value: type.shown, detail: reason ?? '支持 RDS^O13、RGV^O15、RAS^O17、RDE^O11/O25、OMP^O09、DFT^P03、MFN^M01/M13/M15' }) };
}

/** An order moves no goods: kept, nothing to trace. */
export function notedOrder(type: MessageType): Interpretation {
  return { kind: 'noted', reason: `${type.shown} 是医嘱/处方，尚未移动药品，已留存` };
}
