import { meant } from './override-problem.ts';
import type { OverrideProblem } from './override-problem.ts';
import type { Tree } from './override-tree.ts';

export interface MapEntry { readonly key: string; readonly line: number; readonly value: Tree; readonly path: string }

/** Reads parts of an override file and gathers everything that is wrong, so that all is named at once. */
export class OverrideReader {
  readonly problems: OverrideProblem[] = [];

  refuse(at: { readonly line: number; readonly path: string }, reason: string): void {
    this.problems.push({ line: at.line, path: at.path, reason });
  }

  /** @param known keys that may stand there; undefined: any. An unknown one is refused with the nearest */
  entries(tree: Tree, path: string, known?: readonly string[]): readonly MapEntry[] {
    if (tree.kind !== 'map') {
      if (!(tree.kind === 'text' && tree.none)) this.refuse({ line: tree.line, path }, '这里应是“键: 值”的一组内容');
      return [];
    }
    return tree.entries.flatMap(({ key, line, value }) => {
      const at = path === '' ? key : `${path}.${key}`;
      if (known === undefined || known.includes(key)) return [{ key, line, value, path: at }];
      this.refuse({ line, path: at }, `不认识 ${key}${meant(key, known)}（可用：${known.slice(0, 12).join('、')}${known.length > 12 ? ' 等' : ''}）`);
      return [];
    });
  }

  text({ value, line, path }: MapEntry): string {
    if (value.kind === 'text') return value.value;
    this.refuse({ line, path }, '这里应是一个值');
    return '';
  }

  /** One text or a list of texts. */
  texts({ value, path }: MapEntry): readonly string[] {
    const items = value.kind === 'list' ? value.items : [value];
    return items.flatMap((item) => {
      if (item.kind === 'text') return [item.value];
      this.refuse({ line: item.line, path }, '这里应是一个值');
      return [];
    });
  }

  /** Free names to texts. */
  textMap(entry: MapEntry): Readonly<Record<string, string>> {
    return Object.fromEntries(this.entries(entry.value, entry.path).map((each) => [each.key, this.text(each)]));
  }

  items({ value, line, path }: MapEntry): readonly { readonly tree: Tree; readonly path: string }[] {
    if (value.kind === 'list') return value.items.map((tree, at) => ({ tree, path: `${path}[${String(at + 1)}]` }));
    this.refuse({ line, path }, '这里应是一个列表（每项以 - 开头）');
    return [];
  }
}
