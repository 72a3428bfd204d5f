import type { SettingTable } from '../ports/settings.ts';

/** Settings of the product itself; sources and destinations bring their own tables. */
export const INSTITUTION_TABLE = {
  code: { kind: 'text', required: true, pattern: /^[A-Za-z0-9]{12}$/, label: '定点医药机构编号（12 位）', description: 'institution code of the insurance platform (fixmedins_code), 12 characters', example: 'H35010200001' },
  name: { kind: 'text', required: true, label: '机构名称', description: 'name of the institution', example: '示范医院' },
  region: { kind: 'text', required: true, pattern: /^\d{6}$/, label: '医保区划（6 位数字）', description: 'insurance region (mdtrtarea_admvs), 6 digits', example: '"350102"' },
  province: { kind: 'text', pattern: /^[a-z][a-z0-9-]*$/, label: '省级规则包', description: 'policy pack in plugins/', example: 'fujian' },
  level: { kind: 'integer', min: 1, max: 3, label: '医院等级', description: 'hospital level', example: '3' },
  mah: {
    kind: 'section', label: '追溯平台的企业标识', description: 'ids of the institution at the MAH trace platform',
    fields: {
      entId: { kind: 'text', label: '企业标识 ent_id', description: 'ent_id from getentinfo' },
      refEntId: { kind: 'text', label: '企业标识 ref_ent_id', description: 'ref_ent_id from getentinfo; not the same id as entId' },
    },
  },
} as const satisfies SettingTable;

export const STORE_TABLE = {
  url: { kind: 'text', default: 'file:data/his-trace.db', label: '数据库', description: 'file:PATH = embedded SQLite; postgres://… = PostgreSQL', example: '"file:data/his-trace.db"' },
} as const satisfies SettingTable;

export const HTTP_TABLE = {
  host: { kind: 'text', default: '127.0.0.1', label: '监听地址', description: 'address to listen on; 0.0.0.0 = every one of the machine' },
  port: { kind: 'integer', default: 8680, min: 0, max: 65535, label: '端口', description: 'port; 0 = any free one' },
  tls: {
    kind: 'section', label: 'HTTPS', description: 'HTTPS; without it the port speaks plain HTTP',
    fields: {
      cert: { kind: 'text', label: '证书（PEM 文件）', description: 'certificate: a PEM file', example: '"file:certs/server.pem"' },
      key: { kind: 'text', secret: true, label: '私钥（PEM）', description: 'private key in PEM', example: '"file:certs/server.key"' },
      clientCa: { kind: 'text', label: '客户端证书的 CA（PEM 文件）', description: 'authority of client certificates (mTLS): a PEM file', example: '"file:certs/client-ca.pem"' },
    },
  },
} as const satisfies SettingTable;

export const LOG_TABLE = {
  dir: { kind: 'text', label: '日志目录', description: 'folder of the JSON log files, a new one each day; without it the log goes to the terminal only', example: '"data/log"' },
  level: { kind: 'choice', choices: ['debug', 'info', 'warn', 'error'], default: 'info', label: '日志级别', description: 'what is logged' },
  keepDays: { kind: 'integer', default: 30, min: 1, max: 3650, label: '保留天数', description: 'days the log files are kept' },
} as const satisfies SettingTable;

export const SECURITY_TABLE = {
  tokenDays: { kind: 'integer', default: 365, min: 1, max: 3650, label: '令牌有效天数', description: 'days a new API token is valid, unless `token create --days` says otherwise' },
} as const satisfies SettingTable;

/** Keys of every entry under `sources`, next to those of its connector. */
export const SOURCE_TABLE = {
  connector: { kind: 'text', required: true, label: '连接器', description: 'folder under connectors/ that speaks the wire', example: 'his-hl7v2' },
  mapping: { kind: 'text', label: '映射', description: 'folder under mappings/ that reads the vendor’s data', example: 'standard' },
  institution: { kind: 'text', label: '默认机构', description: 'institution a record is filed under when it names none; default: the first configured one', example: 'H35010200001' },
} as const satisfies SettingTable;

/** Keys of every entry under `destinations`, next to those of its connector. */
export const DESTINATION_TABLE = {
  connector: { kind: 'text', required: true, label: '连接器', description: 'folder under connectors/ that speaks the wire', example: 'nhsa' },
} as const satisfies SettingTable;

export const ROLE_TABLE = {
  role: { kind: 'choice', choices: ['hospital', 'hub'], default: 'hospital', label: '角色', description: 'hospital = one institution; hub = many' },
} as const satisfies SettingTable;

/** Top-level keys of the contract that this version has no settings under: they may stand there empty. */
export const EMPTY_SECTIONS = ['rules', 'alerts', 'retention'] as const;

/** Every top-level key, in the order of the contract. */
export const TOP_LEVEL_KEYS = ['role', 'institutions', 'store', 'http', 'sources', 'destinations', 'rules', 'alerts', 'retention', 'security', 'log'] as const;
