import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TraceError } from '../../adapter/domain/error.ts';
import { packageRoot } from '../shared/package-root.ts';
import type { Auth, Profile } from './region-rules.ts';
import type { NhsaSettings } from './settings.ts';

/** a profile on a profile on a profile */
const DEPTH = 4;

/** @returns the names of the profiles on file */
export function profileNames(): readonly string[] {
  return readdirSync(folder()).filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5)).sort();
}

function folder(): string {
  return join(packageRoot(), 'connectors', 'nhsa', 'profiles');
}

/**
 * Reads a profile, lays it over its base (`base`) and the site's own settings over both.
 * @throws TraceError CONFIG_INVALID when there is no such profile or a pattern is no regular expression
 */
export function loadProfile(settings: NhsaSettings): Profile {
  return withSettings(regionProfile(settings.profile), settings);
}

/** @returns a profile as it is on file, laid over its base, without any site's settings */
export function regionProfile(name: string): Profile {
  return readProfile(name, 0) as unknown as Profile;
}

type Json = Readonly<Record<string, unknown>>;

function readProfile(name: string, depth: number): Json {
  const file = join(folder(), `${name}.json`);
  if (depth > DEPTH || !existsSync(file)) throw new TraceError('CONFIG_INVALID', `没有地区规则 ${name}（connectors/nhsa/profiles）`);
  const { base, ...own } = JSON.parse(readFileSync(file, 'utf8')) as Json;
  return typeof base === 'string' ? overlay(readProfile(base, depth + 1), own) : own;
}

/** Members by member; lists replace, `null` takes a member away; answer texts go before those of the base. */
export function overlay(base: Json, own: Json): Json {
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(own)) {
    const before = result[name];
    if (value === null) Reflect.deleteProperty(result, name);
    else if (name === 'answers' && Array.isArray(before) && Array.isArray(value)) result[name] = [...value as unknown[], ...before as unknown[]];
    // another kind of authentication has other members
    else if (name === 'auth' || !isJson(value) || !isJson(before)) result[name] = value;
    else result[name] = overlay(before, value);
  }
  return result;
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withSettings(profile: Profile, settings: NhsaSettings): Profile {
  const answers = [...settings.answers.map((row) => ({ match: row.match, reason: row.reason, then: row.then })), ...profile.answers];
  for (const row of answers) assertPattern(row.match);
  const { transport = profile.transport, signIn } = settings;
  return {
    ...profile,
    answers, transport,
    auth: siteAuth(profile.auth, settings),
    security: { ...profile.security, sign: settings.sign ?? profile.security.sign, encrypt: settings.encrypt ?? profile.security.encrypt },
    signIn: signIn === undefined ? profile.signIn : !signIn ? 'none' : profile.signIn === 'none' ? 'daily' : profile.signIn,
    soap: { ...profile.soap, ...given(settings.soap) },
    transactions: { ...profile.transactions, ...siteTransactions(settings.transactions) },
    paths: { ...profile.paths, ...settings.paths },
    singlePath: settings.singlePath ?? profile.singlePath,
    envelope: { ...profile.envelope, ...(settings.recerSysCode === undefined ? {} : { recer_sys_code: settings.recerSysCode }), ...settings.envelope },
    limits: { ...profile.limits, uploadWithinDays: settings.uploadWithinDays ?? profile.limits.uploadWithinDays },
    fields: {
      ...profile.fields,
      optional: [...profile.fields.optional.filter((field) => !settings.requiredFields.includes(field)), ...settings.optionalFields],
      required: [...profile.fields.required.filter((field) => !settings.optionalFields.includes(field)), ...settings.requiredFields],
    },
    dispense: {
      ...profile.dispense,
      splitQuantity: settings.splitQuantity ?? profile.dispense.splitQuantity,
      settlementUnknown: settings.settlementUnknown ?? profile.dispense.settlementUnknown,
      codesRequired: settings.codesRequired === undefined ? profile.dispense.codesRequired : settings.codesRequired ? ['dispense'] : [],
    },
    settlement: { ...profile.settlement, traceNode: (profile.settlement as Partial<Profile['settlement']>).traceNode ?? null },
    reversal: settings.reversal === undefined ? profile.reversal : { ...profile.reversal, '3505': settings.reversal },
  };
}

/** Without an account there is nothing to sign with; the path of the token is the site's. */
function siteAuth(auth: Auth, settings: NhsaSettings): Auth {
  if (auth.kind === 'x-tif' && settings.paasId === undefined) return { kind: 'none' };
  if (auth.kind === 'none' && settings.paasId !== undefined) return { kind: 'x-tif', nonce: 'uuid' };
  if (auth.kind === 'oauth2') return { ...auth, path: settings.oauth.path ?? auth.path, scope: settings.oauth.scope ?? auth.scope };
  return auth;
}

function given<T extends object>(values: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries({ ...values }).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

const OPERATION = /^(3501|350[3-6]|3502:1\d\d)$/;

function siteTransactions(map: Readonly<Record<string, string>>): Record<string, readonly string[]> {
  const overrides: Record<string, readonly string[]> = {};
  for (const [kind, list] of Object.entries(map)) {
    const operations = list.split(',').map((part) => part.trim()).filter((part) => part !== '');
    const wrong = operations.find((operation) => !OPERATION.test(operation));
    if (wrong !== undefined) throw new TraceError('CONFIG_INVALID', `transactions.${kind}：不认识的交易 ${wrong}（例：3501,3502:106）`);
    overrides[kind] = operations;
  }
  return overrides;
}

function assertPattern(pattern: string): void {
  try {
    new RegExp(pattern, 'i');
  } catch (error) {
    throw new TraceError('CONFIG_INVALID', `answers：匹配式有误 ${pattern}`, { cause: error });
  }
}
