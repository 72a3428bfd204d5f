import type { CatalogueReport } from './apply-catalogue.ts';
import { FIELD_WORDS } from './match-drug.ts';

/** lines of one kind that are shown; the rest is counted */
const MOST_SHOWN = 100;

/** @returns what a person should know of a comparison with the insurance catalogue, in Chinese */
export function catalogueNotes(report: CatalogueReport): readonly string[] {
  const { differences, withdrawn, unmatched, unreadable } = report;
  const coded = unmatched.filter((one) => one.code !== undefined);
  const uncoded = unmatched.filter((one) => one.code === undefined);
  return [
    `医保药品目录 ${String(report.rows)} 行${report.version === '' ? '' : `，版本 ${report.version}`}；本院药品对上 ${String(report.matched)} 个，补齐空缺 ${String(report.filled)} 个；已有的内容一律未改动`,
    ...(unreadable.length === 0 ? [] : [`${String(unreadable.length)} 行不是目录的格式，已略过（如第 ${unreadable.slice(0, 5).map(String).join('、')} 行）`]),
    ...shown('与医保目录不同', differences.map((one) => `药品 ${one.drug} ${FIELD_WORDS[one.field]}：本院“${one.ours ?? ''}”，目录“${one.theirs}”`)),
    ...shown('医保目录已停用其编码', withdrawn.map((one) => `药品 ${one.drug}（${one.code}）`)),
    ...shown('编码不在这份目录中', coded.map((one) => `药品 ${one.drug}（${one.code ?? ''}）${proposed(one.candidates)}`)),
    ...shown('没有医保目录编码', uncoded.map((one) => `药品 ${one.drug} ${one.name}${proposed(one.candidates)}`)),
  ];
}

function proposed(candidates: readonly string[]): string {
  return candidates.length === 0 ? '' : `；批准文号相同的编码：${candidates.join('、')}`;
}

function shown(what: string, lines: readonly string[]): readonly string[] {
  const more = lines.length - MOST_SHOWN;
  return [...lines.slice(0, MOST_SHOWN).map((line) => `${what}：${line}`), ...(more > 0 ? [`${what}：另有 ${String(more)} 项`] : [])];
}
