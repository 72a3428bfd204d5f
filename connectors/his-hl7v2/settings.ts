import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';

const CHARSETS = ['auto', 'utf-8', 'gbk', 'gb18030'] as const;
const ACK_MODES = ['original', 'enhanced', 'auto'] as const;
const CONDITIONS = ['AL', 'NE', 'ER', 'SU'] as const;

/** Acknowledgement code of one outcome; sites with other habits write their own (his.md a.3, configurable in every engine). */
function ackCode(value: string, label: string, description: string): { kind: 'text'; default: string; pattern: RegExp; label: string; description: string } {
  return { kind: 'text', default: value, pattern: /^[A-Z]{1,4}$/, label, description };
}

const ack = {
  mode: { kind: 'choice', choices: ACK_MODES, default: 'original', label: '应答模式', description: 'original answers AA/AE/AR and ignores MSH-15/16; enhanced obeys MSH-15/16; auto is enhanced only for messages that fill MSH-15 or MSH-16' },
  echoControlId: { kind: 'boolean', default: false, label: '应答沿用消息编号', description: 'MSH-10 of the acknowledgement repeats the MSH-10 of the message, for senders that match by it instead of MSA-2' },
  acceptWhen: { kind: 'choice', choices: CONDITIONS, default: 'NE', label: '缺省接收确认', description: 'enhanced mode: what an empty MSH-15 means' },
  applicationWhen: { kind: 'choice', choices: CONDITIONS, default: 'AL', label: '缺省应用确认', description: 'enhanced mode: what an empty MSH-16 means' },
  codes: {
    kind: 'section', label: '应答代码', description: 'MSA-1 of each outcome',
    fields: {
      accept: ackCode('AA', '接受', 'taken durably'),
      error: ackCode('AE', '错误', 'content refused, or nothing stored and to be sent again'),
      reject: ackCode('AR', '拒绝', 'message type not supported, or no HL7 at all'),
      commitAccept: ackCode('CA', '接收确认', 'enhanced: kept durably'),
      commitError: ackCode('CE', '接收错误', 'enhanced: nothing stored, send again'),
      commitReject: ackCode('CR', '接收拒绝', 'enhanced: message type not supported, or no HL7 at all'),
    },
  },
} as const satisfies SettingTable;

const peer = {
  address: { kind: 'text', required: true, label: '对端地址', description: 'IP address, or a network such as 10.1.0.0/16', example: '10.1.2.3' },
  charset: { kind: 'choice', choices: CHARSETS, label: '字符集', description: 'overrides the charset of the source for this peer' },
  institution: { kind: 'text', label: '机构编号', description: 'institution of messages from this peer that name none' },
  ackMode: { kind: 'choice', choices: ACK_MODES, label: '应答模式', description: 'overrides ack.mode for this peer' },
  echoControlId: { kind: 'boolean', label: '应答沿用消息编号', description: 'overrides ack.echoControlId for this peer' },
} as const satisfies SettingTable;

/** Settings of a source with `connector: his-hl7v2`. */
export const settings = {
  host: { kind: 'text', default: '127.0.0.1', label: '监听地址', description: 'address to listen on; nothing else is listened on', example: '192.168.1.20' },
  port: { kind: 'integer', default: 2575, min: 0, max: 65_535, label: '监听端口', description: 'TCP port; 0 takes a free one' },
  charset: { kind: 'choice', choices: CHARSETS, default: 'auto', label: '字符集', description: 'auto: MSH-18, else recognised from the bytes (UTF-8, GBK, GB18030)' },
  institution: { kind: 'text', label: '缺省机构编号', description: 'institution of messages whose MSH-4 and MSH-6 name none; otherwise the first configured institution' },
  ack: { kind: 'section', fields: ack, label: '应答', description: 'acknowledgement profile' },
  maxFrameBytes: { kind: 'integer', default: 1_048_576, min: 1_024, max: 67_108_864, label: '消息大小上限', description: 'larger frames are answered AR and dropped' },
  idleTimeout: { kind: 'duration', default: 900_000, min: 10, max: 86_400_000, label: '空闲超时', description: 'a connection without traffic is closed after this time' },
  frameTimeout: { kind: 'duration', default: 30_000, min: 10, max: 600_000, label: '单条消息超时', description: 'time from the first byte of a frame to its end, and for a peer to take our answer' },
  answerTimeout: { kind: 'duration', default: 30_000, min: 10, max: 600_000, label: '入库超时', description: 'a message that is not stored by then is answered as to be sent again' },
  maxConnections: { kind: 'integer', default: 256, min: 1, max: 10_000, label: '连接数上限', description: 'connections at the same time' },
  maxPerAddress: { kind: 'integer', default: 64, min: 1, max: 10_000, label: '单地址连接数上限', description: 'connections at the same time from one address' },
  maxInFlight: { kind: 'integer', default: 32, min: 1, max: 1_000, label: '单连接在途消息上限', description: 'messages of one connection being stored at the same time; the rest waits in the network' },
  ownThread: { kind: 'boolean', default: true, label: '独立线程', description: 'sockets and mapping run in a thread of their own where the machine has more than one core; false keeps them in the main one' },
  peers: { kind: 'list', of: peer, label: '对端', description: 'overrides for single peers, first match wins' },
} as const satisfies SettingTable;

export type Hl7Settings = SettingsOf<typeof settings>;
export type AckSettings = Hl7Settings['ack'];
export type AckMode = AckSettings['mode'];
export type AckCondition = (typeof CONDITIONS)[number];
export type CharsetSetting = Hl7Settings['charset'];
