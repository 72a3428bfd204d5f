import { z } from 'zod';
import { TraceError } from '../../domain/error.ts';
import { makeRecallReport, tablesOfReport } from '../../recall/recall-report.ts';
import { readRecall } from '../../recall/recall-store.ts';
import { csvOf, xlsxOf } from '../../recall/write-tables.ts';
import { countsReply, recallCountsSchema, recalledCodeReply, recalledCodeSchema, recallReply, recallSchema, recallStepReply, recallStepSchema, recallVisitReply, recallVisitSchema, seesVisits } from '../recall-reply.ts';
import { institutionField } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

export const getRecallReport = defineRoute({
  operation: 'get-recall-report',
  method: 'get',
  path: '/api/v1/recalls/{recallNo}/report',
  roles: ['pharmacist', 'it', 'auditor'],
  summary: '召回反馈报告：JSON、csv（追溯码或发出记录）或 xlsx；不含患者姓名',
  request: {
    params: z.strictObject({ recallNo: z.coerce.number().int().min(1).max(999_999_999).describe('本机的召回序号') }),
    query: z.strictObject({ institution: institutionField, format: z.enum(['json', 'csv', 'csv-visits', 'xlsx']).default('json').describe('json；csv 追溯码；csv-visits 发出记录；xlsx 三张表') }),
  },
  response: {
    description: '反馈报告',
    schema: z.strictObject({
      recall: recallSchema, counts: recallCountsSchema, steps: z.array(recallStepSchema).describe('经过'), codes: z.array(recalledCodeSchema).describe('追溯码在何处'), visits: z.array(recallVisitSchema).describe('发出记录'),
      truncated: z.boolean().describe('明细过多时只列一部分'),
    }).meta({ id: 'RecallReport' }),
  },
  errors: ['NOT_FOUND'],
  async handle(context, { params, query }) {
    const institution = institutionOf(context, query.institution);
    const { driver, institutions, clock } = context.deps;
    const ours = institutions.find(({ code }) => code === institution);
    const report = await driver.read(async (q) => {
      const recall = await readRecall(q, institution, params.recallNo);
      return recall === undefined ? undefined : makeRecallReport(q, institution, recall);
    });
    if (report === undefined || ours === undefined) throw new TraceError('NOT_FOUND');
    const { role } = context.identity;
    if (query.format === 'json') {
      const { recall, counts, steps, codes, visits, truncated } = report;
      return { status: 200, body: { recall: recallReply(recall, context.language), counts: countsReply(counts), steps: steps.map(recallStepReply), codes: codes.map(recalledCodeReply), visits: visits.map((visit) => recallVisitReply(visit, role)), truncated } };
    }
    const tables = tablesOfReport(report, ours, { visitNumbers: seesVisits(role), nowMs: clock.now() });
    const name = `recall-${String(report.recall.recallNo)}`;
    const attached = (extension: string): Readonly<Record<string, string>> => ({ 'content-disposition': `attachment; filename="${name}.${extension}"` });
    if (query.format === 'xlsx') return { status: 200, bytes: xlsxOf(tables), contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', headers: attached('xlsx') };
    return { status: 200, text: csvOf(query.format === 'csv' ? tables[1] : tables[2]), contentType: 'text/csv; charset=utf-8', headers: attached('csv') };
  },
});
