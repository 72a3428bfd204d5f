import { z } from 'zod';
import { chinaIso } from '../domain/china-time.ts';
import type { Language } from '../domain/error.ts';
import { formatQuantity } from '../domain/quantity.ts';
import { nextStepOf, RECALL_STATES } from '../recall/recall-state.ts';
import type { RecallStep, StoredRecall } from '../recall/recall-store.ts';
import type { LotCounts, TracedCode, TracedVisit } from '../recall/trace-lots.ts';
import type { Role } from './roles.ts';
import { present } from './view-members.ts';

export const recallSchema = z.strictObject({
  recallNo: z.number().describe('本机的召回序号'), noticeNo: z.string().describe('召回通知编号'), approvalNo: z.string().describe('批准文号'), lots: z.array(z.string()).describe('召回批号；* 表示全部批号'),
  drugName: z.string().optional(), manufacturer: z.string().optional().describe('生产企业'), level: z.number().optional().describe('召回级别 1 至 3'), reason: z.string().optional().describe('召回原因'),
  issuer: z.string().optional().describe('发布单位'), issuedOn: z.string().optional().describe('发布日期 yyyy-MM-dd'), owner: z.string().optional().describe('负责人'),
  state: z.enum(RECALL_STATES).describe('open 已登记、quarantined 已隔离、reported 已反馈、closed 已办结、withdrawn 已撤销'), nextStep: z.string().describe('下一步要做的事'),
  closeReason: z.string().optional().describe('办结或撤销的原因'), createdAt: z.string(), updatedAt: z.string(),
}).meta({ id: 'Recall' });

export const recallCountsSchema = z.strictObject({
  total: z.number().describe('涉及的追溯码数'), here: z.number().describe('在库与拆零中的盒数'), lotUnknown: z.number().describe('同一药品在库而批号未知的盒数，须看实物'),
  byState: z.array(z.strictObject({ state: z.string().describe('追溯码的状态'), count: z.number() })).describe('各状态的追溯码数'),
}).meta({ id: 'RecallCounts' });

export const recalledCodeSchema = z.strictObject({ code: z.string().describe('追溯码'), drug: z.string(), lot: z.string(), state: z.string().describe('追溯码的状态'), location: z.string().optional(), unitsLeft: z.string().optional() }).meta({ id: 'RecalledCode' });

export const recallVisitSchema = z.strictObject({
  code: z.string().optional().describe('追溯码；没有扫码的发出记录没有'), drug: z.string(), lot: z.string(), at: z.string().describe('发出时间'), location: z.string().optional(), returned: z.boolean().describe('之后已退回或发药已作废'),
  visitNo: z.string().optional().describe('就诊号，只给 pharmacist 与 it'), documentNo: z.string().optional().describe('单据号，只给 pharmacist 与 it'),
}).meta({ id: 'RecallVisit' });

export const recallStepSchema = z.strictObject({ at: z.string(), by: z.string().describe('操作人'), from: z.string().describe('之前的状态，登记时为空'), to: z.string(), note: z.string().optional().describe('说明') }).meta({ id: 'RecallStep' });

/** Visit numbers lead to patients: only for those who have to call them. */
export function seesVisits(role: Role): boolean {
  return role === 'pharmacist' || role === 'it';
}

export function recallReply({ closeReason, createdAt, updatedAt, ...recall }: StoredRecall, language: Language): z.input<typeof recallSchema> {
  const { drugName, manufacturer, level, reason, issuer, issuedOn, owner } = recall;
  return {
    recallNo: recall.recallNo, noticeNo: recall.noticeNo, approvalNo: recall.approvalNo, lots: [...recall.lots], state: recall.state, nextStep: nextStepOf(recall.state, language),
    ...present({ drugName, manufacturer, level, reason, issuer, issuedOn, owner, closeReason }), createdAt: chinaIso(createdAt), updatedAt: chinaIso(updatedAt),
  };
}

export function countsReply({ byState, ...counts }: LotCounts): z.input<typeof recallCountsSchema> {
  return { ...counts, byState: Object.entries(byState).map(([state, count]) => ({ state, count })) };
}

export function recalledCodeReply({ unitsLeft, location, ...code }: TracedCode): z.input<typeof recalledCodeSchema> {
  return { ...code, ...present({ location, unitsLeft: unitsLeft === undefined ? undefined : formatQuantity(unitsLeft) }) };
}

export function recallVisitReply({ visitNo, documentNo, location, code, ...visit }: TracedVisit, role: Role): z.input<typeof recallVisitSchema> {
  return { ...visit, ...present({ location, code: code === '' ? undefined : code }), ...(seesVisits(role) ? present({ visitNo, documentNo }) : {}) };
}

export function recallStepReply({ at, by, from, to, note }: RecallStep): z.input<typeof recallStepSchema> {
  return { at: chinaIso(at), by, from, to, ...present({ note }) };
}
