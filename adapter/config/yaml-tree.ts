import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import type { ConfigProblem } from './problem.ts';
import { problemAt } from './problem.ts';
import { yamlFault } from './yaml-fault.ts';

/** The file as a tree of texts: codes keep every digit, and each node knows its line. */
export type YamlNode =
  | { readonly kind: 'text'; readonly value: string; /** written in quotes: an empty text is meant */ readonly quoted: boolean; readonly line: number }
  | { readonly kind: 'map'; readonly entries: readonly YamlEntry[]; readonly line: number }
  | { readonly kind: 'list'; readonly items: readonly YamlNode[]; readonly line: number };
export interface YamlEntry { readonly key: string; readonly line: number; readonly value: YamlNode }

export interface YamlTree { readonly root: YamlNode | undefined; readonly problems: readonly ConfigProblem[] }

const MAX_CHARACTERS = 256 * 1024;
const MAX_NODES = 20_000;
const MAX_DEPTH = 20;

/**
 * Parses YAML with the failsafe schema (everything is text). Bounded: size, depth, and the number of nodes after aliases
 * are written out, so that no file can exhaust the machine.
 */
export function parseYamlTree(text: string): YamlTree {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (body.length > MAX_CHARACTERS || flowDepth(body) > MAX_DEPTH) return failed(0, 'RESOURCE_EXHAUSTION', '');
  const lines = new LineCounter();
  const document = parseDocument(body, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const rows = body.split('\n');
  const problems = document.errors.slice(0, 20).map((error) => {
    const end = lines.linePos(error.pos[0]).line;
    const line = error.code === 'MISSING_CHAR' ? openedAt(rows, end) : end;
    return problemAt({ line, path: '' }, yamlFault(error.code, rows[line - 1] ?? ''));
  });
  // a key that stands twice leaves the rest readable; after any other fault the tree cannot be trusted
  if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) return { root: undefined, problems };
  try {
    return { root: treeOf(document, lines), problems };
  } catch (error) {
    if (!(error instanceof TreeFault)) throw error;
    return { root: undefined, problems: [...problems, ...failed(error.line, error.code, rows[error.line - 1] ?? '').problems] };
  }
}

function failed(line: number, code: string, row: string): YamlTree {
  return { root: undefined, problems: [problemAt({ line, path: '' }, yamlFault(code, row))] };
}

/** Brackets open at once; a rough count (quotes are not looked at) that keeps absurd nesting away from the parser. */
function flowDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, depth += 1);
    else if ((character === ']' || character === '}') && depth > 0) depth -= 1;
  }
  return deepest;
}

/** The parser notices a quote that is not closed at the end of the file; @returns the line where it was opened */
function openedAt(rows: readonly string[], end: number): number {
  const uneven = (row: string): boolean => row.split('"').length % 2 === 0 || row.split("'").length % 2 === 0;
  for (let line = end; line > 0; line -= 1) if (uneven(rows[line - 1] ?? '')) return line;
  return end;
}

class TreeFault extends Error {
  constructor(readonly line: number, readonly code: string) {
    super(code);
  }
}

function treeOf(document: Document.Parsed, lines: LineCounter): YamlNode | undefined {
  let count = 0;
  const lineOf = (node: Node | null | undefined, above: number): number => (node?.range ? lines.linePos(node.range[0]).line : above);

  const convert = (node: Node | null, depth: number, above: number): YamlNode => {
    const line = lineOf(node, above);
    count += 1;
    if (count > MAX_NODES || depth > MAX_DEPTH) throw new TreeFault(line, 'RESOURCE_EXHAUSTION');
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) throw new TreeFault(line, 'BAD_ALIAS');
      return convert(target, depth + 1, line);
    }
    if (isMap<Node, Node | null>(node)) {
      return { kind: 'map', line, entries: node.items.map((pair) => ({ key: keyOf(pair.key, line), line: lineOf(pair.key, line), value: convert(pair.value, depth + 1, lineOf(pair.key, line)) })) };
    }
    if (isSeq<Node | null>(node)) return { kind: 'list', line, items: node.items.map((item) => convert(item, depth + 1, line)) };
    if (isScalar(node)) return { kind: 'text', line, value: textOf(node.value), quoted: node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' };
    return { kind: 'text', line, value: '', quoted: false };
  };
  const keyOf = (key: Node, above: number): string => {
    if (!isScalar(key)) throw new TreeFault(lineOf(key, above), 'NON_STRING_KEY');
    return textOf(key.value);
  };

  return document.contents === null ? undefined : convert(document.contents, 0, 1);
}

/** The failsafe schema makes every scalar a text; anything else is an absent one. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** @returns whether nothing was written: `key:` alone, `key: ~`, `key: null` */
export function isBlank(node: YamlNode | undefined): boolean {
  return node === undefined || (node.kind === 'text' && !node.quoted && (node.value === '' || node.value === '~' || node.value === 'null'));
}
