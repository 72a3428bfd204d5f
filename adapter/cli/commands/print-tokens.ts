import { chinaDateTime } from '../../domain/china-time.ts';
import { isCertificate, type TokenRow } from '../../http/token.ts';
import type { Session } from '../session.ts';

/** Prints who may use the interface: tokens and client certificates. @returns the exit code */
export function printTokens(session: Session, step: 'tokens' | 'certificates', tokens: readonly TokenRow[]): number {
  const now = session.io.now();
  session.emit(step, { ok: true, [step]: tokens.map((token) => ({ ...token, state: stateOf(token, now) })) });
  if (tokens.length === 0) {
    session.line(step === 'tokens' ? session.say('还没有令牌', 'there is no token yet') : session.say('还没有登记证书', 'there is no certificate yet'));
    return 0;
  }
  const states = { live: session.say('有效', 'valid'), expired: session.say('已过期', 'expired'), revoked: session.say('已吊销', 'revoked') };
  session.table(
    [session.say('编号', 'id'), session.say('种类', 'kind'), session.say('名称', 'name'), session.say('角色', 'role'), session.say('机构', 'institution'), session.say('状态', 'state'), session.say('有效至', 'valid until')],
    tokens.map((token) => [
      token.tokenId, isCertificate(token.tokenId) ? session.say('证书', 'certificate') : session.say('令牌', 'token'), token.name, token.role, token.institution,
      states[stateOf(token, now)], token.expiresAt === undefined ? '' : chinaDateTime(token.expiresAt),
    ]),
  );
  return 0;
}

function stateOf(token: TokenRow, now: number): 'live' | 'expired' | 'revoked' {
  if (token.revokedAt !== undefined) return 'revoked';
  return token.expiresAt !== undefined && token.expiresAt <= now ? 'expired' : 'live';
}
