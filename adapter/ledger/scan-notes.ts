import type { ReadingNote } from '../domain/trace-reading.ts';
import { readingNote } from '../scan/rules.ts';
import type { CodeRow } from './code-state.ts';
import type { EffectDraft, PreparedLine, ScannedCode } from './effect-draft.ts';

/** Fifteen digits is what a spreadsheet keeps of a number: the last five of twenty are then zeros. */
const SPREADSHEET_ZEROS = /0{5}$/;

/**
 * Codes that went through a number column and lost their last digits. One 20-digit code in 16,000 looks so by chance, so a code counts
 * as destroyed only when the ledger does not know it, every 20-digit code of the event looks so (a column spoils all alike), and there
 * are several of them or the zeros are those of a spreadsheet. What was lost is never guessed.
 * @returns the texts of destroyed codes
 */
export function destroyedCodes(lines: readonly PreparedLine[], known: ReadonlyMap<string, CodeRow>): ReadonlySet<string> {
  const rounded = new Set<string>();
  for (const { codes } of lines) {
    for (const code of codes) {
      if (code.scheme !== 'cn20') continue;
      if (code.notes?.includes('looks-rounded') !== true) return new Set();
      rounded.add(code.text);
    }
  }
  return new Set([...rounded].filter((text) => !known.has(text) && (rounded.size > 1 || SPREADSHEET_ZEROS.test(text))));
}

/**
 * Says what was noticed when the codes of a line were read, and takes destroyed codes out: they move nothing, and nothing is
 * reported for the line.
 * @returns the line without them; undefined when nothing can be worked out for it any more
 */
export function withoutDestroyed(draft: EffectDraft, prepared: PreparedLine, destroyed: ReadonlySet<string>): PreparedLine | undefined {
  tellNotes(draft, prepared, destroyed);
  if (destroyed.size === 0) return prepared;
  const codes = prepared.codes.filter((code) => !destroyed.has(code.text));
  const lost = prepared.codes.length - codes.length;
  if (lost === 0) return prepared;
  const detail = `${lost > 1 ? `${String(lost)} 个` : ''}追溯码的末尾数字已丢失（曾按数字格式保存），无法还原；请把该列改为文本格式，重新扫描后发送`;
  draft.find(prepared, 'CODE_SHAPE', 'block', detail, prepared.codes.find((code) => destroyed.has(code.text))?.text);
  draft.block(prepared, 'INVALID_CODE', detail);
  // without its codes a split line would be given others from the opened packs, and a whole one would miss codes that it has
  return codes.length === 0 || prepared.line.split ? undefined : { ...prepared, codes };
}

/** One finding per line and note, however many codes it concerns. */
function tellNotes(draft: EffectDraft, prepared: PreparedLine, destroyed: ReadonlySet<string>): void {
  const noted = new Map<ReadingNote, { readonly first: ScannedCode; readonly count: number }>();
  for (const code of prepared.codes) {
    for (const note of code.notes ?? []) {
      if (note === 'looks-rounded' && destroyed.has(code.text)) continue;
      const seen = noted.get(note);
      noted.set(note, { first: seen?.first ?? code, count: (seen?.count ?? 0) + 1 });
    }
  }
  for (const [note, { first, count }] of noted) {
    draft.tell(prepared, readingNote(note, count), first.text);
  }
}
