import type { SettingTable } from '../ports/settings.ts';
import { productSettings } from '../routing/settings.ts';

/** Settings of the product itself; sources and destinations bring their own tables. */
export const INSTITUTION_TABLE = {
  code: { kind: 'text', required: true, pattern: /^[A-Za-z0-9]{12}$/, label: '定点医药机构编号（12 位）', meaning: '国家医保平台的 fixmedins_code，12 位字母或数字；HIS 事件中的 institution 须与它完全一致', description: 'institution code of the insurance platform (fixmedins_code), 12 characters', example: 'H35010200001' },
  name: { kind: 'text', required: true, label: '机构名称', meaning: '医院全称，用于上报和显示', description: 'name of the institution', example: '示范医院' },
  region: { kind: 'text', required: true, pattern: /^\d{6}$/, label: '医保区划（6 位数字）', meaning: '医保统筹区的 6 位行政区划代码（mdtrtarea_admvs）；写进每个医保报文', description: 'insurance region (mdtrtarea_admvs), 6 digits', example: '"350102"' },
  province: { kind: 'text', pattern: /^[a-z][a-z0-9-]*$/, label: '省级规则包', meaning: 'plugins/ 下省级规则包的名称；不填时按国家规定的除外品种处理', description: 'policy pack in plugins/', example: 'fujian' },
  level: { kind: 'integer', min: 1, max: 3, label: '医院等级', meaning: '1 至 3 级，仅供省级规则使用；可不填', description: 'hospital level', example: '3' },
  mah: {
    kind: 'section', label: '追溯平台的企业标识', description: 'ids of the institution at the MAH trace platform',
    fields: {
      entId: { kind: 'text', label: '企业标识 ent_id', meaning: '码上放心的 ent_id（getentinfo 查得）；配置了码上放心目标时必须填写，否则无法上报', description: 'ent_id from getentinfo' },
      refEntId: { kind: 'text', label: '企业标识 ref_ent_id', meaning: '码上放心的 ref_ent_id（getentinfo 查得）；与 ent_id 不是同一个号，不能互相抄用', description: 'ref_ent_id from getentinfo; not the same id as entId' },
    },
  },
} as const satisfies SettingTable;

export const STORE_TABLE = {
  url: { kind: 'text', default: 'file:data/his-trace.db', label: '数据库', meaning: 'file:路径 = 内嵌数据库，文件及目录自动建立，相对路径从配置文件所在目录算起；postgres://… = PostgreSQL，口令用 ${环境变量}', description: 'file:PATH = embedded SQLite; postgres://… = PostgreSQL', example: '"file:data/his-trace.db"' },
  minFreeMB: { kind: 'integer', default: 200, min: 0, max: 1_000_000, label: '磁盘最少剩余空间', meaning: '单位 MB；内嵌数据库所在磁盘的剩余空间低于它时，在写满之前就停止接收：/readyz 报告未就绪，HIS 收到 STORE_FULL 并应稍后重发，上报照常；空间恢复后自动继续；0 = 不检查；PostgreSQL 不适用', description: 'MB that must stay free on the disk of the embedded store. Below it intake answers STORE_FULL (send again) before the disk is really full, /readyz says so, delivery goes on; 0 = not watched; not for PostgreSQL' },
} as const satisfies SettingTable;

export const HTTP_TABLE = {
  host: { kind: 'text', default: '127.0.0.1', label: '监听地址', meaning: '只在这个地址上监听；127.0.0.1 = 仅本机能连，0.0.0.0 = 本机所有网卡；对外开放时请同时配置 tls', description: 'address to listen on; 0.0.0.0 = every one of the machine' },
  port: { kind: 'integer', default: 8680, min: 0, max: 65535, label: '端口', meaning: 'HTTP 接口的 TCP 端口；0 = 任取一个空闲端口，启动时显示；被占用则不能启动', description: 'port; 0 = any free one' },
  tls: {
    kind: 'section', label: 'HTTPS', description: 'HTTPS; without it the port speaks plain HTTP',
    fields: {
      cert: { kind: 'text', label: '证书（PEM 文件）', meaning: '服务器证书文件，PEM 格式，路径相对于配置文件；与 key 须同时配置，配置后端口只接受 HTTPS', description: 'certificate: a PEM file', example: '"file:certs/server.pem"' },
      key: { kind: 'text', secret: true, label: '私钥（PEM）', meaning: '与 cert 对应的私钥，PEM 格式，写成 file:路径', description: 'private key in PEM', example: '"file:certs/server.key"' },
      clientCa: { kind: 'text', label: '客户端证书的 CA（PEM 文件）', meaning: '签发客户端证书的 CA，PEM 格式；配置后没有该 CA 所发证书的客户端连不上，证书用 token certificate add 登记角色', description: 'authority of client certificates (mTLS): a PEM file', example: '"file:certs/client-ca.pem"' },
    },
  },
} as const satisfies SettingTable;

