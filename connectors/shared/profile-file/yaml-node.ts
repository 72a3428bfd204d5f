import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';

/** A YAML file as a tree of texts in which every node knows its line; nothing is turned into numbers, codes keep every digit. */
export type YamlNode =
  | { readonly kind: 'text'; readonly value: string; /** in quotes or as a block: a text is meant, whatever it looks like */ readonly quoted: boolean; readonly line: number }
  | { readonly kind: 'map'; readonly entries: readonly YamlEntry[]; readonly line: number }
  | { readonly kind: 'list'; readonly items: readonly YamlNode[]; readonly line: number };
export interface YamlEntry { readonly key: string; readonly line: number; readonly value: YamlNode }

/** What is wrong in a profile file: where, and in Chinese what. */
export interface ProfileProblem { readonly file: string; readonly line: number; /** `operations.receipt.reply` */ readonly path: string; readonly reason: string }

const MAX_CHARACTERS = 512 * 1024;
const MAX_NODES = 20_000;
const MAX_DEPTH = 30;

class TreeFault extends Error {
  constructor(readonly line: number, message: string) {
    super(message);
  }
}

/** Reads a profile's text, bounded in size, depth and number of nodes (aliases written out). @returns the tree, or what is wrong */
export function readYaml(text: string, file: string): { readonly root?: YamlNode; readonly problems: readonly ProfileProblem[] } {
  const at = (line: number, reason: string): ProfileProblem => ({ file, line, path: '', reason });
  if (text.length > MAX_CHARACTERS) return { problems: [at(1, `文件超过 ${String(MAX_CHARACTERS / 1024)} KB`)] };
  const lines = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const problems = document.errors.slice(0, 20).map((error) => at(lines.linePos(error.pos[0]).line, `YAML 语法有误（${error.code}）：${error.message.slice(0, 200)}`));
  if (problems.length > 0) return { problems };
  try {
    const root = treeOf(document, lines);
    return root === undefined ? { problems: [at(1, '文件是空的')] } : { root, problems };
  } catch (error) {
    if (!(error instanceof TreeFault)) throw error;
    return { problems: [at(error.line, error.message)] };
  }
}

function treeOf(document: Document.Parsed, lines: LineCounter): YamlNode | undefined {
  let count = 0;
  const lineOf = (node: Node | null | undefined, above: number): number => (node?.range ? lines.linePos(node.range[0]).line : above);
  const convert = (node: Node | null, depth: number, above: number): YamlNode => {
    const line = lineOf(node, above);
    count += 1;
    if (count > MAX_NODES || depth > MAX_DEPTH) throw new TreeFault(line, '层次过深或内容过多');
    if (isAlias(node)) return convert(node.resolve(document) ?? null, depth + 1, line);
    if (isMap<Node, Node | null>(node)) {
      return { kind: 'map', line, entries: node.items.map((pair) => ({ key: keyOf(pair.key, line), line: lineOf(pair.key, line), value: convert(pair.value, depth + 1, lineOf(pair.key, line)) })) };
    }
    if (isSeq<Node | null>(node)) return { kind: 'list', line, items: node.items.map((item) => convert(item, depth + 1, line)) };
    if (isScalar(node)) return { kind: 'text', line, value: typeof node.value === 'string' ? node.value : '', quoted: node.type !== 'PLAIN' };
    return { kind: 'text', line, value: '', quoted: false };
  };
  const keyOf = (key: Node, above: number): string => {
    if (!isScalar(key) || typeof key.value !== 'string') throw new TreeFault(lineOf(key, above), '键必须是文字');
    return key.value;
  };
  return document.contents === null ? undefined : convert(document.contents, 0, 1);
}
