import { chinaDateTime } from '../domain/china-time.ts';
import { formatQuantity } from '../domain/quantity.ts';
import { stateText, type CodeState } from '../ledger/code-state.ts';
import type { Institution } from '../ports/institution.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { EVERY_LOT } from './recalled-lots.ts';
import type { RecallStep, StoredRecall } from './recall-store.ts';
import { readSteps } from './recall-store.ts';
import { countPlaces, listCodes, listVisits, placesOf, type LotCounts, type TracedCode, type TracedVisit } from './trace-lots.ts';
import type { ReportTable } from './write-tables.ts';

/** Everything about one recall: what the notice asks to be reported back (召回反馈). */
export interface RecallReport {
  readonly recall: StoredRecall;
  readonly steps: readonly RecallStep[];
  readonly counts: LotCounts;
  readonly codes: readonly TracedCode[];
  readonly visits: readonly TracedVisit[];
  readonly truncated: boolean;
}

const MAX_CODES = 100_000;

export async function makeRecallReport(q: SqlQuery, institution: string, recall: StoredRecall): Promise<RecallReport> {
  const found = await placesOf(q, institution, recall);
  const codes = await listCodes(q, institution, found.places, { limit: MAX_CODES });
  const { visits, truncated } = await listVisits(q, institution, found.places, MAX_CODES);
  return { recall, steps: await readSteps(q, institution, recall.recallNo), counts: await countPlaces(q, institution, found, true), codes, visits, truncated: truncated || codes.length >= MAX_CODES };
}

/**
 * @param options.visitNumbers whether the reader may see visit and document numbers
 * @returns summary, codes and visits as tables in Chinese; no patient is named
 */
export function tablesOfReport(report: RecallReport, institution: Institution, options: { readonly visitNumbers: boolean; readonly nowMs: number }): readonly [ReportTable, ReportTable, ReportTable] {
  const { recall, counts } = report;
  const hidden = (text: string | undefined): string => (options.visitNumbers ? text ?? '' : '');
  const summary: [string, string][] = [
    ['医疗机构', `${institution.name}（${institution.code}）`], ['通知编号', recall.noticeNo], ['发布单位', recall.issuer ?? ''], ['发布日期', recall.issuedOn ?? ''], ['药品名称', recall.drugName ?? ''],
    ['生产企业', recall.manufacturer ?? ''], ['批准文号', recall.approvalNo], ['批号', recall.lots.map((lot) => (lot === EVERY_LOT ? '全部批号' : lot)).join('、')],
    ['召回级别', recall.level === undefined ? '' : `${String(recall.level)} 级`], ['召回原因', recall.reason ?? ''], ['状态', recall.state], ['负责人', recall.owner ?? ''],
    ['涉及追溯码', String(counts.total)], ...Object.entries(counts.byState).map(([state, n]): [string, string] => [`其中${stateText(state as CodeState)}`, String(n)]),
    ['批号未知的在库盒数', String(counts.lotUnknown)], ['发出记录', String(report.visits.length)], ['尚未退回的发出记录', String(report.visits.filter(({ returned }) => !returned).length)],
    ...report.steps.map(({ at, by, from, to, note }): [string, string] => [`经过 ${chinaDateTime(at)}`, `${by}：${from === '' ? '' : `${from} → `}${to}${note === undefined ? '' : `，${note}`}`]),
    ['制表时间', chinaDateTime(options.nowMs)], ...(report.truncated ? [['说明', `明细超过 ${String(MAX_CODES)} 条，只列出部分`] as [string, string]] : []),
  ];
  return [
    { name: '汇总', heads: ['项目', '内容'], rows: summary },
    { name: '追溯码', heads: ['药品编码', '批号', '追溯码', '状态', '位置', '剩余最小单位'], rows: report.codes.map((code) => [code.drug, code.lot, code.code, stateText(code.state as CodeState), code.location ?? '', code.unitsLeft === undefined ? '' : formatQuantity(code.unitsLeft)]) },
    { name: '发出记录', heads: ['药品编码', '批号', '追溯码', '发出时间', '药房', '就诊号', '单据号', '是否已退回'], rows: report.visits.map((visit) => [visit.drug, visit.lot, visit.code, visit.at, visit.location ?? '', hidden(visit.visitNo), hidden(visit.documentNo), visit.returned ? '是' : '否']) },
  ];
}