export const LOG_TABLE = {
  dir: { kind: 'text', label: '日志目录', meaning: '每天一个 JSON 行文件，目录自动建立，相对路径从配置文件所在目录算起；不填时日志只显示在终端', description: 'folder of the JSON log files, a new one each day; without it the log goes to the terminal only', example: '"data/log"' },
  level: { kind: 'choice', choices: ['debug', 'info', 'warn', 'error'], default: 'info', label: '日志级别', meaning: '记录到哪一级为止：error 只记错误，warn 加上警告，info 加上日常运行，debug 加上每次调用；平时用 info', description: 'what is logged' },
  keepDays: { kind: 'integer', default: 30, min: 1, max: 3650, label: '保留天数', meaning: '单位天；更早的日志文件自动删除；retention.logDays 填写时以它为准', description: 'days the log files are kept' },
} as const satisfies SettingTable;

/**
 * How long things are kept. GSP keeps records and vouchers five years at least, which is the default; the ledger, events and
 * deliveries are never removed: they are what a repeat is known by.
 */
export const RETENTION_TABLE = {
  rawRecordDays: { kind: 'integer', default: 1_825, min: 0, max: 36_500, label: '原始报文保存天数', meaning: '单位天，从接收时算起；每天 03:20 分小批清除更早的原始报文内容，只清除全部上报都已了结的；登记号、摘要、事件、台账、上报记录都保留，重发仍能识别为重复；待处理记录不清除；0 = 永久保存；默认 5 年（GSP 要求记录至少保存 5 年）', description: 'days the raw content of a record is kept after it came in. Removed in small batches at 03:20 once every report of it is settled; its number, hash, events, ledger and deliveries stay, so a repeat is still known; quarantined records stay; 0 = for ever. The default is five years (GSP)' },
  logDays: { kind: 'integer', min: 1, max: 3_650, label: '日志保存天数', meaning: '单位天；填写时代替 log.keepDays；不填则按 log.keepDays', description: 'days log files are kept; given, it takes the place of log.keepDays' },
} as const satisfies SettingTable;

export const SECURITY_TABLE = {
  tokenDays: { kind: 'integer', default: 365, min: 1, max: 3650, label: '令牌有效天数', meaning: '单位天；新建令牌从建立时起的有效期，过期后接口返回 TOKEN_INVALID；单个令牌可用 token create --days 另定', description: 'days a new API token is valid, unless `token create --days` says otherwise' },
} as const satisfies SettingTable;

/** Keys of every entry under `sources`, next to those of its connector. */
export const SOURCE_TABLE = {
  connector: { kind: 'text', required: true, label: '连接器', meaning: 'connectors/ 下的目录名，决定用什么协议接收；其余配置项由它决定，见各连接器的表', description: 'folder under connectors/ that speaks the wire', example: 'his-hl7v2' },
  mapping: { kind: 'text', label: '映射', meaning: 'mappings/ 下的目录名，决定怎样理解该厂商的数据；不填时用 standard', description: 'folder under mappings/ that reads the vendor’s data', example: 'standard' },
  mappingFile: { kind: 'text', label: '映射的本院改动', meaning: 'YAML 文件，路径相对于配置文件；只写与所选映射不同的字段，用于数据库行与文件（mappings/README.md）；文件有误时逐行指出并且不启动', description: 'YAML file with the site’s changes to the mapping of rows; relative to the configuration file', example: '"mappings/outpatient.yaml"' },
  institution: { kind: 'text', label: '默认机构', meaning: '记录没有写明机构时归到这个机构编号下；不填时用 institutions 的第一个', description: 'institution a record is filed under when it names none; default: the first configured one', example: 'H35010200001' },
} as const satisfies SettingTable;

/** Keys of every entry under `destinations`, next to those of its connector. */
export const DESTINATION_TABLE = {
  connector: { kind: 'text', required: true, label: '连接器', meaning: 'connectors/ 下的目录名，决定向哪种平台上报；其余配置项由它决定，见各连接器的表', description: 'folder under connectors/ that speaks the wire', example: 'nhsa' },
  products: { kind: 'section', fields: productSettings, label: '负责的产品（仅持有人追溯系统）', description: 'what the trace system of a holder answers for; a lone one without it is told of everything' },
} as const satisfies SettingTable;

export const ROLE_TABLE = {
  role: { kind: 'choice', choices: ['hospital', 'hub'], default: 'hospital', label: '角色', meaning: 'hospital = 一家医院；hub = 医联体平台，管理多个机构', description: 'hospital = one institution; hub = many' },
} as const satisfies SettingTable;

/** Top-level keys of the contract that this version has no settings under: they may stand there empty. */
export const EMPTY_SECTIONS = ['alerts'] as const;

/** Every top-level key, in the order of the contract. */
export const TOP_LEVEL_KEYS = ['role', 'institutions', 'store', 'http', 'sources', 'destinations', 'delivery', 'rules', 'alerts', 'retention', 'security', 'log'] as const;
