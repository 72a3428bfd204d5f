import { insuranceSpec } from './field-table.ts';
import type { InsuranceSettings } from './settings.ts';

const GOODS = '/fsi/api/goodsService/';
/** One address for all transactions: contract default, and the one seen in Jilin. */
const SINGLE = ['/fsi/api/callService', '/mbs/fmi/fsi/api/callFsiService/callService'];
const SESSIONS: Readonly<Record<string, string>> = { '/fsi/api/signInSignOutService/signIn': '9001', '/fsi/api/signInSignOutService/signOut': '9002' };
/** Catalogue and files: the first path was seen, the others are the sandbox's own. */
const FILES: Readonly<Record<string, string>> = { '/fsi/api/catalogdownservice/downCatalog1301': '1301', '/fsi/api/fileupload/upload': '9101', '/fsi/api/fileupload/download': '9102' };

/**
 * @returns the infno a path stands for (by the method names that were seen, or by the number itself), `any` on the address for
 * all transactions, `token` on that of the tokens, undefined where there is nothing
 */
export function infnoOfPath(path: string, { rules, soap, auth }: Pick<InsuranceSettings, 'rules' | 'soap' | 'auth'>): string | undefined {
  if (auth === 'oauth2' && path === (rules.tokenPath ?? '/oauth/token')) return 'token';
  if (soap !== undefined) return path === soap.path ? 'any' : undefined;
  if (rules.singlePath !== undefined) return path === rules.singlePath ? 'any' : undefined;
  if (SINGLE.includes(path)) return 'any';
  if (Object.hasOwn(SESSIONS, path)) return SESSIONS[path];
  if (Object.hasOwn(FILES, path)) return FILES[path];
  if (!path.startsWith(GOODS)) return undefined;
  const last = path.slice(GOODS.length);
  const { transactions } = insuranceSpec();
  if (/^35\d\dA?$/.test(last)) return Object.hasOwn(transactions, last) ? last : undefined;
  return Object.keys(transactions).find((infno) => transactions[infno]?.path === last);
}
