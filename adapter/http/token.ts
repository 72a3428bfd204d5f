import { createHash, randomBytes } from 'node:crypto';
import { TraceError } from '../domain/error.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import { isRole, ROLES } from './roles.ts';
import type { Role } from './roles.ts';

/** What is on file about a token; never the token itself. */
export interface TokenRow {
  readonly tokenId: string;
  /** institution it may act for; `*` = every configured one */
  readonly institution: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
}

export interface NewToken {
  readonly institution: string;
  readonly name: string;
  readonly role: Role;
  /** ms since epoch */
  readonly expiresAt?: number;
  /** ms since epoch */
  readonly now: number;
}

interface StoredToken {
  token_id: string; institution: string; name: string; role: string; created_at: number; expires_at: number | null; revoked_at: number | null; token_sha: string;
}

const COLUMNS = 'token_id, institution, name, role, created_at, expires_at, revoked_at, token_sha';
const INSERT_TOKEN = `INSERT INTO api_token (institution, token_id, token_sha, name, role, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`;
/** index api_token_sha */
export const SELECT_TOKEN_BY_SHA = `SELECT ${COLUMNS} FROM api_token WHERE token_sha = ?`;
const SELECT_TOKENS = `SELECT ${COLUMNS} FROM api_token ORDER BY created_at, token_id LIMIT 10000`;
const REVOKE_TOKEN = 'UPDATE api_token SET revoked_at = ? WHERE token_id = ? AND revoked_at IS NULL';

/** @returns the fingerprint a bearer token is kept under */
export function tokenSha(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

/** @returns what a client certificate is kept under; apart from bearer tokens, so that neither can pass for the other */
export function certificateSha(fingerprint256: string): string {
  return createHash('sha256').update(`certificate:${fingerprint256.replaceAll(':', '').toLowerCase()}`).digest('hex');
}

function toRow(stored: StoredToken): TokenRow | undefined {
  if (!isRole(stored.role)) return undefined;
  return {
    tokenId: stored.token_id, institution: stored.institution, name: stored.name, role: stored.role, createdAt: stored.created_at,
    expiresAt: stored.expires_at ?? undefined, revokedAt: stored.revoked_at ?? undefined,
  };
}

const CERTIFICATE = 'cert-';

/** @returns whether the id is one of a client certificate rather than of a bearer token */
export function isCertificate(tokenId: string): boolean {
  return tokenId.startsWith(CERTIFICATE);
}

async function insertToken(driver: SqlDriver, token: NewToken, sha: string, prefix = ''): Promise<string> {
  if (!isRole(token.role)) throw new TraceError('USAGE', `role: ${ROLES.join(' | ')}`);
  if (token.name.trim() === '' || token.name.length > 64) throw new TraceError('USAGE', '令牌名称须为 1 至 64 个字符');
  const tokenId = prefix + randomBytes(6).toString('hex');
  await driver.write((q) => q.run(INSERT_TOKEN, [token.institution, tokenId, sha, token.name, token.role, token.now, token.expiresAt ?? null]));
  return tokenId;
}

/**
 * Makes a bearer token: 32 random bytes as base64url. Only its sha-256 is stored.
 * @returns the token, to be shown once and never again, and its id for `revokeToken`
 * @throws TraceError USAGE, or the store's faults
 */
export async function createToken(driver: SqlDriver, token: NewToken): Promise<{ readonly token: string; readonly tokenId: string }> {
  const text = randomBytes(32).toString('base64url');
  return { token: text, tokenId: await insertToken(driver, token, tokenSha(text)) };
}

/**
 * Lets a client certificate (mTLS, `http.tls.clientCa`) stand for a role, instead of a bearer token.
 * @param fingerprint256 SHA-256 fingerprint of the certificate, hex with or without colons
 * @throws TraceError USAGE when it is no such fingerprint
 */
export async function registerCertificate(driver: SqlDriver, fingerprint256: string, token: NewToken): Promise<{ readonly tokenId: string }> {
  if (!/^[0-9a-f]{64}$/i.test(fingerprint256.replaceAll(':', ''))) throw new TraceError('USAGE', '须为证书的 SHA-256 指纹（64 位十六进制）');
  return { tokenId: await insertToken(driver, token, certificateSha(fingerprint256), CERTIFICATE) };
}

/** @returns every token on file, oldest first, revoked ones included; at most 10,000 */
export async function listTokens(driver: SqlDriver): Promise<readonly TokenRow[]> {
  const rows = await driver.read((q) => q.all<StoredToken>(SELECT_TOKENS));
  return rows.map(toRow).filter((row) => row !== undefined);
}

/** Revokes a token; running services refuse it within 5 s. @returns whether a live token had this id */
export async function revokeToken(driver: SqlDriver, tokenId: string, now: number): Promise<boolean> {
  return (await driver.write((q) => q.run(REVOKE_TOKEN, [now, tokenId]))) > 0;
}

/** @returns the token kept under this fingerprint, whether or not it is still good; `sha` as stored, for comparison */
export async function findToken(driver: SqlDriver, sha: string): Promise<(TokenRow & { readonly sha: string }) | undefined> {
  const stored = await driver.read((q) => q.get<StoredToken>(SELECT_TOKEN_BY_SHA, [sha]));
  const row = stored === undefined ? undefined : toRow(stored);
  return row === undefined || stored === undefined ? undefined : { ...row, sha: stored.token_sha };
}
