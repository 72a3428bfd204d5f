import type { Language } from '../domain/error.ts';

/** Wrong use of the command line: exit code 2, said in one sentence. */
export class UsageError extends Error {
  constructor(readonly zh: string, readonly en: string) {
    super(en);
    this.name = 'UsageError';
  }

  in(language: Language): string {
    return language === 'zh' ? this.zh : this.en;
  }
}

/** @returns the UsageError for a fault that commander found, in both languages */
export function usageErrorOf(code: string, message: string): UsageError {
  const [first = ''] = [...message.matchAll(/'([^']*)'/g)].map((match) => match[1] ?? '');
  const near = /Did you mean (?:one of )?(.+?)\?\)/s.exec(message)?.[1];
  const hintZh = near === undefined ? '' : `，是否想用 ${near}？`;
  const hintEn = near === undefined ? '' : `, did you mean ${near}?`;
  switch (code) {
    case 'commander.unknownCommand': return new UsageError(`没有命令 ${first}${hintZh}`, `there is no command ${first}${hintEn}`);
    case 'commander.unknownOption': return new UsageError(`没有选项 ${first}${hintZh}`, `there is no option ${first}${hintEn}`);
    case 'commander.missingArgument': return new UsageError(`缺少参数 ${first}`, `argument ${first} is missing`);
    case 'commander.optionMissingArgument': return new UsageError(`选项 ${first} 缺少值`, `option ${first} needs a value`);
    case 'commander.missingMandatoryOptionValue': return new UsageError(`必须给出选项 ${first}`, `option ${first} is required`);
    case 'commander.excessArguments': return new UsageError('参数过多', 'too many arguments');
    case 'commander.conflictingOption': return new UsageError(`选项 ${first} 与其它选项冲突`, `option ${first} contradicts another one`);
    default: return new UsageError('命令用法不对', 'wrong usage');
  }
}
