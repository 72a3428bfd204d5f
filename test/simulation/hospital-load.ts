import { connect, type Socket } from 'node:net';
import type { TraceEvent } from '../../adapter/domain/event.ts';

/** One thing the HIS wants to tell, and how. It is sent again until it is acknowledged, as a HIS does. */
export interface Told {
  readonly id: string;
  readonly via: 'rest' | 'mllp';
  readonly body: Buffer;
  /** a record that must be refused and kept in quarantine */
  readonly bad: boolean;
  /** ids that must be acknowledged before this one is sent: goods come in before they go out */
  readonly after: readonly string[];
}

const SUPPLIER = { code: 'S01', name: '示范医药有限公司', licenseNo: 'XKZ0001' };
const OPERATOR = { code: '8801', name: '演示药师', licenseNo: 'YS0001' };
const PRESCRIBER = { code: '7001', name: '演示医生' };
export const LOAD_DRUG = { drug: 'YP00001', name: '演示药品1', manufacturer: '演示制药', approvalNo: '国药准字H20260001', rxFlag: '1', packUnit: '盒', smallestUnit: '片', unitsPerPack: 24, prefixUnit: '8999001' };
const INSTITUTION = 'H35010200001';

export function loadCode(n: number): string {
  return `8999001${String(n).padStart(9, '0')}0001`;
}

/** A patient's case: a receipt of two packs, their dispensing by REST or HL7, sometimes a return of one, sometimes a bad record. */
export function caseOf(n: number, day: string): Told[] {
  const codes = [loadCode(n * 2), loadCode(n * 2 + 1)];
  const line = { lineNo: '1', drug: LOAD_DRUG.drug, quantity: '2', unit: '盒', split: false, unitPrice: '12.5', lot: 'A2401', producedOn: '2026-01-02', expiresOn: '2027-12-31', codes };
  const told: Told[] = [rest({ id: `R${String(n)}`, kind: 'receipt', occurredAt: `${day}T08:00:00+08:00`, documentNo: `RK${String(n)}`, operator: OPERATOR, counterparty: SUPPLIER, invoiceNo: `FP${String(n)}`, deliveryNoteNo: `SH${String(n)}`, lines: [line] }, [])];
  const dispense = {
    id: `D${String(n)}`, kind: 'dispense' as const, occurredAt: `${day}T09:31:05+08:00`, documentNo: `CF${String(n)}`, prescriptionNo: `CF${String(n)}`, operator: OPERATOR, prescriber: PRESCRIBER,
    patient: { visitNo: `V${String(n)}`, class: 'outpatient' as const, name: '演示患者', settlementType: 'self-pay' as const }, lines: [line],
  };
  told.push(n % 2 === 0 ? rest(dispense, [`R${String(n)}`]) : mllp(n, day, codes));
  if (n % 10 === 0) told.push(rest({ id: `B${String(n)}`, kind: 'dispense-return', refers: `D${String(n)}`, occurredAt: `${day}T10:00:00+08:00`, documentNo: `TY${String(n)}`, operator: OPERATOR, patient: dispense.patient, lines: [{ ...line, quantity: '1', codes: codes.slice(0, 1) }] }, [`D${String(n)}`]));
  if (n % 7 === 0) told.push({ ...rest({ ...dispense, id: `X${String(n)}`, lines: [{ ...line, quantity: 'zwei' }] }, []), bad: true });
  return told;
}

function rest(event: Omit<TraceEvent, 'source' | 'institution'>, after: readonly string[]): Told {
  return { id: event.id, via: 'rest', bad: false, after, body: Buffer.from(JSON.stringify({ source: 'his', institution: INSTITUTION, ...event })) };
}

function mllp(n: number, day: string, codes: readonly string[]): Told {
  const time = `${day.replaceAll('-', '')}093105`;
  const segments = [
    `MSH|^~\\&|HIS|${INSTITUTION}|TRACE|${INSTITUTION}|${time}||RDS^O13^RDS_O13|D${String(n)}|P|2.8|||||CHN|UTF-8`,
    `PID|1||P${String(n)}^^^HIS^PI||演示患者`, `PV1|1|O|||||7001^演示医生||||||||||||V${String(n)}`,
    `ORC|RE|CF${String(n)}|FY${String(n)}||||||${time}|8801^演示药师||7001^演示医生`,
    `RXD|1|${LOAD_DRUG.drug}^${LOAD_DRUG.name}^HIS|${time}|2|盒||CF${String(n)}|||8801^演示药师||||||||A2401|20271231||||||||||||||||${codes.join('~')}`,
    'RXR|PO',
  ];
  return { id: `D${String(n)}`, via: 'mllp', bad: false, after: [`R${String(n)}`], body: Buffer.from(`${segments.join('\r')}\r`) };
}

export type Answer = 'taken' | 'refused' | 'lost';

/** A window of the HIS: tells one thing at a time and waits for the answer. */
export class HisWindow {
  #socket: Socket | undefined;

  constructor(readonly target: { readonly http: number; readonly mllp: number; readonly token: string }) {}

  async tell(told: Told): Promise<Answer> {
    try {
      return told.via === 'rest' ? await this.#post(told.body) : await this.#send(told.body);
    } catch {
      return 'lost';
    }
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #post(body: Buffer): Promise<Answer> {
    const reply = await fetch(`http://127.0.0.1:${String(this.target.http)}/api/v1/events`, {
      method: 'POST', body, headers: { 'content-type': 'application/json', authorization: `Bearer ${this.target.token}` }, signal: AbortSignal.timeout(10_000),
    });
    if (reply.status !== 200) return 'lost';
    const { results } = await reply.json() as { results: { status: string }[] };
    const status = results[0]?.status;
    return status === 'accepted' || status === 'duplicate' ? 'taken' : 'refused';
  }

  async #send(body: Buffer): Promise<Answer> {
    const socket = this.#socket ??= await dial(this.target.mllp);
    return new Promise((resolve, reject) => {
      let text = '';
      const done = (answer: Answer | undefined): void => {
        socket.removeAllListeners('data').removeAllListeners('close').removeAllListeners('error');
        clearTimeout(timer);
        if (answer !== undefined) { resolve(answer); return; }
        socket.destroy();
        this.#socket = undefined;
        reject(new Error('connection lost'));
      };
      const timer = setTimeout(() => { done(undefined); }, 10_000);
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        if (text.includes('\u001c\r')) done(text.includes('MSA|AA') ? 'taken' : text.includes('MSA|AR') || !/STORE_|OVERLOADED|STOPPING/.test(text) ? 'refused' : 'lost');
      });
      socket.once('close', () => { done(undefined); });
      socket.once('error', () => { done(undefined); });
      socket.write(Buffer.concat([Buffer.from([0x0b]), body, Buffer.from([0x1c, 0x0d])]));
    });
  }
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => { resolve(socket); });
    socket.once('error', reject);
  });
}
