import type { Institution } from '../ports/institution.ts';
import { INSTITUTION_TABLE } from './config-table.ts';
import type { Place } from './problem.ts';
import { problemAt } from './problem.ts';
import { problemText } from './problem-text.ts';
import { readSettings } from './settings-table.ts';
import type { Reading } from './substitute.ts';
import type { YamlNode } from './yaml-tree.ts';
import { isBlank } from './yaml-tree.ts';

/** @returns the institutions we speak for; none, a repeated code or a malformed one is a problem */
export function readInstitutions(node: YamlNode | undefined, place: Place, reading: Reading): readonly Institution[] {
  if (node === undefined || isBlank(node) || (node.kind === 'list' && node.items.length === 0)) {
    reading.problems.push(problemAt(place, problemText.institutionsEmpty()));
    return [];
  }
  if (node.kind === 'text') {
    reading.problems.push(problemAt(place, problemText.shape('list')));
    return [];
  }
  // one hospital may be written without the dash
  const items = node.kind === 'list' ? node.items : [node];
  const seen = new Set<string>();
  return items.map((item, index) => {
    const at = { line: item.line, path: `institutions[${String(index)}]` };
    const { mah, ...institution } = readSettings(INSTITUTION_TABLE, item, at, reading);
    if (seen.has(institution.code)) reading.problems.push(problemAt({ line: item.line, path: `${at.path}.code` }, problemText.institutionRepeated(institution.code)));
    seen.add(institution.code);
    return { ...institution, ...(Object.keys(mah).length === 0 ? {} : { mah }) };
  });
}
