import { chinaCompact, parseInstant } from '../../adapter/domain/china-time.ts';
import type { PackageLevel } from '../../adapter/domain/drug.ts';
import type { EventKind } from '../../adapter/domain/event.ts';
import { parseQuantity, wholeQuantity } from '../../adapter/domain/quantity.ts';
import type { Quantity } from '../../adapter/domain/quantity.ts';
import { reportKey } from '../../adapter/domain/report-key.ts';
import type { LineCode, ReportedEvent, ReportLine } from '../../adapter/ports/destination.ts';
import { allocate } from './allocate.ts';
import type { Group } from './allocate.ts';
import type { Profile } from './profile.ts';

/**
 * What becomes one uploaded row: a line of an event, or a part of it. A row has one lot, one split flag and (3502) one package
 * level, so a line that holds several of them becomes several rows whose quantities add up to that of the line.
 */
export interface Piece {
  /** `3505`, `3502:108` */
  readonly operation: string;
  readonly reportLine: ReportLine;
  readonly codes: readonly LineCode[];
  readonly split: boolean;
  /** package level of the codes (3502); undefined when it carries none */
  readonly level: PackageLevel | undefined;
  /** in the unit of the row: packs, or smallest units of a split row; undefined when the unit cannot be converted */
  readonly quantity: Quantity | undefined;
  /** true when `quantity` counts smallest units instead of packs */
  readonly countsUnits: boolean;
  /** the same goods are reported by the codes of a smaller level */
  readonly insideOthers: boolean;
  /** fixmedins_bchno */
  readonly key: string;
}

/** @returns transaction number of an operation: `3502:108` → `3502` */
export function infnoOf(operation: string): string {
  return operation.slice(0, 4);
}

const PREFIX: Readonly<Record<string, string>> = { '3501': 'I', '3502': 'C', '3503': 'P', '3504': 'Q', '3505': 'S', '3506': 'R' };

/** Pure: the rows that an event owes by the profile (insurance.md section 8), each with its key. */
export function piecesOf(reported: ReportedEvent, profile: Profile): readonly Piece[] {
  const { event } = reported;
  const operations = profile.transactions[event.kind] ?? [];
  const seen = new Map<string, number>();
  const pieces: Piece[] = [];
  for (const reportLine of reported.lines) {
    const { lineNo } = reportLine.line;
    const nth = seen.get(lineNo) ?? 0;
    seen.set(lineNo, nth + 1);
    for (const operation of operations) {
      const groups = groupsOf(reportLine, { operation, profile });
      for (const [index, share] of allocate(groups, reportLine, profile).entries()) {
        const group = groups[index];
        if (group === undefined) continue;
        // a part is named by its codes, not by its place: the place would change when a lot becomes known later
        const part = groups.length === 1 ? '' : group.codes.map((code) => code.code).join('\n');
        pieces.push({
          operation, reportLine, ...group, ...share,
          key: keyOf(reported, { operation, lineNo, part, nth }),
        });
      }
    }
  }
  return pieces;
}

function keyOf(reported: ReportedEvent, at: { operation: string; lineNo: string; part: string; nth: number }): string {
  const { event, institution } = reported;
  const more = at.nth === 0 ? [] : [String(at.nth)];
  return reportKey(`${PREFIX[infnoOf(at.operation)] ?? 'X'}${monthDay(event.occurredAt)}`, [institution.code, event.source, event.id, at.lineNo, at.operation, at.part, ...more]);
}

/** @returns `1122`, the day in the keys that lets a person see which day a row belongs to */
export function monthDay(occurredAt: string): string {
  if (occurredAt === lastDay.occurredAt) return lastDay.text;
  const ms = parseInstant(occurredAt);
  lastDay = { occurredAt, text: ms === undefined ? '0000' : chinaCompact(ms).slice(4, 8) };
  return lastDay.text;
}

/** every row of an event asks for the day of the same time */
let lastDay = { occurredAt: '', text: '0000' };

function groupsOf(reportLine: ReportLine, by: { operation: string; profile: Profile }): readonly Group[] {
  const infno = infnoOf(by.operation);
  const { line, codes } = reportLine;
  // 3503 and 3504 have no code node (V1.1.83): one row for the line, the codes travel in its 3502
  if (infno === '3503' || infno === '3504' || codes.length === 0) return [{ codes: infno === '3503' || infno === '3504' ? [] : codes, split: line.split, level: undefined }];
  const found = new Map<string, { codes: LineCode[]; split: boolean; level: PackageLevel | undefined }>();
  for (const code of codes) {
    const split = line.split || isPartOfPack(code, reportLine);
    const level = infno === '3502' ? code.level : undefined;
    const lot = infno !== '3502' && line.lot === undefined ? [code.lot ?? '', code.producedOn ?? '', code.expiresOn ?? ''].join('|') : '';
    const name = [split ? '1' : '0', String(level ?? 0), lot].join('|');
    const group = found.get(name) ?? { codes: [], split, level };
    group.codes.push(code);
    found.set(name, group);
  }
  // whole before split, small packages before large ones; Map keeps the order of the line within
  const sorted = [...found.values()].sort((a, b) => Number(a.split) - Number(b.split) || (a.level ?? 0) - (b.level ?? 0));
  return sorted.flatMap((group) => chunked(group, by.profile.limits.codeCharsPerRow));
}

/** A code of a whole line of which less than the pack was taken: it must not share a row with whole packs (section 10). */
function isPartOfPack(code: LineCode, { drug }: ReportLine): boolean {
  const taken = parseQuantity(code.units) ?? 0n;
  return drug?.unitsPerPack !== undefined && code.level === 1 && taken > 0n && taken < wholeQuantity(drug.unitsPerPack);
}

/** `{"drug_trac_codg":"…"},` around each code */
const CHARS_AROUND_CODE = 23;

function chunked(group: Group, maxChars: number): readonly Group[] {
  const chunks: Group[] = [];
  let codes: LineCode[] = [];
  let chars = 0;
  for (const code of group.codes) {
    const cost = code.code.length + CHARS_AROUND_CODE;
    if (codes.length > 0 && chars + cost > maxChars) {
      chunks.push({ ...group, codes });
      codes = [];
      chars = 0;
    }
    codes.push(code);
    chars += cost;
  }
  chunks.push({ ...group, codes });
  return chunks;
}

/** Event kinds whose goods the platform counts as a sale; they go before everything else. */
export function isSale(kind: EventKind): boolean {
  return kind === 'dispense' || kind === 'dispense-return';
}
