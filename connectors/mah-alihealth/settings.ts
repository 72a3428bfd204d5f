import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';

const partner = {
  name: { kind: 'text', required: true, label: '企业全称', meaning: '在码上放心平台登记的企业全称；与 HIS 的供应商名称逐字比较', description: 'full name as registered on the platform; compared with the supplier name of the HIS', example: '示范医药有限公司' },
  code: { kind: 'text', label: 'HIS 供应商编码', meaning: 'HIS 的供应商编码；填写时优先按它认', description: 'supplier code of the HIS; wins over the name', example: 'G0012' },
  entId: { kind: 'text', required: true, label: 'ent_id', meaning: '往来单位的 ent_id（getentinfolist 查得），上报时作发货方或收货方', description: 'ent_id of the partner (getentinfolist), used in from_user_id / to_user_id', example: '320000000000000001' },
  refEntId: { kind: 'text', label: 'ref_ent_id', meaning: '往来单位的 ref_ent_id；与 ent_id 不是同一个号，不能抄用', description: 'ref_ent_id of the partner; never copied from entId' },
  address: { kind: 'text', label: '地址', meaning: '往来单位的地址；填写时随单据上报', description: 'sent as from_address / to_address when given' },
} as const satisfies SettingTable;

const rate = {
  uploadsPerSecond: { kind: 'number', default: 3, min: 0.1, max: 1_000, label: '每秒上传', meaning: '每秒至多上传几张单据；同一 AppKey 的所有目标共用；超出的排队等', description: 'bills a second, shared by every destination with the same app key (330 ms apart ran clean in production, mah.md 2.5)' },
  queriesPerSecond: { kind: 'number', default: 2, min: 0.1, max: 1_000, label: '每秒查询', meaning: '每秒至多查询几次；同一 AppKey 的所有目标共用', description: 'queries a second, shared likewise (500 ms apart ran clean)' },
  callsPerSecond: { kind: 'number', min: 0.1, max: 1_000, label: '每秒合计', meaning: '上传与查询合计每秒至多几次；平台按 AppKey 合计限次时填写；不填即不合计', description: 'uploads and queries together, where the gateway counts all calls of the app key; empty = not counted together' },
  sharedBy: { kind: 'integer', min: 1, max: 100, label: '共用程序数', meaning: '同时使用这个 AppKey 的程序（进程）数，含本程序；每个只用上面频率的几分之一；不填即 1', description: 'processes that use the app key at the same time, this one included: each takes its part of the rates; empty = 1' },
} as const satisfies SettingTable;

