import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';

const CHARSETS = ['auto', 'utf-8', 'gbk', 'gb18030'] as const;
const ACK_MODES = ['original', 'enhanced', 'auto'] as const;
const CONDITIONS = ['AL', 'NE', 'ER', 'SU'] as const;

/** Acknowledgement code of one outcome; sites with other habits write their own (his.md a.3, configurable in every engine). */
function ackCode(value: string, label: string, description: string, meaning: string): { kind: 'text'; default: string; pattern: RegExp; label: string; description: string; meaning: string } {
  return { kind: 'text', default: value, pattern: /^[A-Z]{1,4}$/, label, description, meaning };
}

const ack = {
  mode: { kind: 'choice', choices: ACK_MODES, default: 'original', label: '应答模式', meaning: 'original = 原始模式，只回 AA/AE/AR，不看 MSH-15/16；enhanced = 增强模式，按 MSH-15/16 决定回哪些应答；auto = 消息填了 MSH-15 或 MSH-16 才用增强模式', description: 'original answers AA/AE/AR and ignores MSH-15/16; enhanced obeys MSH-15/16; auto is enhanced only for messages that fill MSH-15 or MSH-16' },
  echoControlId: { kind: 'boolean', default: false, label: '应答沿用消息编号', meaning: 'true = 应答的 MSH-10 照抄来消息的 MSH-10，供按它（而不是 MSA-2）对应答的发送方使用；false = 应答用自己的编号', description: 'MSH-10 of the acknowledgement repeats the MSH-10 of the message, for senders that match by it instead of MSA-2' },
  acceptWhen: { kind: 'choice', choices: CONDITIONS, default: 'NE', label: '缺省接收确认', meaning: '增强模式下 MSH-15 为空时按它处理：AL 总是回、NE 不回、ER 仅出错时回、SU 仅成功时回', description: 'enhanced mode: what an empty MSH-15 means' },
  applicationWhen: { kind: 'choice', choices: CONDITIONS, default: 'AL', label: '缺省应用确认', meaning: '增强模式下 MSH-16 为空时按它处理：AL 总是回、NE 不回、ER 仅出错时回、SU 仅成功时回', description: 'enhanced mode: what an empty MSH-16 means' },
  codes: {
    kind: 'section', label: '应答代码', description: 'MSA-1 of each outcome',
    fields: {
      accept: ackCode('AA', '接受', 'taken durably', '已落盘时 MSA-1 回的代码，1 至 4 个大写字母；对端约定不同时才改'),
      error: ackCode('AE', '错误', 'content refused, or nothing stored and to be sent again', '内容被拒，或没有落盘需重发时 MSA-1 回的代码'),
      reject: ackCode('AR', '拒绝', 'message type not supported, or no HL7 at all', '消息类型不支持，或根本不是 HL7 时 MSA-1 回的代码'),
      commitAccept: ackCode('CA', '接收确认', 'enhanced: kept durably', '增强模式：已落盘时回的代码'),
      commitError: ackCode('CE', '接收错误', 'enhanced: nothing stored, send again', '增强模式：没有落盘、请重发时回的代码'),
      commitReject: ackCode('CR', '接收拒绝', 'enhanced: message type not supported, or no HL7 at all', '增强模式：消息类型不支持或不是 HL7 时回的代码'),
    },
  },
} as const satisfies SettingTable;

const peer = {
  address: { kind: 'text', required: true, label: '对端地址', meaning: 'IP 地址，或网段如 10.1.0.0/16；来自它的连接按本项处理，第一个符合的生效', description: 'IP address, or a network such as 10.1.0.0/16', example: '10.1.2.3' },
  charset: { kind: 'choice', choices: CHARSETS, label: '字符集', meaning: '只对这个对端生效，代替来源的 charset', description: 'overrides the charset of the source for this peer' },
  institution: { kind: 'text', label: '机构编号', meaning: '这个对端的消息没有写明机构时归到该机构', description: 'institution of messages from this peer that name none of ours, whatever their MSH-4 says' },
  ackMode: { kind: 'choice', choices: ACK_MODES, label: '应答模式', meaning: '只对这个对端生效，代替 ack.mode', description: 'overrides ack.mode for this peer' },
  echoControlId: { kind: 'boolean', label: '应答沿用消息编号', meaning: '只对这个对端生效，代替 ack.echoControlId', description: 'overrides ack.echoControlId for this peer' },
} as const satisfies SettingTable;

