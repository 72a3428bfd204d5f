import { lotKey } from '../recall/recalled-lots.ts';
import type { Deviation, DeviationKind } from './deviation.ts';
import type { MatchedPacks } from './match-packs.ts';
import type { ReceiptFacts } from './receipt-facts.ts';
import type { CodeStatus } from './supplier-bill.ts';

const KIND: Readonly<Record<CodeStatus, DeviationKind>> = { 'not-activated': 'not-activated', 'cancelled': 'code-cancelled', 'unknown': 'code-unknown', 'recalled': 'recalled' };

/**
 * What bill and platform say against the codes that came, and recalled lots. A package said to be so is named whole, not with each of its
 * packs; a recalled lot is named once, with the codes scanned of it (checks C03–C05, C19 of mah.md section 15).
 */
export function compareStatuses(facts: ReceiptFacts, found: MatchedPacks): readonly Deviation[] {
  const told = new Map<string, CodeStatus>();
  for (const bill of facts.bills) for (const line of bill.lines) for (const { code, status } of line.codes) if (status !== undefined) told.set(code, status);
  const statusOf = (code: string): CodeStatus | undefined => facts.statusOf(code) ?? told.get(code);
  return [...codeStatuses(facts, found, statusOf), ...recalledLots(facts, found)];
}

function codeStatuses({ tree }: ReceiptFacts, found: MatchedPacks, statusOf: (code: string) => CodeStatus | undefined): readonly Deviation[] {
  const deviations: Deviation[] = [];
  const done = new Set<string>();
  for (const { code: scanned, packs, line } of found.scanned) {
    for (const pack of packs) {
      // outermost first: a carton that is not activated is one matter
      const chain = [...new Set([...tree.ancestorsOf(pack), scanned, pack])].filter((one) => one === pack || one === scanned || isInside(one, scanned, tree) || tree.ancestorsOf(scanned).includes(one));
      const subject = outermostFirst(chain, tree).find((one) => statusOf(one) !== undefined);
      const status = subject === undefined ? undefined : statusOf(subject);
      if (subject === undefined || status === undefined || done.has(subject)) continue;
      done.add(subject);
      deviations.push({ kind: KIND[status], subject, codes: [subject], holds: [subject], lineNo: line.lineNo, drug: line.drug, ...(line.lot === undefined ? {} : { lot: line.lot }) });
    }
  }
  return deviations;
}

function isInside(code: string, outer: string, tree: ReceiptFacts['tree']): boolean {
  return tree.ancestorsOf(code).includes(outer);
}

function outermostFirst(codes: readonly string[], tree: ReceiptFacts['tree']): readonly string[] {
  return [...codes].sort((a, b) => tree.ancestorsOf(a).length - tree.ancestorsOf(b).length);
}

function recalledLots({ lines, recalls }: ReceiptFacts, found: MatchedPacks): readonly Deviation[] {
  if (recalls.isEmpty) return [];
  const deviations = new Map<string, Deviation>();
  const see = (what: { readonly drug: string; readonly lineNo: string; readonly approvalNo: string | undefined; readonly lot: string | undefined }, codes: readonly string[]): void => {
    const recall = recalls.find(what.approvalNo, what.lot);
    if (recall === undefined) return;
    const subject = `${what.drug} ${lotKey(what.lot ?? '')}`.trim();
    const all = [...new Set([...(deviations.get(subject)?.codes ?? []), ...codes])];
    deviations.set(subject, { kind: 'recalled', subject, codes: all, holds: all, lineNo: what.lineNo, drug: what.drug, ...(what.lot === undefined ? {} : { lot: what.lot }), actual: `召回通知 ${recall.noticeNo}` });
  };
  // the bill knows the lot of a code better than the hand that typed the line
  const seen = new Set<string>();
  for (const { billed: { line: told }, scanned: { code, line } } of found.matched.values()) {
    seen.add(code);
    see({ drug: line.drug, lineNo: line.lineNo, approvalNo: line.approvalNo ?? told.approvalNo, lot: told.lot ?? line.lot }, [code]);
  }
  for (const line of lines) {
    const others = line.codes.map(({ code }) => code).filter((code) => !seen.has(code));
    if (others.length > 0 || line.codes.length === 0) see({ drug: line.drug, lineNo: line.lineNo, approvalNo: line.approvalNo, lot: line.lot }, others);
  }
  return [...deviations.values()];
}
