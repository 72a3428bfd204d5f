import type { Bilingual, ProblemText } from './problem.ts';
import { problemText } from './problem-text.ts';

/** Faults of the YAML text itself by the parser's code; anything else is called a fault of the notation. */
const FAULTS: Readonly<Record<string, { readonly zh: string; readonly en: string; readonly remedy: Bilingual }>> = {
  DUPLICATE_KEY: { zh: '同一个键写了两次', en: 'the same key stands twice', remedy: { zh: '合并或删除其中一个', en: 'merge them or remove one' } },
  TAB_AS_INDENT: { zh: '缩进用了制表符（Tab）', en: 'a tab is used as indentation', remedy: { zh: '改用空格缩进', en: 'indent with spaces' } },
  BAD_INDENT: { zh: '缩进不正确', en: 'wrong indentation', remedy: { zh: '同一层的键左侧对齐，下一层多两个空格', en: 'align keys of one level, indent the next by two spaces' } },
  MISSING_CHAR: { zh: '缺少引号、括号或逗号', en: 'a quote, bracket or comma is missing', remedy: { zh: '补上成对的引号或括号；含 : 或 # 的值要加引号', en: 'close the quote or bracket; quote values that hold : or #' } },
  MULTIPLE_DOCS: { zh: '文件中有多个文档（---）', en: 'the file holds several documents (---)', remedy: { zh: '只保留一个文档', en: 'keep one document' } },
  BAD_ALIAS: { zh: '引用（*名称）找不到对应的锚点', en: 'an alias (*name) has no anchor', remedy: { zh: '先用 &名称 定义，或直接写出内容；以 * 或 & 开头的值要加引号', en: 'define &name first or write the value; quote values that begin with * or &' } },
  NON_STRING_KEY: { zh: '键不是文字', en: 'a key is not text', remedy: { zh: '键只用一个名称', en: 'use a plain name as key' } },
  RESOURCE_EXHAUSTION: { zh: '文件过大或嵌套过深', en: 'the file is too large or too deeply nested', remedy: { zh: '减少内容；配置文件最多 256 KB、20 层', en: 'reduce it; at most 256 KB and 20 levels' } },
};
const GENERAL = { zh: 'YAML 写法有误', en: 'not valid YAML', remedy: { zh: '检查这一行的冒号（后面要有空格）、缩进与引号', en: 'check colons (a space has to follow), indentation and quotes of this line' } };
const FULL_WIDTH: Bilingual = { zh: '这一行有全角标点（：，“”｛｝），请改成半角 : , " { }', en: 'this line holds full-width punctuation (：，“”); use : , "' };

/** @returns the wording for a YAML fault; full-width punctuation in the row is named, it is the usual cause in China */
export function yamlFault(code: string, row: string): ProblemText {
  const fault = FAULTS[code] ?? GENERAL;
  const hint = code !== 'DUPLICATE_KEY' && hasFullWidthPunctuation(row) ? FULL_WIDTH : fault.remedy;
  return problemText.yaml(fault.zh, fault.en, hint);
}

/** @returns whether the text holds punctuation of a Chinese input method that YAML does not understand */
function hasFullWidthPunctuation(text: string): boolean {
  return /[：，“”‘’｛｝［］]/.test(text.replace(/"[^"]*"|#.*$/g, ''));
}
