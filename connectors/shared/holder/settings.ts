import type { SettingsOf, SettingTable } from '../../../adapter/ports/settings.ts';

const partner = {
  name: { kind: 'text', label: '名称', meaning: '与 HIS 的往来单位全称一致；code 与 name 至少写一个', description: 'name of the partner in the HIS', example: '示范医药有限公司' },
  code: { kind: 'text', label: 'HIS 编码', meaning: 'HIS 的往来单位编码；比名称优先', description: 'supplier code of the HIS; wins over the name', example: 'G0012' },
  id: { kind: 'text', required: true, label: '对方系统中的编号', meaning: '模板中的 partner.id', description: 'id of the partner in the holder\'s system: `partner.id` of templates', example: 'P-0001' },
  address: { kind: 'text', label: '地址', meaning: '模板中的 partner.address', description: '`partner.address` of templates' },
} as const satisfies SettingTable;

/** Settings that every generic connector to a holder's system has; the SOAP and the REST one add their own. */
export const holderSettings = {
  profile: { kind: 'text', required: true, label: '对接文件', meaning: '随产品提供的名称（profiles/ 下的文件名，不写扩展名），或自己编写的 .yaml 文件路径（相对于启动目录）；写法见 connectors/mah-soap/README.md', description: 'name of a file under the connector\'s profiles/, or the path of a .yaml file of the site (relative to the working directory)', example: 'example-one-string' },
  user: { kind: 'text', label: '账号', meaning: '对方系统给的账号；模板中的 account.user，也用于 WS-Security 和 HTTP 基本认证', description: 'account at the holder\'s system: `account.user`, WS-Security user, HTTP basic user, OAuth2 client id' },
  password: { kind: 'text', secret: true, label: '口令', meaning: '账号的口令或客户端密钥，用 ${环境变量} 或 file: 给出', description: 'password or OAuth2 client secret', example: '${MAH_PASSWORD}' },
  signKey: { kind: 'text', secret: true, label: '签名密钥', meaning: '报文签名（SM3 等）所用的密钥，模板中的 account.key', description: 'key of the body signature: `account.key`', example: '${MAH_SIGN_KEY}' },
  token: { kind: 'text', secret: true, label: '固定令牌', meaning: '对接文件的 auth 为 token 时放进请求头', description: 'fixed token of `auth: token`', example: '${MAH_TOKEN}' },
  values: { kind: 'map', label: '本院的固定值', meaning: '对方给本院的编号等，模板中写 site.名称', description: 'values of the site, `site.<name>` in templates', example: '{ orgCode: H35010200001 }' },
  partners: { kind: 'list', of: partner, label: '往来单位', meaning: 'HIS 往来单位与对方系统编号的对照', description: 'partners with their ids in the holder\'s system' },
  prefixes: { kind: 'list', of: 'text', label: '属于该持有人的码段', meaning: '7 位产品标识码（可只写开头）或 GTIN；不填 = 交给本目标的码都算它的', description: 'resource codes (or their beginning) and GTINs that belong to this holder; empty = whatever is given to this destination' },
  otherOwners: { kind: 'choice', choices: ['needs-attention', 'not-owed'], default: 'needs-attention', label: '其他持有人的码', meaning: '不在 prefixes 中的码：请人处理，或由其他上报目标负责', description: 'codes outside `prefixes`: show them to a person, or leave them to another destination' },
  sendPatient: { kind: 'choice', choices: ['none', 'visit-no', 'full'], default: 'visit-no', label: '患者信息', meaning: 'none 不发；visit-no 只发院内就诊号；full 才允许模板写出姓名和证件（须有依据）', description: 'what templates may see of the patient: nothing, the in-house visit number, or name and id number too' },
  sendStaff: { kind: 'boolean', default: true, label: '医师药师', meaning: '允许模板写出医师、药师的编号和姓名', description: 'templates may see prescriber and operator' },
  concurrency: { kind: 'integer', default: 2, min: 1, max: 32, label: '并发数', meaning: '同时进行的调用数上限', description: 'calls under way at most' },
  callsPerSecond: { kind: 'number', default: 10, min: 0.01, max: 1_000, label: '每秒调用', meaning: '对该系统的调用频率上限，查询计算在内', description: 'calls a second at most, queries included' },
  connectTimeout: { kind: 'duration', default: 5_000, min: 10, max: 60_000, label: '连接超时', meaning: '建立连接的时限', description: 'time to open a connection' },
  replyTimeout: { kind: 'duration', default: 30_000, min: 10, max: 300_000, label: '应答超时', meaning: '一次调用的总时限；超过后算“不清楚”，先查询，绝不盲目重发', description: 'time for one call; a later reply counts as unknown and is asked about' },
  maxReplyBytes: { kind: 'integer', default: 2_097_152, min: 1_024, max: 2_097_152, label: '应答大小上限', meaning: '单位字节；更大的应答不读', description: 'larger replies are cut off and count as unreadable' },
  ca: { kind: 'text', label: '平台根证书', meaning: 'PEM 文本或文件路径；对方使用自签证书时填写', description: 'authority of the system\'s certificate: PEM text or the path of a PEM file' },
  cert: { kind: 'text', label: '客户端证书', meaning: 'PEM 文本或文件路径；双向 HTTPS 或 X.509 报文签名用', description: 'our certificate (mutual TLS, X.509 signature): PEM text or the path of a PEM file' },
  key: { kind: 'text', secret: true, label: '客户端私钥', meaning: '与 cert 对应的私钥，PEM，用 file: 给出', description: 'private key of `cert` (PEM)', example: 'file:holder-client.key' },
} as const satisfies SettingTable;

export type HolderSettings = SettingsOf<typeof holderSettings>;
