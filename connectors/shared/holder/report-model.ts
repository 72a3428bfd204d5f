import { randomBytes, randomUUID } from 'node:crypto';
import { parseInstant } from '../../../adapter/domain/china-time.ts';
import type { Person } from '../../../adapter/domain/event.ts';
import type { LineCode, Report, ReportLine } from '../../../adapter/ports/destination.ts';
import { Moment, type Model } from '../template/value.ts';
import type { HolderSettings } from './settings.ts';

export interface ModelContext {
  readonly settings: HolderSettings;
  readonly constants: Readonly<Record<string, string>>;
  readonly nowMs: number;
  readonly partner: Model;
}

/** @returns what the templates name, for one report: only the lines and codes this report speaks for (a split bill has a part of them) */
export function reportModel(report: Report, { settings, constants, nowMs, partner }: ModelContext): Model {
  const { event, institution } = report.reported;
  const lines = linesOf(report);
  return {
    report: {
      key: report.key, operation: report.operation, kind: event.kind, at: momentOf(report.reverses?.by?.occurredAt ?? event.occurredAt),
      attempt: report.attempt, codeCount: report.codes.length, lineCount: lines.length,
    },
    event: {
      id: event.id, kind: event.kind, source: event.source, occurredAt: momentOf(event.occurredAt), documentNo: event.documentNo, location: event.location, emergency: event.emergency ?? false,
      prescriptionNo: event.prescriptionNo, invoiceNo: event.invoiceNo, deliveryNoteNo: event.deliveryNoteNo, refers: event.refers,
    },
    institution: { code: institution.code, name: institution.name, region: institution.region, entId: institution.mah?.entId, refEntId: institution.mah?.refEntId },
    operator: settings.sendStaff ? person(event.operator) : {},
    prescriber: settings.sendStaff ? person(event.prescriber) : {},
    patient: patientOf(report, settings),
    counterparty: { code: event.counterparty?.code, name: event.counterparty?.name, licenseNo: event.counterparty?.licenseNo },
    partner,
    reverses: { key: report.reverses?.key, operation: report.reverses?.operation, eventId: report.reverses === undefined ? undefined : event.id },
    lines, codes: lines.flatMap((line) => line['codes'] as readonly Model[]).map((code, index) => ({ ...code, position: index + 1 })),
    site: settings.values, constants,
    account: { user: settings.user, password: settings.password, key: settings.signKey },
    message: { id: randomUUID(), at: new Moment(nowMs), nonce: randomBytes(16).toString('hex') },
  };
}

function momentOf(text: string): Moment | undefined {
  const ms = parseInstant(text);
  return ms === undefined ? undefined : new Moment(ms);
}

function person(of: Person | undefined): Model {
  return { code: of?.code, name: of?.name, licenseNo: of?.licenseNo };
}

/** Personal data stays at home unless the site's setting lets it out, whatever a profile asks for. */
function patientOf(report: Report, { sendPatient }: HolderSettings): Model {
  const { patient } = report.reported.event;
  if (patient === undefined || sendPatient === 'none') return {};
  const inHouse = { visitNo: patient.visitNo, class: patient.class };
  return sendPatient === 'visit-no' ? inHouse : { ...inHouse, name: patient.name, idType: patient.idType, idNo: patient.idNo };
}

function linesOf(report: Report): readonly Model[] {
  // a code that two lines name is carried once
  const left = new Set(report.codes);
  return report.reported.lines.filter(({ line }) => report.covers.includes(line.lineNo)).map((line, index) => {
    const codes = line.codes.filter(({ code }) => left.delete(code));
    return lineModel(line, codes, index + 1);
  });
}

function lineModel({ line, drug, units, packs }: ReportLine, codes: readonly LineCode[], position: number): Model {
  const name = drug?.name ?? line.drugName;
  return {
    lineNo: line.lineNo, position, drug: line.drug, name, spec: drug?.spec, form: drug?.form, manufacturer: drug?.manufacturer, approvalNo: drug?.approvalNo, medListCode: drug?.medListCode,
    hospitalListId: drug?.hospitalListId ?? line.drug, gtin: drug?.gtin, barcode: drug?.barcode, prefixUnit: drug?.prefixUnit, packUnit: drug?.packUnit, smallestUnit: drug?.smallestUnit, unitsPerPack: drug?.unitsPerPack,
    quantity: line.quantity, unit: line.unit, packs, units, unitPrice: line.unitPrice, split: line.split,
    lot: line.lot ?? codes[0]?.lot, producedOn: line.producedOn ?? codes[0]?.producedOn, expiresOn: line.expiresOn ?? codes[0]?.expiresOn,
    codeCount: codes.length,
    codes: codes.map((code, index) => ({
      code: code.code, scheme: code.scheme, prefix: code.prefix, level: code.level, units: code.units, lot: code.lot ?? line.lot, producedOn: code.producedOn ?? line.producedOn, expiresOn: code.expiresOn ?? line.expiresOn,
      lineNo: line.lineNo, drug: line.drug, name, position: index + 1,
    })),
  };
}
