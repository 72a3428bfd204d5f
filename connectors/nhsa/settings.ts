import { FAULT_REASONS } from '../../adapter/domain/outcome.ts';
import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';

/** Settings of a destination that speaks to the national medical-insurance platform; contract section 3. */
export const nhsaSettings = {
  baseUrl: { kind: 'url', required: true, label: '平台地址', description: 'Address of the insurance platform or of its front-end machine; paths are appended to it.', example: 'http://10.1.1.1:20001' },
  transport: { kind: 'choice', choices: ['rest', 'single-endpoint'], default: 'rest', label: '接入方式', description: '`rest`: one path per transaction; `single-endpoint`: one path for all transactions.' },
  profile: { kind: 'text', default: 'national', pattern: /^[a-z0-9-]+$/, label: '地区规则', description: 'Name of a file under connectors/nhsa/profiles: required fields, paths, limits, answer texts of a region.' },
  paasId: { kind: 'text', label: '网关账号', description: 'x-tif-paasid issued by the bureau; without it no x-tif headers are sent.' },
  paasToken: { kind: 'text', secret: true, label: '网关密钥', description: 'Token behind x-tif-signature; never sent itself.', example: '${NHSA_TOKEN}' },
  digest: { kind: 'choice', choices: ['sha256', 'sm3'], default: 'sha256', label: '网关签名算法', description: 'Digest of x-tif-signature.' },
  headers: { kind: 'map', label: '附加请求头', description: 'Extra HTTP headers, for example the apikey of a local agent.' },
  sign: { kind: 'choice', choices: ['none'], default: 'none', label: '报文签名', description: 'Signature of the envelope (cainfo).' },
  encrypt: { kind: 'choice', choices: ['none'], default: 'none', label: '报文加密', description: 'Encryption of input (enc_type).' },
  signIn: { kind: 'boolean', default: true, label: '签到', description: 'Sign in with 9001 once a day per institution and send sign_no.' },
  signOutAtStop: { kind: 'boolean', default: false, label: '停止时签退', description: 'Sign out with 9002 at stop. Off by default: some regions allow no new 9001 on the day of a 9002.' },
  operator: {
    kind: 'section', label: '经办人', description: 'Operator of every call (opter_type, opter, opter_name).',
    fields: {
      type: { kind: 'choice', choices: ['1', '2', '3'], default: '1', label: '经办人类别', description: '1 operator, 2 self-service terminal, 3 mobile terminal.' },
      code: { kind: 'text', required: true, label: '经办人编号', description: 'Operator registered at the platform.', example: '001' },
      name: { kind: 'text', required: true, label: '经办人姓名', description: 'Name of that operator.', example: '系统' },
    },
  },
  operatorForLines: { kind: 'boolean', default: true, label: '业务经办人缺省取上面的经办人', description: 'Rows that need a handling person and have none from the HIS name the operator above; off = such rows need attention.' },
  recerSysCode: { kind: 'text', default: 'YBXT', label: '接收方系统代码', description: 'recer_sys_code, defined by the region.' },
  mac: { kind: 'text', label: '签到 MAC 地址', description: 'mac of 9001; found from the network interfaces when absent.', example: '00-50-56-AA-BB-CC' },
  ip: { kind: 'text', label: '签到 IP 地址', description: 'ip of 9001; found from the network interfaces when absent.', example: '10.1.2.3' },
  batch: {
    kind: 'section', label: '批量', description: 'How much travels in one call.',
    fields: {
      rows: { kind: 'integer', default: 20, min: 1, max: 100, label: '每次最多行数', description: 'Rows in one A-form call at most.' },
      chars: { kind: 'integer', default: 30_000, min: 2_000, max: 40_000, label: '每次最多字符数', description: 'Characters of input at most; the specification bounds it at 40,000.' },
      form: { kind: 'choice', choices: ['auto', 'single'], default: 'auto', label: '批量方式', description: '`auto`: A forms for two rows and more; `single`: never A forms (platforms that do not have them).' },
    },
  },
  concurrency: { kind: 'integer', default: 2, min: 1, max: 8, label: '并发数', description: 'Calls under way at most.' },
  timeouts: {
    kind: 'section', label: '超时', description: 'Waits; a reply later than this counts as unknown and is asked about.',
    fields: {
      connect: { kind: 'duration', default: 5_000, min: 100, max: 60_000, label: '连接超时', description: 'To build a connection.' },
      reply: { kind: 'duration', default: 30_000, min: 500, max: 300_000, label: '应答超时', description: 'For the whole call.' },
    },
  },
  askAfter: { kind: 'duration', default: 0, min: 0, max: 600_000, label: '查询静默期', description: 'A call without an answer may still be in process: within this time after sending, "not found" is no answer. The delivery itself already believes "absent" only when it was said twice, some time apart.' },
  paths: { kind: 'map', label: '路径覆盖', description: 'Path per transaction number, over those of the profile; `*` for all others ({infno} is replaced).', example: '{ "3505A": "/fsi/api/goodsService/goodsSellA" }' },
  singlePath: { kind: 'text', label: '统一路径', description: 'Path of transport single-endpoint, over that of the profile.' },
  envelope: { kind: 'map', label: '报文头固定值', description: 'Fixed values of envelope members: infver, dev_no, dev_safe_info, app_id, pw_ecToken …' },
  transactions: { kind: 'map', label: '事件对应交易', description: 'Transactions per event kind, comma-separated, over those of the profile.', example: '{ "stock-count": "3501,3502:106" }' },
  splitQuantity: { kind: 'choice', choices: ['smallest-unit', 'pack-fraction'], label: '拆零数量单位', description: 'Quantity of split rows in smallest units or as a fraction of the pack (4 decimals); default by profile.' },
  codesRequired: { kind: 'boolean', label: '发药必须有追溯码', description: 'Dispense lines without any code need attention instead of being sent; default by profile.' },
  settlementUnknown: { kind: 'choice', choices: ['self-pay', 'hold'], label: '结算类型未知时', description: 'Dispense of a patient of whom the HIS told neither settlement type nor insurance number: send as self-pay, or wait for the settlement; default by profile.' },
  reversal: { kind: 'choice', choices: ['delete', 'return'], label: '作废发药的方式', description: 'How a cancelled dispense is taken back: 3507 delete or 3506 return; default by profile.' },
  requiredFields: { kind: 'list', of: 'text', label: '追加必填字段', description: 'Fields this site must fill, as `3505.expy_end`.' },
  optionalFields: { kind: 'list', of: 'text', label: '改为非必填的字段', description: 'Fields this site need not fill although the table says so, as `3505.manu_date`.' },
  answers: {
    kind: 'list', label: '应答文字分类', description: 'Classes of error texts, looked at before those of the profile.',
    of: {
      match: { kind: 'text', required: true, label: '匹配', description: 'Regular expression on the text of the platform.' },
      reason: { kind: 'choice', choices: [...FAULT_REASONS], required: true, label: '原因', description: 'Reason it stands for.' },
      then: { kind: 'choice', choices: ['park', 'retry', 'ask', 'prove', 'sign-in-again'], default: 'park', label: '处理', description: 'park for a person, retry (not processed), ask (perhaps processed), prove a duplicate, sign in again.' },
    },
  },
  ca: { kind: 'text', label: '平台根证书', description: 'Certificate authority of the platform, where it is a private one: PEM text or the path of a PEM file.' },
  cert: { kind: 'text', label: '客户端证书', description: 'Our certificate, where the platform asks for one: PEM text or the path of a PEM file.' },
  key: { kind: 'text', secret: true, label: '客户端私钥', description: 'Key of our certificate (PEM).', example: 'file:nhsa-client.key' },
} as const satisfies SettingTable;

export type NhsaSettings = SettingsOf<typeof nhsaSettings>;
