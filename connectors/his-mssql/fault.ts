import { RowFault } from '../shared/row-pull/row-fault.ts';
import type { RowFaultFamily } from '../shared/row-pull/row-fault.ts';

const FAMILIES: Readonly<Record<string, RowFaultFamily>> = {
  ECONNRESET: 'network', ECONNREFUSED: 'network', ECONNCLOSED: 'network', ECONNABORTED: 'network', ENOTOPEN: 'network', ENOCONN: 'network', ESOCKET: 'network', EPIPE: 'network', ENOTFOUND: 'network',
  EHOSTUNREACH: 'network', ENETUNREACH: 'network', EINSTLOOKUP: 'network', EALREADYCONNECTED: 'network', EINVALIDSTATE: 'network', EABORT: 'network',
  ETIMEOUT: 'timeout', ETIMEDOUT: 'timeout', ECANCEL: 'timeout', ELOGIN: 'login', EENCRYPT: 'tls',
};

/** Server error numbers that say what to do; EREQUEST alone only says that the server refused (his.md i.7). */
const NUMBERS: Readonly<Record<number, RowFaultFamily>> = {
  208: 'missing', 207: 'missing', 4413: 'missing', 229: 'permission', 230: 'permission', 262: 'permission', 297: 'permission', 300: 'permission', 916: 'permission',
  4060: 'login', 18456: 'login', 18452: 'login', 18470: 'login', 1205: 'timeout', 1222: 'timeout', 17142: 'network', 6005: 'network',
};

/** What TLS libraries say when the versions or certificates do not meet; there is no code of its own for it. */
const TLS = /ssl|tls|unsupported protocol|self[- ]signed|certificate|handshake/i;

/** @returns the driver's error as one of ours. The family comes from codes; the text only tells a failed handshake from a broken line. */
export function mssqlFault(error: unknown): RowFault {
  if (error instanceof RowFault) return error;
  const chain = causes(error);
  const text = chain.map((each) => each.message).join(' / ').slice(0, 500);
  const number = chain.map((each) => each.number).find((each) => each !== undefined);
  const code = chain.map((each) => each.code).find((each) => each !== undefined && each !== 'EREQUEST') ?? chain[0]?.code ?? 'UNKNOWN';
  const shown = number === undefined ? code : `${code} ${String(number)}`;
  const byNumber = number === undefined ? undefined : NUMBERS[number];
  if (byNumber !== undefined) return new RowFault(byNumber, shown, text);
  const family = FAMILIES[code] ?? 'statement';
  const handshake = (family === 'network' || family === 'statement') && (/^(ERR_SSL|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_)/.test(code) || (family === 'network' && TLS.test(text)));
  return new RowFault(handshake ? 'tls' : family, shown, text);
}

interface Cause { readonly message: string; readonly code: string | undefined; readonly number: number | undefined }

function causes(error: unknown): readonly Cause[] {
  const found: Cause[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 6; depth += 1) {
    const { code, number, originalError } = at as Error & { code?: unknown; number?: unknown; originalError?: unknown };
    found.push({ message: at.message, code: typeof code === 'string' ? code : undefined, number: typeof number === 'number' ? number : undefined });
    at = originalError ?? (at instanceof AggregateError ? at.errors[0] : at.cause);
  }
  return found;
}
