import { EVENT_FIELD_TEXTS } from './event-field-texts.ts';

/** Chinese meaning of members by name, wherever they stand; /openapi.json shows it where the schema itself says nothing. */
const BY_NAME: Readonly<Record<string, string>> = {
  // identity and filters
  institution: '定点医药机构编号，12 位', source: '来源：发送方系统的名称（REST）或配置中 sources 的名称', id: '事件编号，由 HIS 给出', kind: '业务种类', eventNo: '本机的事件序号', recordNo: '本机的记录序号', deliveryNo: '本机的上报任务号',
  documentNo: 'HIS 单据号', visitNo: '就诊号', location: '药房或库房', refers: '所引用的原事件编号', drug: 'HIS 药品编码', drugName: '药品名称', lot: '批号', lineNo: '行号', controlId: 'HIS 给这条记录的编号（MSH-10、事件 id）',
  destination: '上报目标，配置中 destinations 的名称', operation: '上报操作，例如 3505、3502:108、323', name: '名称', limit: '本页最多条数，1 至 500，默认 50', items: '本页内容，新的在前', state: '状态', dryRun: 'true 表示只计数、不改动；默认 false',
  deliveryNos: '任务号，至多 500 个', recordNos: '记录号，至多 500 个',
  // times, all ISO 8601 in Asia/Shanghai
  occurredAt: '业务发生的时间，ISO 8601，+08:00', receivedAt: '本机收到的时间，ISO 8601，+08:00', createdAt: '建立的时间', updatedAt: '最近变动的时间', changedAt: '最近一次切换的时间', openedAt: '拆开包装的时间',
  dueAt: '下次发送或查询的时间', firstSentAt: '首次发出的时间', lastSentAt: '最近一次发出的时间', settledAt: '了结的时间', at: '时间', date: '业务日期 yyyy-MM-dd', producedOn: '生产日期 yyyy-MM-dd', expiresOn: '有效期至 yyyy-MM-dd',
  // what is said about things
  code: '代码，见 README 的错误码、提示与原因表', message: '含义，按 Accept-Language 为中文或英文', action: '应当怎样处理', requestId: '本次请求的编号，与日志对照', severity: 'info 供参考、warn 请核对、block 该行不上报', field: '出问题的字段，用发送方自己的名称', value: '出问题的值，至多 100 字，不含患者信息',
  traceCode: '有关的追溯码', findings: '提示', reason: '原因', detail: '说明', count: '条数', lines: '明细行数', bytes: '原始内容的字节数', quantity: '数量，十进制文字', unit: '单位', units: '折合最小单位数，十进制文字', split: '是否拆零', codeCount: '追溯码个数', exclusion: '无需上报的原因',
  codes: '所带的追溯码', covers: '所代表的行号', scheme: '码制：cn20、gs1 或 other', result: '结果', ok: '是否正常', what: '检查的对象', status: '结果', version: '程序版本', checks: '逐项检查',
  deliveries: '上报任务', history: '每次发送、查询与人工操作，按先后', events: '事件', event: '所属事件', results: '逐个事件的结果，顺序与发送一致', raw: '原始内容，只给 it 角色；超过保存期限已清除的没有', record: '记录', summary: '事件概要', openapi: 'OpenAPI 版本',
  base64: '原始字节，Base64', media: '类别：hl7v2、json、row、xml、file', charset: '读取所用的字符集', sha256: '原始内容的 SHA-256，十六进制', reported: '已上报的行数', excluded: '除外的行，各有原因', pending: '在途的行', attention: '待人工处理的行', missing: '没有任何上报任务的行，应为 0',
  reasons: '各原因的行数', complete: '每一行都有着落', matched: '符合条件、可以处理的条数', changed: '已处理的条数；dryRun 时为 0', skipped: '略过的条数与原因',
  key: '上报编号（fixmedins_bchno、单据号），发送前生成', hold: '暂不发送的原因：settlement 表示等待结算', peerCode: '平台返回的代码', platformRef: '平台给的编号', reverses: '所撤销的任务号', attempts: '发送次数', asks: '查询次数',
  attemptNo: '序号', act: 'send 发送、ask 查询、person 人工', evidence: '平台的原话，截短，不含患者信息', from: '之前的状态', to: '之后的状态', unitsTotal: '整盒的最小单位数', unitsLeft: '剩余的最小单位数',
  pauseReason: '暂停的原因', changedBy: '最近一次切换的人', byState: '各状态的任务数', oldestAt: '最早一条未了结任务的建立时间', oldestAgeSeconds: '最早一条已等待的秒数',
  counts: '盒数合计', recall: '召回通知',
  assigned: '拆零库分配的追溯码', destinations: '各上报目标',
};

