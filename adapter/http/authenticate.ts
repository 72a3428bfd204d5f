import { timingSafeEqual } from 'node:crypto';
import { TraceError } from '../domain/error.ts';
import type { Clock } from '../ports/clock.ts';
import type { SqlDriver } from '../ports/sql-driver.ts';
import type { Role } from './roles.ts';
import { certificateSha, findToken, tokenSha } from './token.ts';
import type { TokenRow } from './token.ts';

/** Who is asking. */
export interface Identity {
  readonly tokenId: string;
  readonly name: string;
  readonly role: Role;
  /** institution it may act for; `*` = every configured one */
  readonly institution: string;
}

/** What a request shows to say who it is. */
export interface Credentials {
  readonly authorization: string | undefined;
  /** SHA-256 fingerprint of a client certificate that the TLS layer has verified */
  readonly certificate: string | undefined;
}

/** A revoked token stops working after this at the latest. */
const CACHE_MS = 5_000;
const CACHE_SIZE = 1_000;
/** 32 bytes as base64url; anything else cannot be one of ours and costs no look-up */
const BEARER = /^Bearer +([A-Za-z0-9_-]{43}) *$/i;

export type Authenticate = (credentials: Credentials) => Promise<Identity>;

/** @throws TraceError TOKEN_MISSING, TOKEN_INVALID: one wording for unknown, expired and revoked */
function shaOf(credentials: Credentials): string {
  if (credentials.authorization !== undefined) {
    const token = BEARER.exec(credentials.authorization)?.[1];
    if (token === undefined) throw new TraceError('TOKEN_INVALID');
    return tokenSha(token);
  }
  if (credentials.certificate !== undefined) return certificateSha(credentials.certificate);
  throw new TraceError('TOKEN_MISSING');
}

/** Tokens are found by their sha-256, compared in constant time, and remembered for at most 5 s. */
export function createAuthenticate(deps: { readonly driver: SqlDriver; readonly clock: Clock }): Authenticate {
  const cache = new Map<string, { readonly row: TokenRow; readonly readAt: number }>();

  async function look(sha: string): Promise<TokenRow | undefined> {
    const now = deps.clock.now();
    const known = cache.get(sha);
    if (known !== undefined && now - known.readAt < CACHE_MS && now >= known.readAt) return known.row;
    cache.delete(sha);
    const row = await findToken(deps.driver, sha);
    if (row === undefined || !timingSafeEqual(Buffer.from(row.sha, 'hex'), Buffer.from(sha, 'hex'))) return undefined;
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(sha, { row, readAt: now });
    return row;
  }

  return async (credentials) => {
    const row = await look(shaOf(credentials));
    const now = deps.clock.now();
    if (row === undefined || row.revokedAt !== undefined || (row.expiresAt !== undefined && row.expiresAt <= now)) {
      throw new TraceError('TOKEN_INVALID');
    }
    return { tokenId: row.tokenId, name: row.name, role: row.role, institution: row.institution };
  };
}
