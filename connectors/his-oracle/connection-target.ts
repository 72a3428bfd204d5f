/** Where and as whom it connects. Never part of a message or log: it holds the password. */
export interface ConnectionTarget {
  readonly user: string;
  readonly password: string;
  /** as the driver takes it: `host:1521/service`, a descriptor, or a TNS name */
  readonly connectString: string;
}

/** @returns what the setting says, as `user/password@…` or `oracle://…`; undefined when it cannot be read */
export function targetOf(connection: string): ConnectionTarget | undefined {
  const text = connection.trim();
  return /^oracle:\/\//i.test(text) ? targetOfUrl(text) : targetOfEasyConnect(text);
}

/** @returns the place without user and password */
export function addressOf(target: ConnectionTarget): string {
  const host = /\(\s*HOST\s*=\s*([^)\s]+)/i.exec(target.connectString)?.[1];
  return `oracle://${target.connectString.startsWith('(') ? host ?? 'descriptor' : target.connectString.replace(/^(tcps?:)?\/\//i, '')}`;
}

function targetOfUrl(text: string): ConnectionTarget | undefined {
  try {
    const url = new URL(text);
    const service = decodeURIComponent(url.pathname.slice(1));
    if (url.hostname === '' || url.username === '' || service === '') return undefined;
    return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password), connectString: `${url.hostname}:${url.port === '' ? '1521' : url.port}/${service}${url.search}` };
  } catch {
    return undefined;
  }
}

/** The last `@` begins the place: a password may hold one. A descriptor may hold none, so its bracket is looked for first. */
function targetOfEasyConnect(text: string): ConnectionTarget | undefined {
  const descriptor = text.indexOf('@(');
  const at = descriptor === -1 ? text.lastIndexOf('@') : descriptor;
  const slash = text.indexOf('/');
  if (at === -1 || slash < 1 || slash > at) return undefined;
  const [user, password, connectString] = [text.slice(0, slash), text.slice(slash + 1, at), text.slice(at + 1)];
  if (connectString === '' || password === '') return undefined;
  return { user, password: /^"[\s\S]*"$/.test(password) ? password.slice(1, -1) : password, connectString };
}
