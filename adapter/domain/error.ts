/**
 * Every error code of the product, once: meaning and what to do, in Chinese and English. README tables, HTTP bodies, HL7
 * acknowledgements and CLI messages all read from here; a test holds table, README and use together.
 */
export interface ErrorText {
  readonly zh: string;
  readonly en: string;
  readonly actionZh: string;
  readonly actionEn: string;
  /** HTTP status it is answered with */
  readonly status: number;
}

export const ERRORS = {
  // ── what the HIS sent ──
  EVENT_INVALID: { status: 422, zh: '事件内容不符合要求', en: 'the event does not have the required shape', actionZh: '按提示的字段改正后重新发送', actionEn: 'correct the named field and send again' },
  EVENT_CONFLICT: { status: 422, zh: '同一编号的事件已登记，且内容不同', en: 'an event with the same key but other content is already on file', actionZh: '新的业务请使用新的事件编号；更正请先作废（void）原事件', actionEn: 'use a new id for new business; to correct, void the earlier event first' },
  EVENT_INSTITUTION_UNKNOWN: { status: 422, zh: '机构编号未在本机配置', en: 'the institution is not configured here', actionZh: '核对定点医药机构编号（12 位），或在 his-trace.yaml 的 institutions 中加入', actionEn: 'check the 12-character institution code or add it under institutions' },
  EVENT_REFERS_UNKNOWN: { status: 422, zh: '所引用的原事件不存在', en: 'the event it refers to is not on file', actionZh: '先发送原事件，或核对 refers；记录已留存，可在待处理中重试', actionEn: 'send the original first or check refers; the record is kept and can be retried' },
  EVENT_TOO_MANY_CODES: { status: 422, zh: '一个事件的追溯码数量超过上限', en: 'too many trace codes in one event', actionZh: '拆成多个事件发送', actionEn: 'send it as several events' },
  CODE_UNUSABLE: { status: 422, zh: '追溯码不可用', en: 'a trace code cannot be used', actionZh: '重新扫描药盒上的追溯码；追溯码必须按文本传输，不能按数字', actionEn: 'scan the pack again; codes must be text, never numbers' },
  SPLIT_INSUFFICIENT: { status: 422, zh: '拆零库剩余数量不足', en: 'not enough units left in the opened packs', actionZh: '先开启一盒（split-open）或核对拆零库存', actionEn: 'open a pack first (split-open) or check the split stock' },
  RECORD_UNREADABLE: { status: 422, zh: '记录无法解析', en: 'the record cannot be read', actionZh: '查看待处理记录中的原始内容与原因', actionEn: 'look at the raw content and the reason in quarantine' },
  RECORD_TOO_LARGE: { status: 413, zh: '内容超过大小上限', en: 'the content is larger than allowed', actionZh: '减少一次发送的数量', actionEn: 'send less at a time' },
  HL7_TYPE_UNSUPPORTED: { status: 422, zh: '不支持的 HL7 消息类型', en: 'this HL7 message type is not supported', actionZh: '只发送发药、退药、给药等消息；其它类型请在集成平台过滤', actionEn: 'send dispensing messages only; filter others in the engine' },
  HL7_SEGMENT_MISSING: { status: 422, zh: 'HL7 消息缺少必要的段', en: 'a required HL7 segment is missing', actionZh: '按映射说明补齐该段', actionEn: 'add the segment the mapping names' },
  HL7_FIELD_INVALID: { status: 422, zh: 'HL7 字段内容无效', en: 'an HL7 field has an invalid value', actionZh: '改正提示的字段后重新发送', actionEn: 'correct the named field and send again' },
  HL7_CONTROL_ID_MISSING: { status: 422, zh: 'HL7 消息没有消息控制编号 MSH-10', en: 'MSH-10 message control id is empty', actionZh: '发送方必须给每条消息唯一的 MSH-10', actionEn: 'the sender has to give every message a unique MSH-10' },
  CHARSET_UNREADABLE: { status: 422, zh: '字符集无法识别或内容与声明的字符集不符', en: 'the text does not match its character set', actionZh: '在 MSH-18 声明字符集，或在该来源配置 charset', actionEn: 'declare the charset in MSH-18 or set charset for this source' },
  // ── HTTP ──
  REQUEST_INVALID: { status: 400, zh: '请求内容无效', en: 'the request is not valid', actionZh: '按接口说明 /openapi.json 改正', actionEn: 'correct it by /openapi.json' },
  BODY_NOT_JSON: { status: 400, zh: '请求体不是 JSON', en: 'the body is not JSON', actionZh: '检查 Content-Type 与内容', actionEn: 'check the content type and the body' },
  TOKEN_MISSING: { status: 401, zh: '没有访问令牌', en: 'no access token', actionZh: '在 Authorization: Bearer 中带上令牌（his-trace token create）', actionEn: 'send Authorization: Bearer with a token (his-trace token create)' },
  TOKEN_INVALID: { status: 401, zh: '访问令牌无效或已吊销', en: 'the access token is not valid', actionZh: '向信息科申请新的令牌', actionEn: 'ask hospital IT for a new token' },
  FORBIDDEN: { status: 403, zh: '该令牌无权执行此操作', en: 'the token may not do this', actionZh: '使用具有相应角色或机构的令牌', actionEn: 'use a token with the right role or institution' },
  NOT_FOUND: { status: 404, zh: '没有找到', en: 'not found', actionZh: '核对地址或编号', actionEn: 'check the address or the id' },
  METHOD_NOT_ALLOWED: { status: 405, zh: '该地址不支持此方法', en: 'method not allowed here', actionZh: '按接口说明 /openapi.json 使用', actionEn: 'use the method given in /openapi.json' },
  INTERNAL: { status: 500, zh: '内部错误', en: 'internal error', actionZh: '记下 requestId 并联系信息科', actionEn: 'note the requestId and tell hospital IT' },
  // ── store ──
  REQUEST_TIMEOUT: { status: 408, zh: '请求没有在时限内传完', en: 'the request did not arrive in time', actionZh: '检查网络后重新发送', actionEn: 'check the network and send again' },
  STORE_FULL: { status: 503, zh: '磁盘已满，暂不能接收', en: 'the disk is full; nothing can be taken', actionZh: '清理磁盘空间，恢复后自动继续；HIS 请稍后重发', actionEn: 'free disk space; it goes on by itself; the HIS should send again' },
  STORE_READ_ONLY: { status: 503, zh: '数据库只读，暂不能接收', en: 'the store is read-only', actionZh: '检查数据目录权限与磁盘状态', actionEn: 'check the permissions of the data folder and the disk' },
  STORE_CORRUPT: { status: 503, zh: '数据库文件损坏', en: 'the store file is damaged', actionZh: '停止服务，从备份恢复（his-trace restore --verify）', actionEn: 'stop the service and restore from a backup (his-trace restore --verify)' },
  STORE_UNAVAILABLE: { status: 503, zh: '数据库暂时不可用', en: 'the store is not available', actionZh: '检查数据库服务；HIS 请稍后重发', actionEn: 'check the database server; the HIS should send again' },
  STORE_MIGRATION: { status: 500, zh: '数据库结构与程序版本不符', en: 'the store does not fit this version of the program', actionZh: '使用匹配的版本，或先备份再升级', actionEn: 'use the matching version, or back up and upgrade' },
  OVERLOADED: { status: 503, zh: '接收队列已满', en: 'too much is waiting to be stored', actionZh: '稍后重发', actionEn: 'send again a little later' },
  STOPPING: { status: 503, zh: '服务正在停止', en: 'the service is stopping', actionZh: '稍后重发', actionEn: 'send again a little later' },
  // ── operating ──
  CONFIG_INVALID: { status: 500, zh: '配置有误', en: 'the configuration is not valid', actionZh: '运行 his-trace check 查看每一处问题', actionEn: 'run his-trace check to see every problem' },
  USAGE: { status: 400, zh: '命令用法不对', en: 'wrong usage', actionZh: '查看 his-trace --help', actionEn: 'see his-trace --help' },
  PORT_IN_USE: { status: 500, zh: '端口已被占用', en: 'the port is in use', actionZh: '换一个端口，或结束占用它的程序', actionEn: 'use another port or end the program that holds it' },
  DESTINATION_UNKNOWN: { status: 404, zh: '没有这个上报目标', en: 'no such destination', actionZh: '核对配置中 destinations 的名称', actionEn: 'check the names under destinations' },
} as const satisfies Readonly<Record<string, ErrorText>>;

export type ErrorCode = keyof typeof ERRORS;
export type Language = 'zh' | 'en';

/** A fault with a published code. Domain results are values; this is for what should not happen or cannot go on. */
export class TraceError extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly detail = '',
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(detail === '' ? code : `${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TraceError';
    this.retryAfterMs = options.retryAfterMs;
  }

  readonly retryAfterMs: number | undefined;
}

/** @returns the code's text for people, with detail appended; never a stack, never JSON. */
export function describeError(code: ErrorCode, detail: string | undefined, language: Language = 'zh'): { message: string; action: string } {
  const text: ErrorText = ERRORS[code];
  const head = language === 'zh' ? text.zh : text.en;
  const joined = detail === undefined || detail === '' ? head : language === 'zh' ? `${head}：${detail}` : `${head}: ${detail}`;
  return { message: joined, action: language === 'zh' ? text.actionZh : text.actionEn };
}