const DELIVERY_STATE = 'held 等待结算、queued 排队、claimed 正在上报、sent 已发出、processing 平台处理中、unknown 结果不明正在查询、accepted 已上报、duplicate 平台此前已收到、not-owed 无需上报、withdrawn 已撤回、rejected 平台拒绝、needs-attention 待人工处理';

/** The same where a member means something of its own: `Component.member`. */
const BY_PLACE: Readonly<Record<string, string>> = {
  'Delivery.state': DELIVERY_STATE, 'DeliveryWithHistory.state': DELIVERY_STATE, 'EventSummary.state': DELIVERY_STATE,
  'Delivery.reason': '未成功的原因代码，见 README 的“上报未成功的原因”', 'DeliveryWithHistory.reason': '未成功的原因代码，见 README 的“上报未成功的原因”', 'Attempt.reason': '未成功的原因代码',
  'EventResult.status': 'accepted 已接收、duplicate 重复（算成功）、quarantined 留在待处理、rejected 被拒并留在待处理', 'EventResult.code': '分配的追溯码', 'EventResult.quantity': '从该码取用的最小单位数',
  'CodeLife.code': '追溯码', 'CodeLife.state': 'unseen 未登记、in-stock 在库、opened 拆零中、dispensed 已发出、returned-to-supplier 已退供应商、transferred 已调出、destroyed 已销毁、lost 已盘亏、removed 其它出库', 'CodeLife.events': '经历的每个事件，按先后',
  'Destination.name': '上报目标的名称', 'Destination.state': 'running 运行、paused 暂停', 'DestinationSummary.name': '上报目标的名称', 'Summary.events': '当日事件数',
  'get-openapi.openapi': 'OpenAPI 版本', 'get-code.code': '追溯码，或扫描到的文字', 'get-health.status': 'ok 表示进程存活', 'get-readiness.status': 'ready 可以接收',
  'list-quarantine.state': '状态，默认 quarantined（尚未处理的）；retried 已重试成功，superseded 已被新的记录取代', 'list-quarantine.code': '错误码', 'retry-quarantine.code': '错误码',
  'list-deliveries.reason': '原因代码，例如 MISSING_FIELD', 'resend-deliveries.reason': '原因代码，例如 MISSING_FIELD；不认识的代码会被拒绝', 'pause-destination.state': 'paused', 'resume-destination.state': 'running',
  'pause-destination.reason': '暂停的原因，会留存', 'get-event.event': '事件原文，人员信息按角色脱敏', 'get-event.lines': '明细行', 'QuarantinedRecord.code': '错误码',
};

/** Component of /openapi.json → where its members stand in an event. */
const EVENT_PARTS: Readonly<Record<string, string>> = { TraceEvent: '', Person: 'operator.', Patient: 'patient.', Counterparty: 'counterparty.', EventLine: 'lines[].' };

/** @returns what a member of a request or an answer means, in Chinese; undefined when nothing is known of it */
export function fieldText(place: string, member: string): string | undefined {
  const part = EVENT_PARTS[place];
  if (part !== undefined) {
    const text = EVENT_FIELD_TEXTS[part + member];
    return text?.example === undefined ? text?.zh : `${text.zh}；例：${text.example}`;
  }
  return BY_PLACE[`${place}.${member}`] ?? BY_NAME[member];
}
