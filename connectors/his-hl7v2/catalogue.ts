import { refusal } from '../../adapter/domain/refusal.ts';
import type { CatalogueEntry, CatalogueIntake, CatalogueResult } from '../../adapter/ports/catalogue-intake.ts';
import type { HisRecord } from '../../adapter/ports/his-record.ts';
import type { Hl7Message } from '../../adapter/ports/hl7-message.ts';
import type { IntakeAnswer } from '../../adapter/ports/intake.ts';
import type { MasterFileReply } from './ack/master-file.ts';

/** A catalogue message with its entries. */
export interface CatalogueMessage { readonly message: Hl7Message; readonly entries: readonly CatalogueEntry[] }

/**
 * Hands the entries of an MFN to the catalogue and says it in the terms of the acknowledgements: AA when every entry was taken, AE naming the
 * first that was not. MFI-6 decides whether, and of which entries, an MFK tells: AL all, ER the refused, SU the taken, NE and empty none.
 */
export async function takeCatalogue(record: HisRecord, { message, entries }: CatalogueMessage, catalogue: CatalogueIntake): Promise<{ readonly answer: IntakeAnswer; readonly masterFile?: MasterFileReply }> {
  const answer = await catalogue.submit(record, entries);
  if (answer.kind === 'unavailable') return { answer };
  if (answer.kind === 'conflict') return { answer: { kind: 'quarantined', refusal: answer.refusal } };
  const refused = answer.results.filter((result) => result.result === 'refused');
  const [first] = refused;
  const summary: IntakeAnswer = first === undefined
    ? { kind: 'noted', reason: `药品目录：${String(answer.results.length)} 条` }
    : { kind: 'quarantined', refusal: named(first, refused.length, answer.results.length) };
  const masterFile = replyOf(message, answer.results);
  return masterFile === undefined ? { answer: summary } : { answer: summary, masterFile };
}

/** The refusal with the drug's id, and how many others there are: the sender has to find it among hundreds. */
function named(result: CatalogueResult, refused: number, all: number): NonNullable<CatalogueResult['refusal']> {
  const why = result.refusal ?? refusal('HL7_FIELD_INVALID');
  const which = `第 ${String(result.no)} 条（药品编码 ${result.drug === '' ? '空' : result.drug}）：`;
  const rest = refused > 1 ? `；共 ${String(all)} 条，其中 ${String(refused)} 条未接收` : `；其余 ${String(all - refused)} 条已接收`;
  return { ...why, detail: `${which}${why.detail ?? ''}${rest}` };
}

function replyOf(message: Hl7Message, results: readonly CatalogueResult[]): MasterFileReply | undefined {
  const mfi = message.first('MFI');
  const level = mfi?.text(6).trim().toUpperCase() ?? '';
  if (mfi === undefined || !['AL', 'ER', 'SU'].includes(level)) return undefined;
  const wanted = results.filter((result) => level === 'AL' || (result.result === 'refused') === (level === 'ER'));
  const mfes = message.all('MFE');
  return {
    mfi: [1, 2, 3, 4, 5, 6].map((field) => mfi.raw(field)),
    entries: wanted.flatMap((result) => {
      const mfe = mfes[result.no - 1];
      return mfe === undefined ? [] : [{ event: mfe.raw(1), controlId: mfe.raw(2), key: mfe.raw(4), keyType: mfe.raw(5), refusal: result.refusal, refused: result.result === 'refused' }];
    }),
  };
}
