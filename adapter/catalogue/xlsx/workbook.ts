import type { Table, Tables } from '../table.ts';
import { readNumberFormats } from './number-format.ts';
import { unpack, type PackageParts } from './package-parts.ts';
import { readSharedStrings, readSheetRows, type SheetContext } from './sheet-rows.ts';
import { attribute, OversizeError, partText, tagsOf } from './xml-text.ts';

const MAX_SHEETS = 50;

/** Reads the visible sheets of an xlsx workbook, in the order of their tabs. */
export function readXlsx(bytes: Uint8Array): Tables {
  const parts = unpack(bytes);
  if ('fault' in parts) return parts;
  try {
    return readParts(parts);
  } catch (error) {
    if (error instanceof OversizeError) return { fault: '工作簿的内容异常庞大，无法读取。请把药品目录复制到新工作簿，或另存为 csv 后导入' };
    throw error;
  }
}

function readParts(parts: PackageParts): Tables {
  const workbook = partText(parts.get('xl/workbook.xml'));
  const targets = readTargets(parts.get('xl/_rels/workbook.xml.rels'));
  const context: SheetContext = {
    sharedStrings: readSharedStrings(parts.get('xl/sharedstrings.xml')),
    formats: readNumberFormats(parts.get('xl/styles.xml')),
    from1904: tagsOf(workbook, 'workbookPr').some((tag) => /^(?:1|true)$/.test(attribute(tag, 'date1904') ?? '')),
  };
  const tables: Table[] = [];
  for (const tag of tagsOf(workbook, 'sheet').slice(0, MAX_SHEETS)) {
    if ((attribute(tag, 'state') ?? 'visible') !== 'visible') continue;
    const part = parts.get(targets.get(attribute(tag, 'id') ?? '') ?? '');
    if (part !== undefined) tables.push({ name: attribute(tag, 'name') ?? '', rows: readSheetRows(part, context), named: true });
  }
  return tables.length === 0 ? { fault: '工作簿中没有可读的工作表。请在 Excel 中打开后另存一份再导入' } : { tables, notes: [] };
}

/** @returns path of each sheet by its relation id */
function readTargets(part: Uint8Array | undefined): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  for (const tag of tagsOf(partText(part), 'Relationship')) {
    const target = (attribute(tag, 'Target') ?? '').replaceAll('\\', '/').toLowerCase();
    targets.set(attribute(tag, 'Id') ?? '', target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`);
  }
  return targets;
}
