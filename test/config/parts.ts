import type { ConfigParts } from '../../adapter/config/config.ts';
import type { LoadedConfig } from '../../adapter/config/load.ts';
import { loadConfig } from '../../adapter/config/load.ts';
import type { ConfigProblem } from '../../adapter/config/problem.ts';
import type { SettingTable } from '../../adapter/ports/settings.ts';

const never = (): never => {
  throw new Error('nothing is opened while the configuration is read');
};

const listenerTable = {
  host: { kind: 'text', default: '127.0.0.1', label: '监听地址', description: 'address' },
  port: { kind: 'integer', default: 2575, min: 0, max: 65535, label: '端口', description: 'port' },
  charset: { kind: 'choice', choices: ['auto', 'utf-8', 'gb18030'], default: 'auto', label: '字符集', description: 'charset' },
  ack: {
    kind: 'section', label: '应答', description: 'acknowledgement',
    fields: {
      mode: { kind: 'choice', choices: ['original', 'enhanced'], default: 'original', label: '模式', description: 'mode' },
      echoControlId: { kind: 'boolean', default: false, label: '沿用编号', description: 'echo' },
    },
  },
  idle: { kind: 'duration', default: 60_000, min: 1_000, label: '空闲', description: 'idle time' },
  peers: { kind: 'list', of: { address: { kind: 'text', required: true, label: '地址', description: 'address', example: '10.0.0.5' } }, label: '对端', description: 'peers' },
} as const satisfies SettingTable;

const platformTable = {
  baseUrl: { kind: 'url', required: true, label: '平台地址', description: 'address of the platform', example: 'http://10.1.1.1:20001' },
  account: { kind: 'text', label: '账号', description: 'account', pattern: /^\d{20}$/, example: '"89990000000000000007"' },
  token: { kind: 'text', required: true, secret: true, label: '令牌', description: 'token' },
  perSecond: { kind: 'number', default: 2.5, min: 0.1, max: 100, label: '频率', description: 'calls per second' },
  headers: { kind: 'map', label: '请求头', description: 'headers' },
  operations: { kind: 'list', of: 'text', label: '操作', description: 'operations' },
} as const satisfies SettingTable;

/** Stand-ins for the registries. */
export const PARTS: ConfigParts = {
  sources: [{ name: 'his-hl7v2', settings: listenerTable, create: never }, { name: 'his-rest', settings: {}, create: never }],
  destinations: [{ name: 'nhsa', side: 'insurance', settings: platformTable, create: never }],
  mappings: [{ name: 'standard' }, { name: 'neusoft' }],
};

export const SITE = `
institutions:
  - code: H35010200001
    name: 示范医院
    region: "350102"
`;

/** Files a configuration may name in these tests. */
const FILES: Readonly<Record<string, string>> = { 'token.txt': 'from-a-file\n', 'empty.txt': '\n', 'cert.pem': '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n', 'key.pem': '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n', 'plain.txt': 'no pem' };

export function load(text: string, env: Readonly<Record<string, string>> = {}): LoadedConfig {
  return loadConfig(text, {
    env, parts: PARTS,
    readFile: (path) => {
      const content = FILES[path];
      if (content === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
      return content;
    },
  });
}

/** @returns the problems of a text that must have some */
export function problemsOf(text: string, env: Readonly<Record<string, string>> = {}): readonly ConfigProblem[] {
  const loaded = load(text, env);
  if (loaded.problems === undefined) throw new Error('the configuration was taken');
  return loaded.problems;
}

/** @returns the configuration of a text that must be good */
export function configOf(text: string, env: Readonly<Record<string, string>> = {}): NonNullable<LoadedConfig['ok']> {
  const loaded = load(text, env);
  if (loaded.ok === undefined) throw new Error(loaded.problems.map((problem) => `${String(problem.line)} ${problem.path} ${problem.reason}`).join('\n'));
  return loaded.ok;
}
