import { refusal } from '../../adapter/domain/refusal.ts';
import type { CatalogueDoor } from '../../adapter/ports/catalogue-intake.ts';
import type { HisRecord } from '../../adapter/ports/his-record.ts';
import type { Intake, IntakeAnswer } from '../../adapter/ports/intake.ts';
import type { Log } from '../../adapter/ports/log.ts';
import { composeAck } from './ack/compose.ts';
import type { ControlIds } from './ack/control-ids.ts';
import type { MasterFileReply } from './ack/master-file.ts';
import { repliesTo } from './ack/reply.ts';
import { takeCatalogue } from './catalogue.ts';
import { splitFrame } from './codec/batch.ts';
import { decodeMessage } from './codec/charset.ts';
import type { DecidedCharset } from './codec/charset.ts';
import { acknowledgedId, NO_HEADER, readHeader } from './codec/header.ts';
import type { Hl7Header } from './codec/header.ts';
import { filedUnder, onlyInstitution } from './filed-under.ts';
import { interpretText, unreadableCharset } from './interpret.ts';
import type { InterpretDeps, Meaning } from './interpret.ts';
import type { Work } from './mllp/connection.ts';
import type { DecodedFrame } from './mllp/frame-decoder.ts';
import type { PeerProfile } from './peer-profile.ts';
import type { AckSettings } from './settings.ts';

export interface ReceiverDeps extends InterpretDeps, CatalogueDoor {
  readonly intake: Intake;
  readonly ack: AckSettings;
  readonly answerTimeoutMs: number;
  readonly maxFrameBytes: number;
  readonly controlIds: ControlIds;
  readonly log: Log;
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
}

/** A message decoded as far as its header, with what it means. */
interface Received {
  readonly header: Hl7Header;
  readonly charset: DecidedCharset;
  readonly record: HisRecord;
  readonly meaning: Meaning;
  /** MSA-2 when the message is itself an acknowledgement */
  readonly acknowledges: string | undefined;
}

/**
 * What the source does with a frame: split into messages, decode, interpret, hand to the intake, and answer by what became of it.
 * Each message of a batch is a record of its own and acknowledged separately, in order.
 */
export function createReceiver(deps: ReceiverDeps): (frame: DecodedFrame, peer: PeerProfile) => readonly Work[] {
  return (frame, peer) => {
    if (frame.kind === 'oversize') return [() => Promise.resolve(answerOversize(frame, peer, deps))];
    // an empty frame is how some senders keep the connection open
    if (isBlank(frame.payload)) return [];
    const { messages, stated } = splitFrame(frame.payload);
    if (stated !== undefined && stated !== messages.length) deps.log.warn('hl7 batch does not hold as many messages as its trailer states', { stated, found: messages.length });
    return (messages.length === 0 ? [frame.payload] : messages).map((bytes) => () => take(bytes, peer, deps));
  };
}

async function take(bytes: Buffer, peer: PeerProfile, deps: ReceiverDeps): Promise<readonly Buffer[]> {
  const received = read(bytes, peer, deps);
  if (received.acknowledges !== undefined && deps.controlIds.made(received.acknowledges)) {
    // an answer to one of our answers: answering that would never end
    deps.count('his_trace_hl7_messages_total', { source: deps.source, result: 'acknowledgement' });
    return [];
  }
  const { answer, masterFile } = await submit(received, deps);
  deps.count('his_trace_hl7_messages_total', { source: deps.source, result: answer.kind });
  if (answer.kind === 'unavailable' || answer.kind === 'quarantined') {
    deps.log.warn('hl7 message not taken', { source: deps.source, controlId: received.record.controlId, result: answer.kind, code: answer.refusal.code, field: answer.refusal.field });
  }
  return answerTo(answer, { ...received, ...(masterFile === undefined ? {} : { masterFile }) }, peer, deps);
}

