import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';

const partner = {
  name: { kind: 'text', required: true, label: '企业全称', description: 'full name as registered on the platform; compared with the supplier name of the HIS', example: '示范医药有限公司' },
  code: { kind: 'text', label: 'HIS 供应商编码', description: 'supplier code of the HIS; wins over the name', example: 'G0012' },
  entId: { kind: 'text', required: true, label: 'ent_id', description: 'ent_id of the partner (getentinfolist), used in from_user_id / to_user_id', example: '320000000000000001' },
  refEntId: { kind: 'text', label: 'ref_ent_id', description: 'ref_ent_id of the partner; never copied from entId' },
  address: { kind: 'text', label: '地址', description: 'sent as from_address / to_address when given' },
} as const satisfies SettingTable;

const rate = {
  uploadsPerSecond: { kind: 'number', default: 3, min: 0.1, max: 1_000, label: '每秒上传', description: 'bills a second, shared by every destination with the same app key (330 ms apart ran clean in production, mah.md 2.5)' },
  queriesPerSecond: { kind: 'number', default: 2, min: 0.1, max: 1_000, label: '每秒查询', description: 'queries a second, shared likewise (500 ms apart ran clean)' },
} as const satisfies SettingTable;

/** Settings of a destination with `connector: mah-alihealth`. */
export const settings = {
  gateway: { kind: 'url', required: true, label: '网关地址', description: 'TOP gateway', example: 'https://eco.taobao.com/router/rest' },
  appKey: { kind: 'text', required: true, label: 'AppKey', description: 'app key of the application', example: '12345678' },
  appSecret: { kind: 'text', required: true, secret: true, label: 'AppSecret', description: 'secret of the application', example: '${TOP_SECRET}' },
  session: { kind: 'text', secret: true, label: '会话', description: 'session key; only where the grant asks for one (hospital bridges run without)' },
  signMethod: { kind: 'choice', choices: ['hmac-sha256', 'hmac', 'md5'], default: 'hmac-sha256', label: '签名方式', description: 'sign_method (mah.md 2.3)' },
  format: { kind: 'choice', choices: ['json', 'xml'], default: 'json', label: '返回格式', description: 'format of replies; both are understood whatever is asked for' },
  simplify: { kind: 'boolean', default: true, label: '精简 JSON', description: 'ask for JSON without root key and list wrappers' },
  commonIn: { kind: 'choice', choices: ['body', 'query'], default: 'body', label: '公共参数位置', description: 'where common parameters travel; official clients use the query string, others the body' },
  rate: { kind: 'section', fields: rate, label: '调用频率', description: 'budget of the app key' },
  maxBudgetWait: { kind: 'duration', default: 60_000, min: 100, max: 600_000, label: '等待额度上限', description: 'a call that would wait longer for the budget is put back into the queue' },
  concurrency: { kind: 'integer', default: 3, min: 1, max: 32, label: '并发', description: 'calls under way at most' },
  connectTimeout: { kind: 'duration', default: 5_000, min: 10, max: 60_000, label: '连接超时', description: 'time to open a connection' },
  uploadTimeout: { kind: 'duration', default: 30_000, min: 10, max: 120_000, label: '上传超时', description: 'time for one upload; after it the bill is asked for, never blindly sent again' },
  queryTimeout: { kind: 'duration', default: 15_000, min: 10, max: 120_000, label: '查询超时', description: 'time for one query' },
  maxReplyBytes: { kind: 'integer', default: 8_388_608, min: 1_024, max: 67_108_864, label: '应答大小上限', description: 'larger replies count as unreadable' },
  billPrefix: { kind: 'text', default: '', pattern: /^[A-Za-z0-9]{0,4}$/, label: '单号前缀', description: 'up to 4 letters or digits before every bill number of ours' },
  otherPrefixes: { kind: 'list', of: 'text', label: '平台单号前缀', description: 'prefixes another uploader may have put before our number; asked for before a bill is called missing. Empty = RK (mah.md 13.2)' },
  codesPerBill: { kind: 'integer', default: 3_500, min: 1, max: 10_000, label: '每单追溯码数', description: 'more codes are split into bills _1.._n; bills of the use side never hold more than 3500' },
  acceptPrefix: { kind: 'text', default: '8', pattern: /^\d{1,7}$/, label: '平台码段', description: '20-digit codes that begin with this belong to the platform' },
  otherOwners: { kind: 'choice', choices: ['needs-attention', 'not-owed'], default: 'needs-attention', label: '其他码', description: 'codes of other trace systems: show them to a person, or leave them to another destination' },
  splitReport: { kind: 'choice', choices: ['first-opening', 'when-empty', 'never'], default: 'first-opening', label: '拆零上报时机', description: '323 once per code: when the pack is opened, when it is used up, or never (mah.md 6)' },
  transfers: { kind: 'choice', choices: ['off', '203/104', '209/107'], default: 'off', label: '调拨单据类型', description: 'bill types of transfer-out / transfer-in; off = local record only until a trial upload passed' },
  billTypes: { kind: 'map', label: '单据类型', description: 'event kind to bill type, or off; overrides the defaults of the README table', example: '{ stock-gain: "111", stock-loss: "214" }' },
  physicType: { kind: 'integer', default: 3, min: 1, max: 9, label: '药品类型', description: 'physic_type; 3 always works, the platform corrects it (mah.md 4)' },
  sendPatient: { kind: 'choice', choices: ['none', 'visit-no', 'name'], default: 'visit-no', label: '患者标识', description: 'user_name of use-side bills: nothing, the in-house visit number, or the name; id numbers and telephones are never sent' },
  sendStaff: { kind: 'boolean', default: true, label: '医师药师姓名', description: 'medic_doctor / medic_dispenser, and the receiving or shipping person of other bills' },
  address: { kind: 'text', label: '本院地址', description: 'own side of from_address / to_address when given' },
  operatorCode: { kind: 'text', label: '提交人编码', description: 'oper_ic_code; empty = the app key' },
  operatorName: { kind: 'text', default: 'his-trace', label: '提交人名称', description: 'oper_ic_name' },
  ignorePartSuccess: { kind: 'boolean', default: false, label: '整单成败', description: 'true sends ignore_part_success_flag=1: one bad code refuses the whole bill' },
  lookupPartners: { kind: 'boolean', default: true, label: '自动查找往来单位', description: 'ask the platform for a supplier that is not under partners; taken only when exactly one enterprise has that very name' },
  partners: { kind: 'list', of: partner, label: '往来单位', description: 'suppliers and other partners with their platform ids' },
  pollFirst: { kind: 'duration', default: 3_000, min: 0, max: 3_600_000, label: '首次查询', description: 'pause between an upload and the first status query' },
  pollEvery: { kind: 'duration', default: 2_000, min: 0, max: 3_600_000, label: '查询间隔', description: 'a bill still being processed is not asked about again sooner' },
  pollFor: { kind: 'duration', default: 86_400_000, min: 1_000, max: 2_592_000_000, label: '查询期限', description: 'a bill not processed by then is shown as a fault, and still asked about' },
  statusDays: { kind: 'integer', default: 30, min: 1, max: 366, label: '查询跨度', description: 'days one status query may span at most' },
} as const satisfies SettingTable;

export type MahSettings = SettingsOf<typeof settings>;
export type PartnerSetting = MahSettings['partners'][number];