/** Settings of a source with `connector: his-hl7v2`. */
export const settings = {
  host: { kind: 'text', default: '127.0.0.1', label: '监听地址', meaning: 'MLLP 只在这个地址上监听；127.0.0.1 = 仅本机能连；HIS 在别的机器上时填本机网卡的 IP 或 0.0.0.0', description: 'address to listen on; nothing else is listened on', example: '192.168.1.20' },
  port: { kind: 'integer', default: 2575, min: 0, max: 65_535, label: '监听端口', meaning: 'MLLP 的 TCP 端口；0 = 任取一个空闲端口；被占用则不能启动', description: 'TCP port; 0 takes a free one' },
  charset: { kind: 'choice', choices: CHARSETS, default: 'auto', label: '字符集', meaning: 'auto = 先看 MSH-18，没有则按内容识别（UTF-8、GBK、GB18030）；写定后一律按它解码，解不开的留在待处理', description: 'auto: MSH-18, else recognised from the bytes (UTF-8, GBK, GB18030)' },
  institution: { kind: 'text', label: '缺省机构编号', meaning: 'MSH-4 与 MSH-6 都没有写明机构时归到该机构编号；不填时用 institutions 的第一个', description: 'institution of messages whose MSH-4 and MSH-6 name none of ours, whatever MSH-4 says; without it they go to the only institution, unless MSH-4 holds the code of another one, and with several institutions they are refused' },
  ack: { kind: 'section', fields: ack, label: '应答', description: 'acknowledgement profile' },
  maxFrameBytes: { kind: 'integer', default: 1_048_576, min: 1_024, max: 67_108_864, label: '消息大小上限', meaning: '单位字节（默认 1 MiB）；更大的消息回 AR 并丢弃，连接保留', description: 'larger frames are answered AR and dropped' },
  idleTimeout: { kind: 'duration', default: 900_000, min: 10, max: 86_400_000, label: '空闲超时', meaning: '连接上多久没有任何数据就断开；对端应能自动重连', description: 'a connection without traffic is closed after this time' },
  frameTimeout: { kind: 'duration', default: 30_000, min: 10, max: 600_000, label: '单条消息超时', meaning: '从一条消息的第一个字节到最后一个字节最多等多久，也是等对端收下应答的时间；超时断开连接，没收完的消息不登记', description: 'time from the first byte of a frame to its end, and for a peer to take our answer' },
  answerTimeout: { kind: 'duration', default: 30_000, min: 10, max: 600_000, label: '入库超时', meaning: '收到消息后最多等多久落盘；超时回“请重发”（AE），对端重发不会重复登记', description: 'a message that is not stored by then is answered as to be sent again' },
  maxConnections: { kind: 'integer', default: 256, min: 1, max: 10_000, label: '连接数上限', meaning: '同时打开的连接总数；超出的新连接立即断开并记警告', description: 'connections at the same time' },
  maxPerAddress: { kind: 'integer', default: 64, min: 1, max: 10_000, label: '单地址连接数上限', meaning: '同一个 IP 同时打开的连接数；超出的新连接立即断开', description: 'connections at the same time from one address' },
  maxInFlight: { kind: 'integer', default: 32, min: 1, max: 1_000, label: '单连接在途消息上限', meaning: '一个连接上同时在落盘的消息数；其余的留在网络缓冲里等，不会丢', description: 'messages of one connection being stored at the same time; the rest waits in the network' },
  ownThread: { kind: 'boolean', default: true, label: '独立线程', meaning: 'true = 多核机器上收发与映射在单独的线程里进行，不占主线程；false = 都在主线程', description: 'sockets and mapping run in a thread of their own where the machine has more than one core; false keeps them in the main one' },
  peers: { kind: 'list', of: peer, label: '对端', meaning: '对个别对端另行规定字符集、机构、应答方式；按顺序第一个符合的生效', description: 'overrides for single peers, first match wins' },
} as const satisfies SettingTable;

export type Hl7Settings = SettingsOf<typeof settings>;
export type AckSettings = Hl7Settings['ack'];
export type AckMode = AckSettings['mode'];
export type AckCondition = (typeof CONDITIONS)[number];
export type CharsetSetting = Hl7Settings['charset'];
