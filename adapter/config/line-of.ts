import { parseYamlTree } from './yaml-tree.ts';
import type { YamlNode } from './yaml-tree.ts';

/** @returns the line (from 1) of a path like `destinations.mah.billTypes`, or of the nearest part of it that the file has; 0 when it has none */
export function lineOf(text: string, path: string): number {
  let node: YamlNode | undefined = parseYamlTree(text).root;
  let line = 0;
  for (const key of path.split('.')) {
    const entry = node?.kind === 'map' ? node.entries.find((candidate) => candidate.key === key) : undefined;
    if (entry === undefined) break;
    line = entry.line;
    node = entry.value;
  }
  return line;
}
