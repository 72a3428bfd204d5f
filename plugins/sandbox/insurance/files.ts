import { crc32, deflateRawSync } from 'node:zlib';
import { chinaDate } from '../../../adapter/domain/china-time.ts';
import type { Message } from './envelope.ts';
import { checkFields } from './field-check.ts';
import { insuranceSpec } from './field-table.ts';
import { messageRefusal, type Refusal } from './refusal.ts';
import type { CatalogueDrug, InsuranceSettings } from './settings.ts';

type Fields = Readonly<Record<string, unknown>>;
export type FileOutcome = { readonly output: unknown } | { readonly file: Buffer } | { readonly refusal: Refusal };

const COLUMNS = 97;
const VERSION_COLUMN = 83;
/** name under which files of the catalogue are asked for (insurance.md, 9102) */
const CATALOGUE_FILE = 'plc';
const DAY_MS = 86_400_000;

/** Catalogue download and files: 1301 answers with a number, 9102 gives the file of the number, 9101 takes one. Files live in memory. */
export class FileDesk {
  readonly #files = new Map<string, { readonly name: string; readonly institution: string; readonly bytes: Buffer }>();

  answer(fields: Fields, context: { readonly message: Message; readonly settings: InsuranceSettings; readonly now: number; readonly onUnknown: (name: string) => void }): FileOutcome {
    const { message, settings } = context;
    const problems = [...checkFields(fields, insuranceSpec().transactions[message.infno]?.fields ?? [], { alsoRequired: () => false, onUnknown: context.onUnknown })];
    if (message.infno !== '1301' && fields['fixmedins_code'] !== message.institution) problems.push('fixmedins_code(医药机构编号)与报文不一致');
    if (problems.length > 0) return { refusal: messageRefusal(problems.join(';')) };
    switch (message.infno) {
      case '1301': return this.#catalogue(String(fields['ver']), { institution: message.institution, settings, until: chinaDate(context.now + DAY_MS) });
      case '9101': return this.#take(fields, { institution: message.institution, until: chinaDate(context.now + DAY_MS) });
      default: return this.#give(fields, message.institution);
    }
  }

  #catalogue(version: string, of: { readonly institution: string; readonly settings: InsuranceSettings; readonly until: string }): FileOutcome {
    const newer = [...of.settings.catalogue].filter((drug) => drug.version > version).sort((a, b) => (a.version < b.version ? -1 : a.version > b.version ? 1 : 0));
    const last = newer[of.settings.catalogueRowsPerFile - 1]?.version;
    // a version is never torn apart: whoever asks for the next one would miss the rest of it
    const rows = last === undefined ? newer : newer.filter((drug) => drug.version <= last);
    if (rows.length === 0) return { output: { file_qury_no: '', filename: '', dld_endtime: '', data_cnt: 0 } };
    const text = rows.map(lineOf).join('');
    const number = this.#keep({ name: CATALOGUE_FILE, institution: of.institution, bytes: zipOf('catalogue.txt', Buffer.from(text, 'utf8')) });
    return { output: { file_qury_no: number, filename: `${number}.txt.zip`, dld_endtime: of.until, data_cnt: rows.length } };
  }

  #take(fields: Fields, of: { readonly institution: string; readonly until: string }): FileOutcome {
    const name = String(fields['filename']);
    const text = String(fields['in']);
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return { refusal: messageRefusal('in(文件数据)应为Base64') };
    const number = this.#keep({ name, institution: of.institution, bytes: Buffer.from(text, 'base64') });
    return { output: { file_qury_no: number, filename: name, fixmedins_code: of.institution, dld_endtime: of.until } };
  }

  #give(fields: Fields, institution: string): FileOutcome {
    const found = this.#files.get(String(fields['file_qury_no']));
    if (found?.institution !== institution || found.name !== fields['filename']) return { refusal: messageRefusal('文件查询号不存在或已过期') };
    return { file: found.bytes };
  }

  #keep(file: { readonly name: string; readonly institution: string; readonly bytes: Buffer }): string {
    const number = `FSN${String(this.#files.size + 1).padStart(12, '0')}`;
    this.#files.set(number, file);
    return number;
  }
}

/** Empty values are the word null (insurance.md section 2: "empty in TXT files"). */
function lineOf(drug: CatalogueDrug): string {
  return `${Array.from({ length: COLUMNS }, (_, at) => (at + 1 === VERSION_COLUMN ? drug.version : (drug.columns[at + 1] ?? 'null'))).join('\t')}\n`;
}

/** A zip of one file, its sizes behind the content, as writers that stream make it. */
function zipOf(name: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content);
  const file = Buffer.from(name, 'utf8');
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(crc32(content), 0);
  sizes.writeUInt32LE(packed.length, 4);
  sizes.writeUInt32LE(content.length, 8);
  const fixed = (signature: number, rest: readonly number[]): Buffer => { const head = Buffer.alloc(4); head.writeUInt32LE(signature, 0); return Buffer.concat([head, Buffer.from(rest)]); };
  const length = Buffer.alloc(2);
  length.writeUInt16LE(file.length, 0);
  // version 2.0, bit 3 (sizes follow) and bit 11 (UTF-8), deflate, no time
  const shared = [20, 0, 0x08, 0x08, 8, 0, 0, 0, 0, 0];
  const local = Buffer.concat([fixed(0x04034b50, shared), Buffer.alloc(12), length, Buffer.alloc(2), file, packed, fixed(0x08074b50, []), sizes]);
  const central = Buffer.concat([fixed(0x02014b50, [20, 0, ...shared]), sizes, length, Buffer.alloc(16), file]);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
