import type { ExpandedPackage, Expansion } from '../../../adapter/ports/upstream.ts';
import { METHODS } from '../methods.ts';
import { rowsOf, textOf, type TreeObject } from '../reply-tree.ts';
import { found, NOT_READY_MS, unreadable, type Asking, type Given } from './asking.ts';
import { readTree } from './package-tree.ts';

/** query.relation takes ten codes (Annex A) */
const CODES_PER_CALL = 10;
const MAX_CODES = 100;
const LONGEST_PAUSE_MS = 11_000;
const MAX_PATIENCE_MS = 600_000;
/** packages of one receipt open together as a rule; the one that is not ours shows when it has held up the others for so many rounds */
const ONE_BY_ONE_ROUND = 2;

/**
 * Opens packages, and keeps asking while the platform has not yet processed our receipt of them (mah.md 5.6): 3 s at first, up to
 * 11 s between questions. What was open stays open; only the rest is asked for again.
 */
export async function expandPackages(wanted: { readonly codes: readonly string[]; readonly patienceMs: number }, asking: Asking): Promise<Given<Expansion>> {
  const codes = [...new Set(wanted.codes)];
  if (codes.length === 0 || codes.length > MAX_CODES) return { kind: 'refused', reason: 'CONFIGURATION', peerText: `一次可展开 1 至 ${String(MAX_CODES)} 个包装` };
  const { clock, question } = asking;
  const until = clock.now() + Math.min(MAX_PATIENCE_MS, wanted.patienceMs);
  const expanded: ExpandedPackage[] = [];
  let left: readonly string[] = codes;
  for (let round = 0; ; round += 1) {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, NOT_READY_MS + round * 2_000);
    const isLast = clock.now() + pauseMs > until || question.signal.aborted;
    const given = await expandChunks(left, { oneByOne: isLast || round === ONE_BY_ONE_ROUND }, asking);
    if (given.kind !== 'found' && given.kind !== 'not-ready') return given;
    if (given.kind === 'found') {
      expanded.push(...given.value.expanded);
      left = given.value.notReady;
    }
    if (left.length === 0 || isLast) break;
    try {
      await clock.sleep(pauseMs, question.signal);
    } catch {
      break; // stopped meanwhile: what is open by now is the answer
    }
  }
  if (expanded.length === 0) return { kind: 'not-ready', why: '平台尚未处理完本院对该包装的采购入库（102），暂不能展开', retryAfterMs: NOT_READY_MS };
  return found({ expanded, notReady: left });
}

async function expandChunks(codes: readonly string[], how: { readonly oneByOne: boolean }, asking: Asking): Promise<Given<Expansion>> {
  const expanded: ExpandedPackage[] = [];
  const notReady: string[] = [];
  for (let at = 0; at < codes.length; at += CODES_PER_CALL) {
    const chunk = codes.slice(at, at + CODES_PER_CALL);
    const given = how.oneByOne ? await expandSingly(chunk, asking) : await expandOnce(chunk, asking);
    if (given.kind === 'not-ready') notReady.push(...chunk);
    else if (given.kind !== 'found') return given;
    else {
      expanded.push(...given.value.expanded);
      notReady.push(...given.value.notReady);
    }
  }
  return found({ expanded, notReady });
}

/** Asks once for at most ten packages. One that is not ours (yet) refuses the whole call. */
export async function expandOnce(codes: readonly string[], asking: Asking): Promise<Given<Expansion>> {
  const asked = await asking.call(METHODS.relation, { code: codes.join(','), des_ref_ent_id: asking.refEntId });
  return asked.kind === 'answer' ? readEntries(rowsOf(asked.reply.payload), codes) : asked;
}

/** The same, and a refused call of several is put again code by code. */
async function expandSingly(codes: readonly string[], asking: Asking): Promise<Given<Expansion>> {
  const asked = await expandOnce(codes, asking);
  if (asked.kind !== 'not-ready' || codes.length === 1) return asked;
  const expanded: ExpandedPackage[] = [];
  const notReady: string[] = [];
  for (const code of codes) {
    const single = await expandOnce([code], asking);
    if (single.kind === 'not-ready' || single.kind === 'none') notReady.push(code);
    else if (single.kind !== 'found') return single;
    else {
      expanded.push(...single.value.expanded);
      notReady.push(...single.value.notReady);
    }
  }
  return expanded.length === 0 ? asked : found({ expanded, notReady });
}

function readEntries(entries: readonly TreeObject[], codes: readonly string[]): Given<Expansion> {
  const expanded: ExpandedPackage[] = [];
  const notReady: string[] = [];
  for (const code of codes) {
    const entry = entryOf(entries, codes, code);
    if (entry === undefined) { notReady.push(code); continue; }
    const tree = readTree(entry, code);
    if (tree === undefined) return unreadable(`平台给出的包装关系自相矛盾，不能据此收货：${code}`);
    expanded.push(tree);
  }
  return expanded.length === 0 ? { kind: 'not-ready', why: '平台还没有该包装的关联关系', retryAfterMs: NOT_READY_MS } : found({ expanded, notReady });
}

/**
 * One entry per code that was asked for, and no member that says which. Codes of one carton have the same tree, but `is_smallest`
 * and the amount are about the one: it is taken by its place, or by its production row where entries are missing.
 */
function entryOf(entries: readonly TreeObject[], codes: readonly string[], code: string): TreeObject | undefined {
  const names = (entry: TreeObject | undefined, list: string): boolean => rowsOf(entry?.[list]).some((row) => textOf(row['code']) === code);
  const placed = entries.length === codes.length ? entries[codes.indexOf(code)] : undefined;
  return names(placed, 'code_relation_list') ? placed : entries.find((entry) => names(entry, 'code_relation_list') && names(entry, 'produce_info_list'));
}
