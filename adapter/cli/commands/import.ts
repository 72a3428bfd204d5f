import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AddCommand } from '../command.ts';
import type { Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';

const MAX_SHOWN = 50;

/** `import drugs FILE`: the drug catalogue, contract section 8. */
export const addImport: AddCommand = (program, session, run) => {
  const group = program.command('import').description(session.say('导入数据', 'import data'));
  group.command('drugs')
    .description(session.say('导入药品目录（csv：UTF-8、GBK、GB18030；xlsx）', 'import the drug catalogue (csv: UTF-8, GBK, GB18030; xlsx)'))
    .argument('<file>', session.say('文件', 'file'))
    .option('--institution <code>', session.say('机构，只配置一个时可省略', 'institution, may be left out when there is one'))
    .action(run((file: string, flags: { readonly institution?: string }) => importDrugs(session, file, flags.institution)));
};

async function importDrugs(session: Session, file: string, given: string | undefined): Promise<number> {
  const path = resolve(session.io.cwd, file);
  if (!existsSync(path)) throw new UsageError(`找不到文件 ${file}`, `there is no file ${file}`);
  const context = session.context();
  const institution = session.institution(context.config, given);
  const report = await session.parts.actions.importDrugs(context, { file: path, institution });
  const ok = report.problems.length === 0;
  session.emit('import', { ok, institution, ...report });
  for (const note of report.notes) session.line(session.say(`提示：${note}`, `note: ${note}`));
  if (!ok) {
    session.table([session.say('行', 'row'), session.say('列', 'column'), session.say('值', 'value'), session.say('原因', 'reason')],
      report.problems.slice(0, MAX_SHOWN).map((problem) => [String(problem.row), problem.column, problem.value, problem.reason]), [0]);
    if (report.problems.length > MAX_SHOWN) session.line(session.say(`……另有 ${String(report.problems.length - MAX_SHOWN)} 处`, `… and ${String(report.problems.length - MAX_SHOWN)} more`));
  }
  session.line(session.say(
    `文件 ${String(report.rows)} 行，已导入 ${String(report.written)} 个药品，问题 ${String(report.problems.length)} 处`,
    `${String(report.rows)} rows in the file, ${String(report.written)} drugs imported, ${String(report.problems.length)} problems`,
  ));
  return ok ? 0 : 1;
}
