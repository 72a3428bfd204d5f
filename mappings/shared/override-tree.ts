import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Node } from 'yaml';
import type { OverrideProblem } from './override-problem.ts';

/** The file as a tree of texts (codes and numbers keep every digit) in which every node knows its line. */
export type Tree =
  | { readonly kind: 'text'; readonly line: number; readonly value: string; /** nothing stands there, or `~` */ readonly none: boolean }
  | { readonly kind: 'map'; readonly line: number; readonly entries: readonly { readonly key: string; readonly line: number; readonly value: Tree }[] }
  | { readonly kind: 'list'; readonly line: number; readonly items: readonly Tree[] };

const MAX_CHARACTERS = 128 * 1024;
const MAX_DEPTH = 10;

class TreeFault extends Error {
  constructor(readonly line: number, message: string) {
    super(message);
    this.name = 'TreeFault';
  }
}

/** Reads YAML, bounded in size and depth. @returns the tree, or what is wrong */
export function readTree(text: string): { readonly tree?: Tree; readonly problems: readonly OverrideProblem[] } {
  if (text.length > MAX_CHARACTERS) return { problems: [{ line: 1, path: '', reason: `文件超过 ${String(MAX_CHARACTERS / 1024)} KB` }] };
  const lines = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const problems = document.errors.slice(0, 20).map((error) => ({
    line: lines.linePos(error.pos[0]).line, path: '', reason: error.code === 'DUPLICATE_KEY' ? '同一个键写了两次' : `YAML 语法有误（${error.code}）：检查缩进、冒号后的空格和引号`,
  }));
  if (problems.length > 0) return { problems };
  if (document.contents === null) return { problems: [{ line: 1, path: '', reason: '文件是空的' }] };
  const lineOf = (node: Node | null, above: number): number => (node?.range ? lines.linePos(node.range[0]).line : above);
  const convert = (node: Node | null, depth: number, above: number): Tree => {
    const line = lineOf(node, above);
    if (depth > MAX_DEPTH) throw new TreeFault(line, '层次过深');
    if (isMap<Node, Node | null>(node)) {
      return {
        kind: 'map', line, entries: node.items.map(({ key, value }) => {
          if (!isScalar(key) || typeof key.value !== 'string') throw new TreeFault(lineOf(key, line), '键必须是文字');
          return { key: key.value, line: lineOf(key, line), value: convert(value, depth + 1, lineOf(key, line)) };
        }),
      };
    }
    if (isSeq<Node | null>(node)) return { kind: 'list', line, items: node.items.map((item) => convert(item, depth + 1, line)) };
    if (node !== null && !isScalar(node)) throw new TreeFault(line, '不支持引用（& 与 *），请写出来；星号请加引号："*"');
    const value = node !== null && typeof node.value === 'string' ? node.value : '';
    return { kind: 'text', line, value, none: (node === null || node.type === 'PLAIN') && /^(|~|null)$/.test(value) };
  };
  try {
    return { tree: convert(document.contents, 0, 1), problems };
  } catch (error) {
    if (!(error instanceof TreeFault)) throw error;
    return { problems: [{ line: error.line, path: '', reason: error.message }] };
  }
}
