/** Server and credentials out of the connection setting. Never part of a message or log: it holds the password. */
export interface ConnectionTarget {
  readonly server: string;
  readonly port: number;
  readonly instanceName?: string | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** NTLM */
  readonly domain?: string | undefined;
  readonly encrypt?: boolean | undefined;
  readonly trust?: boolean | undefined;
}

const DEFAULT_PORT = 1433;

/** @returns what the setting says, as `Server=…;Database=…` or `mssql://…`; undefined when it cannot be read */
export function targetOf(connection: string): ConnectionTarget | undefined {
  const text = connection.trim();
  return /^(mssql|sqlserver):\/\//i.test(text) ? targetOfUrl(text) : targetOfPairs(text);
}

/** @returns where it connects, without user and password */
export function addressOf(target: ConnectionTarget): string {
  const host = target.server.includes(':') ? `[${target.server}]` : target.server;
  const place = target.instanceName === undefined ? `:${String(target.port)}` : `\\${target.instanceName}`;
  return `mssql://${host}${place}${target.database === undefined ? '' : `/${target.database}`}`;
}

function targetOfUrl(text: string): ConnectionTarget | undefined {
  try {
    const url = new URL(text);
    if (url.hostname === '') return undefined;
    const part = (value: string): string | undefined => (value === '' ? undefined : decodeURIComponent(value));
    const parameter = (name: string): string | undefined => [...url.searchParams].find(([key]) => key.toLowerCase() === name)?.[1];
    return {
      server: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? DEFAULT_PORT : Number(url.port), database: part(url.pathname.slice(1)),
      user: part(url.username), password: part(url.password), instanceName: parameter('instance'), domain: parameter('domain'),
      encrypt: truth(parameter('encrypt')), trust: truth(parameter('trustservercertificate')),
    };
  } catch {
    return undefined;
  }
}

/** name = value; a value that holds `;` stands in quotes, doubled inside */
const PAIR = /\s*([^=;]+?)\s*=\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^;]*))\s*(?:;|$)/gy;

function targetOfPairs(text: string): ConnectionTarget | undefined {
  const values = new Map<string, string>();
  let end = 0;
  for (const match of text.matchAll(PAIR)) {
    const [whole, name = '', double, single, plain] = match;
    values.set(name.toLowerCase().replaceAll(' ', ''), double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? plain?.trim() ?? '');
    end = match.index + whole.length;
  }
  if (values.size === 0 || text.slice(end).replace(/[;\s]/g, '') !== '') return undefined;
  const first = (...names: readonly string[]): string | undefined => names.map((name) => values.get(name)).find((value) => value !== undefined && value !== '');
  const place = /^(?:tcp:)?([^\\,]+)(?:\\([^,]+))?(?:,\s*(\d+))?$/i.exec(first('server', 'datasource', 'address', 'addr', 'networkaddress') ?? '');
  const server = place?.[1]?.trim();
  if (server === undefined || server === '') return undefined;
  const account = /^(?:([^\\]+)\\)?(.*)$/.exec(first('userid', 'uid', 'user', 'username') ?? '');
  return {
    server: ['.', '(local)'].includes(server.toLowerCase()) ? 'localhost' : server,
    port: Number(place?.[3] ?? first('port') ?? DEFAULT_PORT),
    // a port given outright is taken; the name of the instance is then only decoration
    instanceName: place?.[3] === undefined ? place?.[2]?.trim() : undefined,
    database: first('database', 'initialcatalog'), user: account?.[2] === '' ? undefined : account?.[2], domain: account?.[1], password: first('password', 'pwd'),
    encrypt: truth(first('encrypt')), trust: truth(first('trustservercertificate')),
  };
}

function truth(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : ['true', 'yes', '1', 'mandatory', 'strict'].includes(text.toLowerCase());
}
