import { unzipSync } from 'fflate';
import { IMPORT_LIMITS, type FileFault } from '../table.ts';

/** The parts of a workbook that matter, unpacked, by path. */
export type PackageParts = ReadonlyMap<string, Uint8Array>;

const WANTED = /^xl\/(?:workbook\.xml|workbook\.bin|_rels\/workbook\.xml\.rels|styles\.xml|sharedStrings\.xml|worksheets\/[^/]+\.xml)$/i;
const MAX_ENTRIES = 10_000;

/**
 * Unpacks an xlsx. Sizes are taken from the directory of the archive before anything is unpacked; fflate never writes more
 * than the size it was told, so a lying directory costs no memory either.
 */
export function unpack(bytes: Uint8Array): PackageParts | FileFault {
  const seen = { declared: 0, entries: 0, tooLarge: false };
  let unpacked: Record<string, Uint8Array>;
  try {
    unpacked = unzipSync(bytes, {
      filter: (entry) => {
        seen.entries += 1;
        if (seen.tooLarge) return false;
        if (!WANTED.test(entry.name.replaceAll('\\', '/').replace(/^\//, ''))) return false;
        seen.declared += entry.originalSize;
        seen.tooLarge = seen.entries > MAX_ENTRIES || seen.declared > IMPORT_LIMITS.unpackedBytes;
        return !seen.tooLarge;
      },
    });
  } catch {
    return { fault: 'xlsx 文件已损坏，无法解压。请在 Excel 中打开后另存一份再导入' };
  }
  if (seen.tooLarge) return { fault: `xlsx 解压后超过 ${String(IMPORT_LIMITS.unpackedBytes / 1024 / 1024)} MB。请只保留药品目录的数据，或另存为 csv 后分批导入` };
  const parts = new Map(Object.entries(unpacked).map(([name, part]) => [name.replaceAll('\\', '/').replace(/^\//, '').toLowerCase(), part]));
  if (parts.has('xl/workbook.bin')) return { fault: '这是 xlsb 格式。请在 Excel 中另存为 xlsx 后再导入' };
  if (!parts.has('xl/workbook.xml')) return { fault: '这不是 Excel 工作簿（xlsx）。请另存为 xlsx 或 csv 后再导入' };
  return parts;
}
