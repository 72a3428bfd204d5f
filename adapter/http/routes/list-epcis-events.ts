import { z } from 'zod';
import { CONTEXT, exportEvent } from '../../epcis/export-event.ts';
import { readHistory } from '../../epcis/history.ts';
import { codeOfUri } from '../../epcis/identifiers.ts';
import { kindsOfStep } from '../../epcis/steps.ts';
import { institutionField, moment, readCursor, startOf, textField, writeCursor } from '../request-fields.ts';
import { defineRoute } from '../route.ts';
import { institutionOf } from '../scope.ts';

/** The standard's own names (EPCIS 2.0 REST bindings). */
const query = z.strictObject({
  institution: institutionField,
  GE_eventTime: moment.optional().describe('事件时间不早于'),
  LT_eventTime: moment.optional().describe('事件时间早于；只写日期表示该日零点'),
  MATCH_epc: textField(512).optional().describe('一个追溯码：urn:his-trace:code:… 、GS1 Digital Link 或码本身'),
  EQ_bizStep: textField(64).optional().describe('业务步骤，如 receiving、dispensing、shipping'),
  perPage: z.coerce.number().int().min(1).max(200).default(30).describe('每页读取的院内事件数；一个事件按行展开'),
  nextPageToken: z.string().max(40).refine((value) => readCursor(value) !== undefined, 'nextPageToken').optional().describe('上一页返回的 nextPageToken'),
});

export const listEpcisEvents = defineRoute({
  operation: 'list-epcis-events',
  method: 'get',
  path: '/epcis/events',
  roles: ['it', 'auditor', 'hub'],
  summary: '以 EPCIS 2.0 JSON-LD 导出追溯历史，旧的在前；不含患者信息',
  request: { query },
  response: { description: 'EPCISQueryDocument；还有下一页时带 nextPageToken 响应头', contentType: 'application/ld+json' },
  async handle(context, { query: asked }) {
    const institution = institutionOf(context, asked.institution);
    const epc = asked.MATCH_epc;
    const { events, next } = await context.deps.driver.read((q) => readHistory(q, {
      institution, after: readCursor(asked.nextPageToken) ?? 0, limit: asked.perPage, fromMs: startOf(asked.GE_eventTime),
      toMs: startOf(asked.LT_eventTime), code: epc === undefined ? undefined : codeOfUri(epc) ?? epc,
      kinds: asked.EQ_bizStep === undefined ? undefined : [...kindsOfStep(asked.EQ_bizStep), ...(asked.EQ_bizStep === 'void_shipping' ? ['void'] : [])],
    }));
    const document = {
      '@context': CONTEXT, type: 'EPCISQueryDocument', schemaVersion: '2.0', creationDate: new Date(context.deps.clock.now()).toISOString(),
      epcisBody: { queryResults: { queryName: 'events', resultsBody: { eventList: events.flatMap(exportEvent) } } },
    };
    return {
      status: 200, text: JSON.stringify(document), contentType: 'application/ld+json',
      headers: { 'GS1-EPCIS-Version': '2.0.0', 'GS1-CBV-Version': '2.0.0', ...(next === undefined ? {} : { 'Link': `</epcis/events?nextPageToken=${writeCursor(next)}>; rel="next"`, 'GS1-Next-Page-Token': writeCursor(next) }) },
    };
  },
});
