import type { EventKind } from '../domain/event.ts';
import type { PolicySubject } from '../ports/policy.ts';
import type { ExemptionMatch } from '../ports/province-pack.ts';

const HANDED_OUT: ReadonlySet<EventKind> = new Set(['dispense', 'dispense-return']);

/** @returns whether every member of the match fits the line; an empty match fits nothing, so that a slip in a pack leaves nothing out */
export function matches(match: ExemptionMatch, subject: PolicySubject): boolean {
  const { event, line, drug } = subject;
  const fits: boolean[] = [];
  if (match.exemption !== undefined) fits.push(drug?.exemption !== undefined && match.exemption.includes(drug.exemption));
  if (match.form !== undefined) fits.push(match.form.some((part) => drug?.form?.includes(part) === true));
  if (match.split !== undefined) fits.push(line.split === match.split);
  if (match.loose !== undefined) fits.push(isLoose(subject) === match.loose);
  if (match.coded !== undefined) fits.push((line.codes.length > 0) === match.coded);
  if (match.kinds !== undefined) fits.push(match.kinds.includes(event.kind));
  return fits.length > 0 && fits.every(Boolean);
}

/** 零散: single units of a pack that holds several. Whole packs that a ward counts in smallest units carry a code each and are not meant. */
function isLoose({ event, line, drug }: PolicySubject): boolean {
  if (!HANDED_OUT.has(event.kind)) return false;
  if (line.split) return true;
  return line.codes.length === 0 && line.unit === drug?.smallestUnit && drug.unitsPerPack !== undefined && drug.unitsPerPack > 1;
}
