import type { Drug } from '../domain/drug.ts';
import type { TraceEvent } from '../domain/event.ts';
import { refusal, type Refusal } from '../domain/refusal.ts';
import { readTraceCode, unusableText, type TraceCode } from '../domain/trace-code.ts';
import { asCounted } from '../domain/line-kind.ts';
import { convertQuantity } from '../domain/unit-conversion.ts';
import type { PreparedLine } from '../ledger/effect-draft.ts';
import type { Institution } from '../ports/institution.ts';
import type { Policy } from '../ports/policy.ts';

/** The scans of each line, read. Keyed by line number. */
export type ReadScans = ReadonlyMap<string, readonly TraceCode[]>;

/** @returns the codes of each line, each once per line; or a refusal naming the first scan that is no usable code */
export function readScans(event: TraceEvent): ReadScans | { readonly refusal: Refusal } {
  const scans = new Map<string, readonly TraceCode[]>();
  for (const [at, line] of event.lines.entries()) {
    const codes = new Map<string, TraceCode>();
    for (const [position, scanned] of line.codes.entries()) {
      const reading = readTraceCode(scanned);
      if (reading.kind === 'unusable') {
        return { refusal: refusal('CODE_UNUSABLE', { field: `lines[${String(at)}].codes[${String(position)}]`, value: reading.shown, detail: unusableText(reading.reason) }) };
      }
      for (const code of reading.codes) codes.set(code.text, code);
    }
    scans.set(line.lineNo, [...codes.values()]);
  }
  return scans;
}

/** @returns the lines with drug, converted quantity and exclusion; pure */
export function prepareLines(event: TraceEvent, scans: ReadScans, drugs: ReadonlyMap<string, Drug>, rules: { readonly institution: Institution; readonly policy: Policy }): PreparedLine[] {
  return event.lines.map((told) => {
    const drug = drugs.get(told.drug);
    const line = event.kind === 'split-open' ? told : asCounted(told, drug);
    const converted = drug === undefined ? undefined : convertQuantity(drug, line.quantity, line.unit);
    const fits = converted !== undefined && !('problem' in converted) ? converted : undefined;
    return {
      line, drug, codes: scans.get(line.lineNo) ?? [], units: fits?.units, packs: fits?.packs,
      exclusion: rules.policy.exclusionOf({ institution: rules.institution, event, line, drug }),
    };
  });
}
