import { compactJson, isList, isMembers, sortedNode, valueText, type JsonMembers, type JsonNode } from './json-text.ts';

/** members that never take part (insurance.md section 4(c) 2) */
const UNSIGNED = new Set(['signData', 'encData', 'extra']);

/**
 * Text that is signed in the mobile payment and e-prescription family (insurance.md section 4(c) 1–4).
 * @param members the message with `data` in plain
 * @example of { appId: 'A', b: { y: 1, x: '' }, Version: '1' } with key K: `appId=A&b={"y":"1"}&Version=1&key=K`
 */
export function mobileCanonicalText(members: JsonMembers, appSecret: string): string {
  const items: string[] = [];
  for (const [name, node] of members) {
    const value = UNSIGNED.has(name) ? '' : itemText(node);
    // the library these systems use counts blanks and the word null as empty, too
    if (value.trim() !== '' && value.trim() !== 'null') items.push(`${name}=${value}&`);
  }
  // by name first: items that differ in case only keep that order
  items.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0)).sort(compareIgnoringCase);
  return `${items.join('')}key=${appSecret}`;
}

function itemText(node: JsonNode): string {
  if (typeof node === 'string') return node;
  const kept = withoutEmpty(node);
  if (kept === undefined) return '';
  return isList(kept) || isMembers(kept) ? compactJson(sortedNode(leavesAsText(kept))) : valueText(kept);
}

/** Drops null, "" and empty lists at every depth; an object that becomes empty stays. */
function withoutEmpty(node: JsonNode): JsonNode | undefined {
  if (node === null || node === '') return undefined;
  if (isList(node)) {
    const kept = node.map(withoutEmpty).filter((each) => each !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  if (!isMembers(node)) return node;
  const members = new Map<string, JsonNode>();
  for (const [name, value] of node) {
    const kept = withoutEmpty(value);
    if (kept !== undefined) members.set(name, kept);
  }
  return members;
}

/** numbers as they were written, true and false by name; empty leaves are gone by now */
function leavesAsText(node: JsonNode): JsonNode {
  if (isList(node)) return node.map(leavesAsText);
  if (isMembers(node)) return new Map([...node].map(([name, value]) => [name, leavesAsText(value)]));
  return valueText(node);
}

/** As Java's CASE_INSENSITIVE_ORDER: one UTF-16 unit after the other, upper then lower case, the shorter first. */
function compareIgnoringCase(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const difference = folded(left.charAt(at)) - folded(right.charAt(at));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function folded(unit: string): number {
  const upper = unit.toUpperCase();
  // Java folds unit by unit: letters that become two (ß) stay as they are
  return (upper.length === 1 ? upper : unit).toLowerCase().charCodeAt(0);
}