/** Settings of a destination with `connector: mah-alihealth`. */
export const settings = {
  gateway: { kind: 'url', required: true, label: '网关地址', meaning: 'TOP 网关的完整网址，由平台方给出', description: 'TOP gateway', example: 'https://eco.taobao.com/router/rest' },
  appKey: { kind: 'text', required: true, label: 'AppKey', meaning: '应用的 AppKey，由平台方给出', description: 'app key of the application', example: '12345678' },
  appSecret: { kind: 'text', required: true, secret: true, label: 'AppSecret', meaning: '应用的密钥，只能写成 ${环境变量} 或 file:路径', description: 'secret of the application', example: '${TOP_SECRET}' },
  session: { kind: 'text', secret: true, label: '会话', meaning: '授权会话 session key；平台要求时才填，多数医院不需要', description: 'session key; only where the grant asks for one (hospital bridges run without)' },
  signMethod: { kind: 'choice', choices: ['hmac-sha256', 'hmac', 'md5'], default: 'hmac-sha256', label: '签名方式', meaning: '请求签名的算法，须与应用设置一致；不一致时平台报签名错误', description: 'sign_method (mah.md 2.3)' },
  format: { kind: 'choice', choices: ['json', 'xml'], default: 'json', label: '返回格式', meaning: '要求平台用哪种格式应答；无论哪种都能读懂', description: 'format of replies; both are understood whatever is asked for' },
  simplify: { kind: 'boolean', default: true, label: '精简 JSON', meaning: 'true = 要求精简的 JSON（不带外层包装）；一般不改', description: 'ask for JSON without root key and list wrappers' },
  commonIn: { kind: 'choice', choices: ['body', 'query'], default: 'body', label: '公共参数位置', meaning: '公共参数放在请求体（body）还是网址（query）；网关拒绝其中一种时改用另一种', description: 'where common parameters travel; official clients use the query string, others the body' },
  rate: { kind: 'section', fields: rate, label: '调用频率', description: 'budget of the app key' },
  maxBudgetWait: { kind: 'duration', default: 60_000, min: 100, max: 600_000, label: '等待额度上限', meaning: '等频率额度最多等多久；更久的放回队列稍后再发，不占并发', description: 'a call that would wait longer for the budget is put back into the queue' },
  concurrency: { kind: 'integer', default: 3, min: 1, max: 32, label: '并发', meaning: '同时进行的调用数', description: 'calls under way at most' },
  connectTimeout: { kind: 'duration', default: 5_000, min: 10, max: 60_000, label: '连接超时', meaning: '建立连接最多等多久；超时按“没有发出”处理，自动重试', description: 'time to open a connection' },
  uploadTimeout: { kind: 'duration', default: 30_000, min: 10, max: 120_000, label: '上传超时', meaning: '一次上传最多等多久；超时后先查该单据是否已到，不盲目重发', description: 'time for one upload; after it the bill is asked for, never blindly sent again' },
  queryTimeout: { kind: 'duration', default: 15_000, min: 10, max: 120_000, label: '查询超时', meaning: '一次查询最多等多久', description: 'time for one query' },
  maxReplyBytes: { kind: 'integer', default: 8_388_608, min: 1_024, max: 67_108_864, label: '应答大小上限', meaning: '单位字节（默认 8 MiB）；更大的应答按读不懂处理', description: 'larger replies count as unreadable' },
  billPrefix: { kind: 'text', default: '', pattern: /^[A-Za-z0-9]{0,4}$/, label: '单号前缀', meaning: '加在本院每个单号前的 0 至 4 个字母或数字；与平台其它上报方的单号区分；上线后不要改', description: 'up to 4 letters or digits before every bill number of ours' },
  otherPrefixes: { kind: 'list', of: 'text', label: '平台单号前缀', meaning: '其它上报软件可能加在本院单号前的前缀；判断单据不存在之前也按它们查；不填即 RK', description: 'prefixes another uploader may have put before our number; asked for before a bill is called missing. Empty = RK (mah.md 13.2)' },
  codesPerBill: { kind: 'integer', default: 3_500, min: 1, max: 10_000, label: '每单追溯码数', meaning: '一张单据至多多少个追溯码；超出的拆成 _1、_2……；用药类单据固定不超过 3500', description: 'more codes are split into bills _1.._n; bills of the use side never hold more than 3500' },
  acceptPrefix: { kind: 'text', default: '8', pattern: /^\d{1,7}$/, label: '平台码段', meaning: '以它开头的 20 位码属于码上放心；其余按 otherOwners 处理', description: '20-digit codes that begin with this belong to the platform' },
  otherOwners: { kind: 'choice', choices: ['needs-attention', 'not-owed'], default: 'needs-attention', label: '其他码', meaning: '不属于码上放心的码：needs-attention = 转待人工处理；not-owed = 视为不归本目标上报', description: 'codes of other trace systems: show them to a person, or leave them to another destination' },
  splitReport: { kind: 'choice', choices: ['first-opening', 'when-empty', 'never'], default: 'first-opening', label: '拆零上报时机', meaning: '拆零药品每盒只报一次 323：first-opening = 拆开时报；when-empty = 用完时报；never = 不报', description: '323 once per code: when the pack is opened, when it is used up, or never (mah.md 6)' },
  transfers: { kind: 'choice', choices: ['off', '203/104', '209/107'], default: 'off', label: '调拨单据类型', meaning: '调出 / 调入用哪种单据类型；off = 只在本机登记，待与平台试报通过后再开', description: 'bill types of transfer-out / transfer-in; off = local record only until a trial upload passed' },
  billTypes: { kind: 'map', label: '单据类型', meaning: '业务种类对应的单据类型，或 off 表示不报；覆盖默认；写错时 check 会指出', description: 'event kind to bill type, or off; overrides the defaults of the README table', example: '{ stock-gain: "111", stock-loss: "214" }' },
  physicType: { kind: 'integer', default: 3, min: 1, max: 9, label: '药品类型', meaning: '上报的药品类型 physic_type，1 至 9；3 总能通过，平台会自行更正', description: 'physic_type; 3 always works, the platform corrects it (mah.md 4)' },
  sendPatient: { kind: 'choice', choices: ['none', 'visit-no', 'name'], default: 'visit-no', label: '患者标识', meaning: '用药单据的 user_name 填什么：none 不填、visit-no 就诊号、name 姓名；证件号和电话从不发送', description: 'user_name of use-side bills: nothing, the in-house visit number, or the name; id numbers and telephones are never sent' },
  sendStaff: { kind: 'boolean', default: true, label: '医师药师姓名', meaning: 'true = 随单据上报医师、药师和收发货人姓名；false = 不报', description: 'medic_doctor / medic_dispenser, and the receiving or shipping person of other bills' },
  address: { kind: 'text', label: '本院地址', meaning: '本院地址；填写时随单据作为本方地址上报', description: 'own side of from_address / to_address when given' },
  operatorCode: { kind: 'text', label: '提交人编码', meaning: '提交人编码 oper_ic_code；不填即 AppKey', description: 'oper_ic_code; empty = the app key' },
  operatorName: { kind: 'text', default: 'his-trace', label: '提交人名称', meaning: '提交人名称 oper_ic_name', description: 'oper_ic_name' },
  ignorePartSuccess: { kind: 'boolean', default: false, label: '整单成败', meaning: 'true = 一张单据有一个码不行则整单被拒；false = 允许部分接受，被拒的转待人工处理', description: 'true sends ignore_part_success_flag=1: one bad code refuses the whole bill' },
  lookupPartners: { kind: 'boolean', default: true, label: '自动查找往来单位', meaning: 'true = partners 里没有的供应商到平台按名称查，恰有一家同名才采用；false = 只用 partners', description: 'ask the platform for a supplier that is not under partners; taken only when exactly one enterprise has that very name' },
  partners: { kind: 'list', of: partner, label: '往来单位', meaning: '供应商等往来单位及其平台编号；名称不一致或查不到的在此登记', description: 'suppliers and other partners with their platform ids' },
  pollFirst: { kind: 'duration', default: 3_000, min: 0, max: 900_000, label: '首次查询', meaning: '上传后隔多久第一次查处理结果', description: 'pause between an upload and the first status query' },
  pollEvery: { kind: 'duration', default: 2_000, min: 0, max: 3_600_000, label: '查询间隔', meaning: '还在处理的单据隔多久再查', description: 'a bill still being processed is not asked about again sooner' },
  pollFor: { kind: 'duration', default: 86_400_000, min: 1_000, max: 2_592_000_000, label: '查询期限', meaning: '多久还没处理完就按故障显示，并继续查', description: 'a bill not processed by then is shown as a fault, and still asked about' },
  statusDays: { kind: 'integer', default: 30, min: 1, max: 366, label: '查询跨度', meaning: '单位天；一次状态查询至多跨多少天，平台限制更小时调低', description: 'days one status query may span at most' },
} as const satisfies SettingTable;

export type MahSettings = SettingsOf<typeof settings>;
export type PartnerSetting = MahSettings['partners'][number];
