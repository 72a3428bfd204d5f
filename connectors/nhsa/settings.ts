import { FAULT_REASONS } from '../../adapter/domain/outcome.ts';
import type { SettingsOf, SettingTable } from '../../adapter/ports/settings.ts';

/** Settings of a destination that speaks to the national medical-insurance platform; contract section 3. */
export const nhsaSettings = {
  baseUrl: { kind: 'url', required: true, label: '平台地址', meaning: '医保平台或医保前置机的地址；各路径接在它后面', description: 'Address of the insurance platform or of its front-end machine; paths are appended to it.', example: 'http://10.1.1.1:20001' },
  transport: { kind: 'choice', choices: ['rest', 'single-endpoint', 'soap'], label: '接入方式', meaning: '默认按地区规则；rest 每个交易一个路径，single-endpoint 全部交易一个路径，soap 把报文放进一个字符串参数', description: '`rest`: one path per transaction; `single-endpoint`: one path for all; `soap`: one string argument of a SOAP operation; default by profile.' },
  profile: { kind: 'text', default: 'national', pattern: /^[a-z0-9-]+$/, label: '地区规则', meaning: 'connectors/nhsa/profiles 下的文件名：各地的必填项、路径、限额、加密与应答文字', description: 'Name of a file under connectors/nhsa/profiles: required fields, paths, limits, answer texts of a region.' },
  paasId: { kind: 'text', label: '网关账号', meaning: '医保局发的网关账号（x-tif-paasid）；不填不发 x-tif 请求头', description: 'x-tif-paasid issued by the bureau; without it no x-tif headers are sent.' },
  paasToken: { kind: 'text', secret: true, label: '网关密钥', meaning: '计算 x-tif-signature 的密钥，本身不外发', description: 'Token behind x-tif-signature; never sent itself.', example: '${NHSA_TOKEN}' },
  digest: { kind: 'choice', choices: ['sha256', 'sm3'], default: 'sha256', label: '网关签名算法', meaning: 'x-tif-signature 的摘要算法', description: 'Digest of x-tif-signature.' },
  headers: { kind: 'map', label: '附加请求头', meaning: '附加的 HTTP 请求头，例如本地代理的 apikey', description: 'Extra HTTP headers, for example the apikey of a local agent.' },
  sign: { kind: 'choice', choices: ['none', 'sm2-envelope', 'sm2-input'], label: '报文签名', meaning: 'cainfo 的签名方式；sm2-envelope 对报文头签名（国家），sm2-input 对 input 明文签名（吉林）；默认按地区规则', description: 'Signature of the message (cainfo): `sm2-envelope` over the outer members (national), `sm2-input` over the plain input (Jilin); default by profile.' },
  encrypt: { kind: 'choice', choices: ['none', 'sm4'], label: '报文加密', meaning: 'input 的加密方式；默认按地区规则', description: 'Encryption of input (enc_type); default by profile.' },
  signKey: { kind: 'text', secret: true, label: '签名私钥', meaning: '本院 SM2 私钥，PEM、十六进制或 Base64', description: 'Our SM2 private key: PEM, hex or Base64.', example: 'file:nhsa-sm2.key' },
  platformKey: { kind: 'text', label: '平台公钥', meaning: '平台 SM2 公钥；填写后每个应答都验签，验不过按结果不明处理', description: 'SM2 public key of the platform; where it is given, signed answers are verified.' },
  sm4Key: { kind: 'text', secret: true, label: '加密密钥', meaning: 'input 的 SM4 密钥：32 位十六进制、Base64 或 16 个字符；吉林不填时取 clientId', description: 'SM4 key of input: 32 hex digits, Base64 or 16 characters; Jilin: the client id where it is left out.', example: '${NHSA_SM4_KEY}' },
  sm2UserId: { kind: 'text', default: '1234567812345678', label: '签名用户标识', meaning: 'SM2 签名的用户标识，双方约定一致', description: 'SM2 user id of the signature.' },
  oauth: {
    kind: 'section', label: '令牌', meaning: 'OAuth2 密码方式取令牌（吉林）；到期前自动换新', description: 'OAuth2 password grant (Jilin); the token is renewed before it ends.',
    fields: {
      url: { kind: 'url', label: '令牌服务地址', meaning: '令牌服务不在 baseUrl 这台机器上时填写', description: 'Where it is another machine than baseUrl.' },
      path: { kind: 'text', label: '令牌路径', meaning: '令牌接口的路径；默认按地区规则', description: 'Path of the token endpoint; default by profile.' },
      scope: { kind: 'text', label: '范围', meaning: '申请令牌的范围；默认按地区规则', description: 'scope of the grant; default by profile.' },
      clientId: { kind: 'text', label: '客户端编号', meaning: '客户端编号（Basic 认证）', description: 'Client id (Basic authentication).' },
      clientSecret: { kind: 'text', secret: true, label: '客户端密钥', meaning: '客户端密钥', description: 'Client secret.' },
      username: { kind: 'text', label: '用户名', meaning: '申请令牌的用户名', description: 'User of the grant.' },
      password: { kind: 'text', secret: true, label: '密码', meaning: '申请令牌的密码', description: 'Password of that user.' },
    },
  },
  soap: {
    kind: 'section', label: 'SOAP', meaning: 'transport 为 soap 时，单参数操作的各个名称；默认按地区规则', description: 'Transport soap: names of the one-argument operation; defaults by profile.',
    fields: {
      path: { kind: 'text', label: '路径', meaning: '令牌接口的路径；默认按地区规则', description: 'Appended to baseUrl.' },
      version: { kind: 'choice', choices: ['1.1', '1.2'], label: '版本', meaning: 'SOAP 版本，1.1 或 1.2', description: 'SOAP version.' },
      action: { kind: 'text', label: 'SOAPAction', meaning: 'SOAPAction；默认为命名空间加操作名', description: 'Default: namespace and operation.' },
      namespace: { kind: 'text', label: '命名空间', meaning: '操作元素的命名空间', description: 'Target namespace.' },
      operation: { kind: 'text', label: '操作名', meaning: '正文中的操作元素名', description: 'Element in the body.' },
      argument: { kind: 'text', label: '参数名', meaning: '放报文的参数元素名', description: 'Element that holds the text.' },
      result: { kind: 'text', label: '结果元素', meaning: '应答中放报文的元素名', description: 'Element of the answer that holds the text.' },
      payload: { kind: 'choice', choices: ['json', 'xml'], label: '内容格式', meaning: '参数里是 JSON 还是 XML', description: 'What the text is.' },
    },
  },
  signIn: { kind: 'boolean', label: '签到', meaning: '每天每机构用 9001 签到一次；默认按地区规则', description: 'Sign in with 9001 once a day per institution and send sign_no; default by profile.' },
  signOutAtStop: { kind: 'boolean', default: false, label: '停止时签退', meaning: '停止时用 9002 签退；默认关，有的地区签退后当日不能再签到', description: 'Sign out with 9002 at stop. Off by default: some regions allow no new 9001 on the day of a 9002.' },
  operator: {
    kind: 'section', label: '经办人', meaning: '每次调用的经办人（opter_type、opter、opter_name）', description: 'Operator of every call (opter_type, opter, opter_name).',
    fields: {
      type: { kind: 'choice', choices: ['1', '2', '3'], default: '1', label: '经办人类别', meaning: '1 经办人，2 自助终端，3 移动终端', description: '1 operator, 2 self-service terminal, 3 mobile terminal.' },
      code: { kind: 'text', required: true, label: '经办人编号', meaning: '在平台登记过的经办人编号', description: 'Operator registered at the platform.', example: '001' },
      name: { kind: 'text', required: true, label: '经办人姓名', meaning: '该经办人的姓名', description: 'Name of that operator.', example: '系统' },
    },
  },
  operatorForLines: { kind: 'boolean', default: true, label: '业务经办人缺省取上面的经办人', meaning: '需要经办人而 HIS 没给时，取上面的经办人；关掉则转人工处理', description: 'Rows that need a handling person and have none from the HIS name the operator above; off = such rows need attention.' },
  recerSysCode: { kind: 'text', label: '接收方系统代码', meaning: 'recer_sys_code，由各地规定；默认按地区规则', description: 'recer_sys_code, defined by the region; default by profile.' },
  mac: { kind: 'text', label: '签到 MAC 地址', meaning: '9001 的 mac；不填取本机网卡', description: 'mac of 9001; found from the network interfaces when absent.', example: '00-50-56-AA-BB-CC' },
  ip: { kind: 'text', label: '签到 IP 地址', meaning: '9001 的 ip；不填取本机网卡', description: 'ip of 9001; found from the network interfaces when absent.', example: '10.1.2.3' },
  batch: {
    kind: 'section', label: '批量', meaning: '一次调用带多少', description: 'How much travels in one call.',
    fields: {
      rows: { kind: 'integer', default: 20, min: 1, max: 100, label: '每次最多行数', meaning: '一次 A 类交易最多几行', description: 'Rows in one A-form call at most.' },
      chars: { kind: 'integer', default: 30_000, min: 2_000, max: 40_000, label: '每次最多字符数', meaning: 'input 最多几个字符；规范上限 40000', description: 'Characters of input at most; the specification bounds it at 40,000.' },
      form: { kind: 'choice', choices: ['auto', 'single'], default: 'auto', label: '批量方式', meaning: 'auto：两行以上用 A 类交易；single：从不用 A 类交易', description: '`auto`: A forms for two rows and more; `single`: never A forms (platforms that do not have them).' },
    },
  },
  concurrency: { kind: 'integer', default: 2, min: 1, max: 8, label: '并发数', meaning: '同时进行的调用数上限', description: 'Calls under way at most.' },
  timeouts: {
    kind: 'section', label: '超时', meaning: '等待时间；超过后结果不明，先查询再决定', description: 'Waits; a reply later than this counts as unknown and is asked about.',
    fields: {
      connect: { kind: 'duration', default: 5_000, min: 100, max: 60_000, label: '连接超时', meaning: '建立连接的等待', description: 'To build a connection.' },
      reply: { kind: 'duration', default: 30_000, min: 500, max: 300_000, label: '应答超时', meaning: '整个调用的等待', description: 'For the whole call.' },
    },
  },
  askAfter: { kind: 'duration', default: 0, min: 0, max: 600_000, label: '查询静默期', meaning: '发出后这段时间内查不到不算没有', description: 'A call without an answer may still be in process: within this time after sending, "not found" is no answer. The delivery itself already believes "absent" only when it was said twice, some time apart.' },
  paths: { kind: 'map', label: '路径覆盖', meaning: '各交易的路径，盖过地区规则；* 为其余交易，{infno} 换成交易编号', description: 'Path per transaction number, over those of the profile; `*` for all others ({infno} is replaced).', example: '{ "3505A": "/fsi/api/goodsService/goodsSellA" }' },
  singlePath: { kind: 'text', label: '统一路径', meaning: '全部交易共用的路径，盖过地区规则', description: 'Path of transport single-endpoint, over that of the profile.' },
  envelope: { kind: 'map', label: '报文头固定值', meaning: '报文头的固定值：infver、dev_no、dev_safe_info、app_id、pw_ecToken 等', description: 'Fixed values of envelope members: infver, dev_no, dev_safe_info, app_id, pw_ecToken …' },
  transactions: { kind: 'map', label: '事件对应交易', meaning: '各类事件上报哪些交易，逗号分隔，盖过地区规则', description: 'Transactions per event kind, comma-separated, over those of the profile.', example: '{ "stock-count": "3501,3502:106" }' },
  splitQuantity: { kind: 'choice', choices: ['smallest-unit', 'pack-fraction'], label: '拆零数量单位', meaning: '拆零行按最小单位计，或按包装的小数计（4 位）；默认按地区规则', description: 'Quantity of split rows in smallest units or as a fraction of the pack (4 decimals); default by profile.' },
  codesRequired: { kind: 'boolean', label: '发药必须有追溯码', meaning: '没有追溯码的发药行转人工处理，不上报；默认按地区规则', description: 'Dispense lines without any code need attention instead of being sent; default by profile.' },
  settlementUnknown: { kind: 'choice', choices: ['self-pay', 'hold'], label: '结算类型未知时', meaning: 'HIS 没说结算类型也没给参保信息时：按自费上报，或等结算；默认按地区规则', description: 'Dispense of a patient of whom the HIS told neither settlement type nor insurance number: send as self-pay, or wait for the settlement; default by profile.' },
  reversal: { kind: 'choice', choices: ['delete', 'return'], label: '作废发药的方式', meaning: '作废的发药用 3507 删除，或用 3506 退货；默认按地区规则', description: 'How a cancelled dispense is taken back: 3507 delete or 3506 return; default by profile.' },
  uploadWithinDays: { kind: 'integer', min: 0, max: 3_650, label: '上报时限（天）', meaning: '业务发生后几天内可以上报；超过的转人工处理；0 为不限；默认按地区规则', description: 'Days after the business in which the bureau takes its report; later rows need attention; 0 = no such rule; default by profile.' },
  requiredFields: { kind: 'list', of: 'text', label: '追加必填字段', meaning: '本院必须填写的字段，如 3505.expy_end', description: 'Fields this site must fill, as `3505.expy_end`.' },
  optionalFields: { kind: 'list', of: 'text', label: '改为非必填的字段', meaning: '本院可以不填的字段，如 3505.manu_date', description: 'Fields this site need not fill although the table says so, as `3505.manu_date`.' },
  answers: {
    kind: 'list', label: '应答文字分类', meaning: '平台报错文字归哪一类，先于地区规则', description: 'Classes of error texts, looked at before those of the profile.',
    of: {
      match: { kind: 'text', required: true, label: '匹配', meaning: '对平台文字的正则表达式', description: 'Regular expression on the text of the platform.' },
      reason: { kind: 'choice', choices: [...FAULT_REASONS], required: true, label: '原因', meaning: '归为哪种原因', description: 'Reason it stands for.' },
      then: { kind: 'choice', choices: ['park', 'retry', 'ask', 'prove', 'sign-in-again'], default: 'park', label: '处理', meaning: 'park 转人工，retry 重试（未处理），ask 先查询（可能已处理），prove 核实是否重复，sign-in-again 重新签到', description: 'park for a person, retry (not processed), ask (perhaps processed), prove a duplicate, sign in again.' },
    },
  },
  ca: { kind: 'text', label: '平台根证书', meaning: '平台用私有证书时的根证书：PEM 内容或文件路径', description: 'Certificate authority of the platform, where it is a private one: PEM text or the path of a PEM file.' },
  cert: { kind: 'text', label: '客户端证书', meaning: '平台要求客户端证书时的本院证书：PEM 内容或文件路径', description: 'Our certificate, where the platform asks for one: PEM text or the path of a PEM file.' },
  key: { kind: 'text', secret: true, label: '客户端私钥', meaning: '客户端证书的私钥（PEM）', description: 'Key of our certificate (PEM).', example: 'file:nhsa-client.key' },
} as const satisfies SettingTable;

export type NhsaSettings = SettingsOf<typeof nhsaSettings>;
