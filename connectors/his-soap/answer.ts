import { randomUUID } from 'node:crypto';
import { chinaCompact, chinaIso } from '../../adapter/domain/china-time.ts';
import type { Language } from '../../adapter/domain/error.ts';
import { findingText } from '../../adapter/domain/finding-text.ts';
import type { Finding } from '../../adapter/domain/finding.ts';
import type { EventAnswer } from '../../adapter/ports/intake.ts';
import type { CallOutcome } from './outcome.ts';
import type { SoapSettings } from './settings.ts';
import type { ShapeName } from './shapes.ts';
import { escapeXml } from './xml-text.ts';

export interface AnswerContext {
  readonly settings: SoapSettings;
  readonly shape: ShapeName;
  readonly language: Language;
  readonly requestId: string;
  readonly nowMs: number;
}

/** Findings and assigned codes told in one answer at most. */
const MOST_DETAILS = 100;

/** @returns the text of the operation's result, in the format configured for the shape */
export function composeAnswer(outcome: CallOutcome, context: AnswerContext): string {
  const format = context.settings.answers[context.shape];
  switch (format) {
    case 'response': return responseAnswer(outcome, context);
    case 'json': return jsonAnswer(outcome, context);
    case 'template': return templateAnswer(outcome, context);
    default: return mcciAnswer(outcome, context);
  }
}

function fullText(outcome: CallOutcome): string {
  return outcome.ok ? outcome.message : [`[${outcome.code}] ${outcome.message}`, outcome.action].filter((part) => part !== '').join('；');
}

/**
 * MCCI_IN000002UV01 with AA or AE; default namespace and no prefixes, because readers strip it with a regular expression (his.md c). The
 * first detail is the result, further ones are assigned codes and findings.
 */
function mcciAnswer(outcome: CallOutcome, context: AnswerContext): string {
  const { language } = context;
  const texts = [fullText(outcome), ...outcome.events.flatMap((event) => [...event.assigned.map((one) => `拆零 lineNo=${one.lineNo} code=${one.code} quantity=${one.quantity}`), ...event.findings.map((finding) => wordsOf(finding, language).message)])];
  const details = texts.slice(0, MOST_DETAILS).map((text) => `<acknowledgementDetail><text value="${escapeXml(text)}"/></acknowledgementDetail>`).join('');
  const device = (role: string, type: string, name: string): string => `<${role} typeCode="${type}"><device classCode="DEV" determinerCode="INSTANCE"><id><item root="2.16.156.10011.2.5.1.3" extension="${name}"/></id></device></${role}>`;
  return `<?xml version="1.0" encoding="UTF-8"?><MCCI_IN000002UV01 ITSVersion="XML_1.0" xmlns="urn:hl7-org:v3">`
    + `<id root="2.16.156.10011.2.5.1.1" extension="${randomUUID()}"/><creationTime value="${chinaCompact(context.nowMs)}"/>`
    + '<interactionId root="2.16.156.10011.2.5.1.2" extension="MCCI_IN000002UV01"/><processingCode code="P"/><processingModeCode/><acceptAckCode code="NE"/>'
    + device('receiver', 'RCV', 'HIS') + device('sender', 'SND', 'HIS-TRACE')
    + `<acknowledgement typeCode="${outcome.ok ? 'AA' : 'AE'}"><targetMessage><id root="2.16.156.10011.2.5.1.1" extension="${escapeXml(outcome.messageId)}"/></targetMessage>${details}</acknowledgement>`
    + '</MCCI_IN000002UV01>';
}

/** `<Response><Body><ResultCode>1</ResultCode><ResultContent>…`, with one `<Result>` per event that has something to say. */
function responseAnswer(outcome: CallOutcome, context: AnswerContext): string {
  const { settings, language } = context;
  const code = outcome.ok ? settings.okCode : settings.failedCode;
  const results = outcome.events.filter((event) => event.assigned.length + event.findings.length > 0).slice(0, MOST_DETAILS).map((event) => {
    const assigned = event.assigned.map((one) => `<Assigned lineNo="${escapeXml(one.lineNo)}" code="${escapeXml(one.code)}" quantity="${escapeXml(one.quantity)}"/>`).join('');
    const findings = event.findings.map((finding) => `<Finding code="${finding.code}" severity="${finding.severity}" lineNo="${escapeXml(finding.lineNo)}" message="${escapeXml(wordsOf(finding, language).message)}"/>`).join('');
    return `<Result id="${escapeXml(event.id)}" status="${event.status}">${assigned}${findings}</Result>`;
  }).join('');
  const error = outcome.ok ? '' : `<ErrorCode>${outcome.code}</ErrorCode>`;
  return `<Response><Header><MessageID>${escapeXml(outcome.messageId)}</MessageID><RequestID>${escapeXml(context.requestId)}</RequestID></Header>`
    + `<Body><ResultCode>${escapeXml(code)}</ResultCode><ResultContent>${escapeXml(fullText(outcome))}</ResultContent>${error}${results === '' ? '' : `<Results>${results}</Results>`}</Body></Response>`;
}

function jsonAnswer(outcome: CallOutcome, context: AnswerContext): string {
  const { ok, code, message, action, messageId, events } = outcome;
  return JSON.stringify({ success: ok, code, message, action, messageId, requestId: context.requestId, results: events.map((event) => jsonResult(event, context.language)) });
}

function jsonResult(event: EventAnswer, language: Language): unknown {
  return { id: event.id, status: event.status, assigned: event.assigned, findings: event.findings.slice(0, MOST_DETAILS).map((finding) => ({ code: finding.code, severity: finding.severity, ...wordsOf(finding, language), lineNo: finding.lineNo })) };
}

function templateAnswer(outcome: CallOutcome, context: AnswerContext): string {
  const template = outcome.ok ? context.settings.successTemplate : context.settings.failureTemplate;
  const values: Readonly<Record<string, string>> = {
    id: outcome.messageId, code: outcome.code, message: outcome.message, action: outcome.action, requestId: context.requestId, time: chinaIso(context.nowMs),
  };
  const start = template.trimStart().charAt(0);
  const write = start === '<' ? escapeXml : start === '{' || start === '[' ? (text: string): string => JSON.stringify(text).slice(1, -1) : (text: string): string => text;
  return template.replace(/\{(id|code|message|action|requestId|time)\}/g, (_, name: string) => write(values[name] ?? ''));
}

function wordsOf(finding: Finding, language: Language): { readonly message: string; readonly action: string } {
  const text = findingText(finding.code, language);
  return finding.detail === undefined ? text : { ...text, message: `${text.message}${language === 'zh' ? '：' : ': '}${finding.detail}` };
}
