import { chinaDateTime } from '../../domain/china-time.ts';
import { ROLES } from '../../http/roles.ts';
import { oneOf, wholeNumber } from '../option-values.ts';
import type { AddCommand } from '../command.ts';
import type { Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { addCertificate } from './certificate.ts';
import { printTokens } from './print-tokens.ts';

interface CreateFlags { readonly role: string; readonly name?: string; readonly institution?: string; readonly days?: string }

/** `token create | list | revoke | certificate`: access to the HTTP interface. */
export const addToken: AddCommand = (program, session, run) => {
  const token = program.command('token').description(session.say('管理接口访问令牌', 'manage API tokens'));
  token.command('create')
    .description(session.say('新建令牌（只显示一次）', 'make a token (shown once)'))
    .requiredOption('--role <role>', session.say(`角色：${ROLES.join(' | ')}`, `role: ${ROLES.join(' | ')}`))
    .option('--name <name>', session.say('用途名称，默认同角色', 'what it is for, default: the role'))
    .option('--institution <code>', session.say('限定机构，默认全部', 'restrict it to one institution, default: all'))
    .option('--days <days>', session.say('有效天数，默认按 security.tokenDays', 'days it is valid, default security.tokenDays'))
    .action(run((flags: CreateFlags) => createToken(session, flags)));
  token.command('list')
    .description(session.say('列出令牌', 'list the tokens'))
    .action(run(async () => printTokens(session, 'tokens', await session.parts.actions.listTokens(session.context()))));
  token.command('revoke')
    .description(session.say('吊销令牌（几秒内生效）', 'revoke a token (in force within seconds)'))
    .argument('<id>', session.say('令牌编号，见 token list', 'id, see token list'))
    .action(run((id: string) => revokeToken(session, id)));
  addCertificate(token, session, run);
};

async function createToken(session: Session, flags: CreateFlags): Promise<number> {
  const role = oneOf('--role', flags.role, ROLES);
  const name = flags.name ?? role;
  if (name.trim() === '' || name.length > 64) throw new UsageError('--name 须为 1 至 64 个字符', '--name has to be 1 to 64 characters');
  const context = session.context();
  const institution = flags.institution === undefined || flags.institution === '*' ? '*' : session.institution(context.config, flags.institution);
  const days = flags.days === undefined ? context.config.security.tokenDays : wholeNumber('--days', flags.days, { min: 1, max: 3_650 });
  const made = await session.parts.actions.createToken(context, { name, role, institution, days });
  session.emit('token', { ok: true, ...made, role, name, institution });
  session.line(made.token);
  if (!session.json) {
    // the token alone goes to stdout, so that it can be piped
    session.io.err(`${session.say(
      `令牌 ${made.tokenId}（${role}，${name}）已建立，有效至 ${chinaDateTime(made.expiresAt)}；只显示这一次，请妥善保存`,
      `token ${made.tokenId} (${role}, ${name}) made, valid until ${chinaDateTime(made.expiresAt)}; it is shown only now, keep it safe`,
    )}\n`);
  }
  return 0;
}

async function revokeToken(session: Session, id: string): Promise<number> {
  const revoked = await session.parts.actions.revokeToken(session.context(), id);
  if (!revoked) throw new UsageError(`没有编号为 ${id} 的有效令牌`, `there is no live token ${id}`);
  session.emit('token', { ok: true, tokenId: id, revoked });
  session.line(session.say(`令牌 ${id} 已吊销`, `token ${id} revoked`));
  return 0;
}
