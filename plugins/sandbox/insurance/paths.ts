import { insuranceSpec } from './field-table.ts';

const GOODS = '/fsi/api/goodsService/';
/** One address for all transactions: contract default, and the one seen in Jilin. */
const SINGLE = ['/fsi/api/callService', '/mbs/fmi/fsi/api/callFsiService/callService'];
const SESSIONS: Readonly<Record<string, string>> = { '/fsi/api/signInSignOutService/signIn': '9001', '/fsi/api/signInSignOutService/signOut': '9002' };

/**
 * @returns the infno a path stands for (by the method names that were seen, or by the number itself), `any` on the address for
 * all transactions, undefined where there is nothing
 */
export function infnoOfPath(path: string): string | undefined {
  if (SINGLE.includes(path)) return 'any';
  if (Object.hasOwn(SESSIONS, path)) return SESSIONS[path];
  if (!path.startsWith(GOODS)) return undefined;
  const last = path.slice(GOODS.length);
  const { transactions } = insuranceSpec();
  if (/^35\d\dA?$/.test(last)) return Object.hasOwn(transactions, last) ? last : undefined;
  return Object.keys(transactions).find((infno) => transactions[infno]?.path === last);
}
