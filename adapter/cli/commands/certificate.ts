import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { faultName } from '../../config/substitute.ts';
import { chinaDateTime } from '../../domain/china-time.ts';
import { ROLES } from '../../http/roles.ts';
import { isCertificate } from '../../http/token.ts';
import { oneOf, wholeNumber } from '../option-values.ts';
import type { Run } from '../command.ts';
import type { Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { printTokens } from './print-tokens.ts';

interface AddFlags { readonly file?: string; readonly fingerprint?: string; readonly role: string; readonly name?: string; readonly institution?: string; readonly days?: string }

/** `token certificate add | list | revoke`: client certificates (mTLS, http.tls.clientCa) that stand for a role instead of a bearer token. */
export function addCertificate(token: Command, session: Session, run: Run): void {
  const group = token.command('certificate').description(session.say('登记客户端证书（mTLS，代替令牌）', 'client certificates (mTLS) that stand for a token'));
  group.command('add')
    .description(session.say('登记一张客户端证书', 'let a client certificate stand for a role'))
    .option('--file <pem>', session.say('证书文件（PEM）', 'certificate file (PEM)'))
    .option('--fingerprint <hex>', session.say('或证书的 SHA-256 指纹（64 位十六进制，可带冒号）', 'or its SHA-256 fingerprint (64 hex digits, colons allowed)'))
    .requiredOption('--role <role>', session.say(`角色：${ROLES.join(' | ')}`, `role: ${ROLES.join(' | ')}`))
    .option('--name <name>', session.say('用途名称，默认同角色', 'what it is for, default: the role'))
    .option('--institution <code>', session.say('限定机构，默认全部', 'restrict it to one institution, default: all'))
    .option('--days <days>', session.say('有效天数，默认按 security.tokenDays', 'days it is valid, default security.tokenDays'))
    .action(run((flags: AddFlags) => add(session, flags)));
  group.command('list')
    .description(session.say('列出已登记的证书', 'list the certificates'))
    .action(run(async () => {
      const all = await session.parts.actions.listTokens(session.context());
      return printTokens(session, 'certificates', all.filter(({ tokenId }) => isCertificate(tokenId)));
    }));
  group.command('revoke')
    .description(session.say('吊销证书的登记（几秒内生效）', 'revoke it (in force within seconds)'))
    .argument('<id>', session.say('编号，见 token certificate list', 'id, see token certificate list'))
    .action(run(async (id: string) => {
      if (!isCertificate(id) || !(await session.parts.actions.revokeToken(session.context(), id))) throw new UsageError(`没有编号为 ${id} 的有效证书`, `there is no live certificate ${id}`);
      session.emit('certificate', { ok: true, tokenId: id, revoked: true });
      session.line(session.say(`证书 ${id} 已吊销`, `certificate ${id} revoked`));
      return 0;
    }));
}

async function add(session: Session, flags: AddFlags): Promise<number> {
  const role = oneOf('--role', flags.role, ROLES);
  const fingerprint256 = fingerprintOf(session, flags);
  const context = session.context();
  const name = flags.name ?? role;
  if (name.trim() === '' || name.length > 64) throw new UsageError('--name 须为 1 至 64 个字符', '--name has to be 1 to 64 characters');
  const institution = flags.institution === undefined || flags.institution === '*' ? '*' : session.institution(context.config, flags.institution);
  const days = flags.days === undefined ? context.config.security.tokenDays : wholeNumber('--days', flags.days, { min: 1, max: 3_650 });
  const made = await session.parts.actions.registerCertificate(context, { fingerprint256, role, name, institution, days });
  session.emit('certificate', { ok: true, ...made, role, name, institution, fingerprint256 });
  session.line(session.say(
    `证书 ${made.tokenId}（${role}，${name}）已登记，有效至 ${chinaDateTime(made.expiresAt)}`,
    `certificate ${made.tokenId} (${role}, ${name}) registered, valid until ${chinaDateTime(made.expiresAt)}`,
  ));
  if (context.config.http.tls?.clientCa === undefined) session.line(session.say('提醒：没有配置 http.tls.clientCa，证书暂不起作用', 'note: http.tls.clientCa is not configured, certificates have no effect yet'));
  return 0;
}

/** @returns the fingerprint, from the file or as given. @throws UsageError when there is neither or it is none */
function fingerprintOf(session: Session, flags: AddFlags): string {
  if ((flags.file === undefined) === (flags.fingerprint === undefined)) throw new UsageError('--file 与 --fingerprint 须给出其中一个', 'give either --file or --fingerprint');
  if (flags.fingerprint !== undefined) {
    if (/^[0-9a-f]{64}$/i.test(flags.fingerprint.replaceAll(':', ''))) return flags.fingerprint;
    throw new UsageError('--fingerprint 须为证书的 SHA-256 指纹（64 位十六进制）', '--fingerprint has to be the SHA-256 fingerprint of the certificate (64 hex digits)');
  }
  const file = flags.file ?? '';
  try {
    return new X509Certificate(readFileSync(resolve(session.io.cwd, file))).fingerprint256;
  } catch (error) {
    throw new UsageError(`${file} 不是可读的 PEM 证书（${faultName(error)}）`, `${file} is no readable PEM certificate (${faultName(error)})`);
  }
}
