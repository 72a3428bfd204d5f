import type { Drug } from '../domain/drug.ts';
import type { EventLine, TraceEvent } from '../domain/event.ts';
import { parseQuantity, wholeQuantity } from '../domain/quantity.ts';
import { refusal, type Refusal } from '../domain/refusal.ts';
import { readTraceCode, unusableText } from '../domain/trace-code.ts';
import { asCounted, countsFraction, maySplit } from '../domain/line-kind.ts';
import { convertQuantity } from '../domain/unit-conversion.ts';
import type { ReadingNote } from '../domain/trace-reading.ts';
import type { PreparedLine, ScannedCode } from '../ledger/effect-draft.ts';
import type { Institution } from '../ports/institution.ts';
import type { Policy } from '../ports/policy.ts';

/** The scans of each line, read. Keyed by line number. */
export type ReadScans = ReadonlyMap<string, readonly ScannedCode[]>;

/** Marks that ordinary scanners and carriers leave on every scan: symbology prefixes, links in two-dimensional codes. Nobody need read them. */
const ORDINARY: ReadonlySet<ReadingNote> = new Set(['noise-removed', 'from-link']);

/** @returns the codes of each line, each once per line; or a refusal naming the first scan that is no usable code */
export function readScans(event: TraceEvent): ReadScans | { readonly refusal: Refusal } {
  const scans = new Map<string, readonly ScannedCode[]>();
  for (const [at, line] of event.lines.entries()) {
    const codes = new Map<string, ScannedCode>();
    for (const [position, scanned] of line.codes.entries()) {
      const reading = readTraceCode(scanned);
      if (reading.kind === 'unusable') {
        return { refusal: refusal('CODE_UNUSABLE', { field: `lines[${String(at)}].codes[${String(position)}]`, value: reading.shown, detail: unusableText(reading.reason) }) };
      }
      const notes = reading.notes.length === 0 ? [] : reading.notes.filter((note) => !ORDINARY.has(note));
      for (const code of reading.codes) codes.set(code.text, notes.length === 0 ? code : { ...code, notes });
    }
    scans.set(line.lineNo, [...codes.values()]);
  }
  return scans;
}

/** @returns the lines with drug, converted quantity and exclusion; pure */
export function prepareLines(event: TraceEvent, scans: ReadScans, drugs: ReadonlyMap<string, Drug>, rules: { readonly institution: Institution; readonly policy: Policy }): PreparedLine[] {
  return event.lines.map((told) => {
    const drug = drugs.get(told.drug);
    const line = asCounted(told, drug, event.kind);
    const converted = drug === undefined ? undefined : convertQuantity(drug, line.quantity, line.unit);
    const fits = converted !== undefined && !('problem' in converted) ? converted : undefined;
    const inferred = line.split && (!told.split || drug?.unitsPerPack === 1) && event.kind !== 'split-open';
    const broken = !line.split && maySplit(event.kind) && isBroken(line, drug);
    return {
      ...(inferred ? { splitInferred: true } : {}), ...(broken ? { broken: true } : {}),
      line, drug, codes: scans.get(line.lineNo) ?? [], units: fits?.units, packs: fits?.packs,
      exclusion: rules.policy.exclusionOf({ institution: rules.institution, event, line, drug }),
    };
  });
}

/** Of a drug the catalogue does not know, `0.5` of anything cannot be told from half a pack. */
function isBroken(line: EventLine, drug: Drug | undefined): boolean {
  return drug === undefined ? line.quantity.includes('.') && (parseQuantity(line.quantity) ?? 0n) % wholeQuantity(1) !== 0n : countsFraction(line, drug) === 'inconvertible';
}