function read(bytes: Buffer, peer: PeerProfile, deps: ReceiverDeps): Received {
  const decoded = decodeMessage(bytes, peer.charset);
  const charset = decoded.kind === 'text' ? decoded.charset : 'unknown';
  const header = readHeader(decoded.text) ?? NO_HEADER;
  const trusted = peer.institution !== undefined;
  const fallback = peer.institution ?? onlyInstitution(deps.institutions);
  const filed = filedUnder(header, { institutions: deps.institutions, fallback, trusted });
  const meaning: Meaning = decoded.kind === 'unreadable'
    ? { kind: 'refused', refusal: unreadableCharset(decoded.declared) }
    : interpretText(decoded.text, { charset: decoded.charset, filed }, deps);
  // '': nobody's; the intake keeps it where no institution sees it
  const institution = filed.institution ?? '';
  const record: HisRecord = { institution, source: deps.source, controlId: header.controlId, media: 'hl7v2', charset, bytes, interpreter: deps.source };
  return { header, charset, record, meaning, acknowledges: acknowledgedId(decoded.text, header) };
}

interface Taken { readonly answer: IntakeAnswer; readonly masterFile?: MasterFileReply }

/** Hands the record to the intake; an intake that does not answer in time counts as unavailable, and the HIS sends again. */
async function submit(received: Received, deps: ReceiverDeps): Promise<Taken> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Taken>((resolve) => {
    timer = setTimeout(() => { resolve({ answer: unavailable('入库超时') }); }, deps.answerTimeoutMs);
  });
  try {
    return await Promise.race([hand(received, deps), late]);
  } catch (fault) {
    deps.log.error('intake failed', { source: deps.source, fault: fault instanceof Error ? fault.message : String(fault) });
    return { answer: unavailable('') };
  } finally {
    clearTimeout(timer);
  }
}

async function hand({ record, meaning }: Received, deps: ReceiverDeps): Promise<Taken> {
  if (meaning.kind !== 'catalogue') return { answer: await deps.intake.submit(record, meaning) };
  if (deps.catalogue !== undefined) return takeCatalogue(record, meaning, deps.catalogue);
  return { answer: await deps.intake.submit(record, { kind: 'refused', refusal: refusal('HL7_TYPE_UNSUPPORTED', { field: 'MSH-9', value: 'MFN', detail: '该来源不接收药品目录；请用 his-trace import drugs 导入' }) }) };
}

function unavailable(detail: string): IntakeAnswer {
  return { kind: 'unavailable', refusal: refusal('STORE_UNAVAILABLE', { detail }), retryAfterMs: 5_000 };
}

function answerTo(answer: IntakeAnswer, to: Pick<Received, 'header' | 'charset'> & { readonly masterFile?: MasterFileReply }, peer: PeerProfile, deps: ReceiverDeps): readonly Buffer[] {
  const { header, charset } = to;
  const { commitAccept, commitError, commitReject } = deps.ack.codes;
  const commits = new Set([commitAccept, commitError, commitReject]);
  return repliesTo(answer, header, { mode: peer.ackMode, ack: deps.ack }).map((reply) => composeAck(reply, {
    header, charset, controlId: peer.echoControlId ? '' : deps.controlIds.next(), nowMs: deps.clock.now(),
    // an accept acknowledgement speaks of the message alone
    ...(to.masterFile === undefined || commits.has(reply.code) ? {} : { masterFile: to.masterFile }),
  }));
}

/** Too large to be kept: the sender is told, by the header that was still read. */
function answerOversize(frame: DecodedFrame & { readonly kind: 'oversize' }, peer: PeerProfile, deps: ReceiverDeps): readonly Buffer[] {
  const msh = splitFrame(frame.head).messages[0] ?? frame.head;
  // the cut may have gone through a character; everything up to the last line end is whole
  const lineEnd = Math.max(msh.lastIndexOf(13), msh.lastIndexOf(10));
  const decoded = decodeMessage(lineEnd > 0 ? msh.subarray(0, lineEnd) : msh, peer.charset);
  deps.log.warn('hl7 frame larger than allowed', { source: deps.source, bytes: frame.bytes });
  deps.count('his_trace_hl7_messages_total', { source: deps.source, result: 'too-large' });
  const refused = refusal('RECORD_TOO_LARGE', { detail: `消息 ${String(frame.bytes)} 字节，上限 ${String(deps.maxFrameBytes)} 字节` });
  return answerTo({ kind: 'quarantined', refusal: refused }, { header: readHeader(decoded.text) ?? NO_HEADER, charset: decoded.kind === 'text' ? decoded.charset : 'unknown' }, peer, deps);
}

function isBlank(payload: Buffer): boolean {
  return payload.every((byte) => byte === 0x20 || byte === 0x09 || byte === 13 || byte === 10 || byte === 0);
}
