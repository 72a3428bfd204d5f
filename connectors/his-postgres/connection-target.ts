/** Server and credentials out of the connection setting. Never part of a message or log: it holds the password. */
export interface ConnectionTarget {
  /** a name, an address, or the folder of a socket */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string | undefined;
  /** what the connection string asks for; undefined when it says nothing */
  readonly encrypt?: boolean | undefined;
}

const DEFAULT_PORT = 5432;

/** @returns what the setting says, as `postgres://…`, `jdbc:postgresql://…` or `host=… dbname=…`; undefined when it cannot be read */
export function targetOf(connection: string): ConnectionTarget | undefined {
  const text = connection.trim().replace(/^jdbc:/i, '');
  const values = /^postgres(ql)?:\/\//i.test(text) ? valuesOfUrl(text) : valuesOfPairs(text);
  const { host, port = String(DEFAULT_PORT), dbname, user } = values ?? {};
  if (host === undefined || dbname === undefined || user === undefined || !/^\d{1,5}$/.test(port)) return undefined;
  return { host, port: Number(port), database: dbname, user, password: values?.['password'], encrypt: encrypted(values?.['sslmode'] ?? values?.['ssl']) };
}

/** @returns where it connects, without user and password */
export function addressOf(target: ConnectionTarget): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `postgres://${host}:${String(target.port)}/${target.database}`;
}

type Values = Readonly<Record<string, string | undefined>>;

function valuesOfUrl(text: string): Values | undefined {
  try {
    const url = new URL(text);
    const given = Object.fromEntries([...url.searchParams].map(([name, value]) => [name.toLowerCase(), value] as const));
    const part = (value: string): string | undefined => (value === '' ? undefined : decodeURIComponent(value));
    return {
      ...given, host: given['host'] ?? part(url.hostname.replace(/^\[|\]$/g, '')), port: given['port'] ?? part(url.port), dbname: part(url.pathname.slice(1)),
      user: part(url.username) ?? given['user'], password: part(url.password) ?? given['password'],
    };
  } catch {
    return undefined;
  }
}

/** libpq's own form: name = value; a value with blanks stands in single quotes, `\` keeps the next character */
const PAIR = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\']|\\.)*))(?:\s+|$)/gy;

function valuesOfPairs(text: string): Values | undefined {
  const values: Record<string, string> = {};
  let end = 0;
  for (const match of text.matchAll(PAIR)) {
    const [whole, name = '', quoted, plain = ''] = match;
    values[name] = (quoted ?? plain).replace(/\\(.)/g, '$1');
    end = match.index + whole.length;
  }
  return end === 0 || end < text.length ? undefined : { ...values, host: values['host'] ?? values['hostaddr'] };
}

function encrypted(mode: string | undefined): boolean | undefined {
  // `allow` and `prefer` would settle for a line in the clear: nothing is promised by them
  return mode === undefined || ['allow', 'prefer'].includes(mode) ? undefined : !['disable', 'false', '0'].includes(mode);
}
