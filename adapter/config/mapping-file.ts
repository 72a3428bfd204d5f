import type { HisMapping } from '../ports/his-mapping.ts';
import type { ConfigParts, SourceConfig } from './config.ts';
import type { Place } from './problem.ts';
import { problemAt } from './problem.ts';
import { faultName, type Reading } from './substitute.ts';

export interface MappingFileOptions {
  /** the mapping the source names */
  readonly base: HisMapping | undefined;
  readonly change: ConfigParts['changedMapping'] | undefined;
  /** the source reads HL7 only, which has no table of rows */
  readonly hl7Only: boolean;
  readonly place: Place;
}

/** Reads the site's changes to a mapping; each problem of the file is noted with its own line there. */
export function readMappingFile(file: string, { base, change, hl7Only, place }: MappingFileOptions, reading: Reading): SourceConfig['changed'] {
  const refuse = (zh: string, en: string): SourceConfig['changed'] => {
    reading.problems.push(problemAt(place, { reason: { zh, en }, remedy: { zh: '按 mappings/README.md 改正，或去掉 mappingFile', en: 'correct it as mappings/README.md says, or leave mappingFile out' } }));
    return undefined;
  };
  if (hl7Only) return refuse('mappingFile 只用于数据库行与文件，HL7 来源没有字段表', 'mappingFile is for rows and files; an HL7 source has no table of columns');
  if (base === undefined) return undefined; // noted already: the mapping itself is unknown
  let text: string;
  try {
    text = reading.readFile(file);
  } catch (error) {
    return refuse(`读不到文件 ${file}（${faultName(error)}）`, `the file ${file} cannot be read (${faultName(error)})`);
  }
  const changed = change?.(base, text);
  if (changed === undefined) return refuse(`映射 ${base.name} 没有字段表，不能用文件改动`, `mapping ${base.name} has no table of columns that a file could change`);
  if ('mapping' in changed) return { file, mapping: changed.mapping };
  for (const { line, path, reason } of changed.problems) {
    const at = `${file}:${String(line)}${path === '' ? '' : ` ${path}`}`;
    refuse(`${at}：${reason}`, `${at}: ${reason}`);
  }
  return undefined;
}
