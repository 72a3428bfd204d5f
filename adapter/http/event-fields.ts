import { z } from 'zod';
import { EVENT_KINDS, LINELESS_KINDS } from '../domain/event.ts';
import type { EventKind } from '../domain/event.ts';
import { eventSchema, validateEvent } from '../intake/event-schema.ts';

/** How the intake treats a member in an event of one kind, found out by asking it. */
export type Need = 'required' | 'refused' | 'allowed';

/** One member of the event, as the schema itself has it. */
export interface EventField {
  /** `patient.visitNo`, `lines[].codes` */
  readonly path: string;
  /** `text`, `true/false`, `array`, `object`, or the words allowed */
  readonly type: string;
  readonly maxLength?: number;
  readonly needs: Readonly<Record<EventKind, Need>>;
}

interface Shape { readonly type?: string; readonly maxLength?: number; readonly enum?: readonly string[]; readonly properties?: Readonly<Record<string, Shape>>; readonly items?: Shape; readonly $ref?: string }

type Member = Record<string, unknown>;

/** An event with every member, valid for its kind: what a member is needed for shows when it is taken away. */
function fullEvent(kind: EventKind): Member {
  const person = { code: '1', name: 'n', licenseNo: 'l', idType: '01', idNo: '1' };
  const line = {
    lineNo: '1', drug: 'D', drugName: 'n', quantity: '1', unit: 'u', split: kind === 'split-open', unitPrice: '1', lot: 'L', producedOn: '2026-01-02', expiresOn: '2027-12-31',
    codes: ['89990010000000011234'],
  };
  return {
    id: 'i', source: 's', institution: 'H35010200001', kind, occurredAt: '2026-11-22T09:31:05+08:00', documentNo: 'd', location: 'l', emergency: false, refers: 'r', operator: person, prescriber: person,
    prescriptionNo: 'p', patient: { visitNo: 'v', class: 'outpatient', name: 'n', idType: '01', idNo: '1', personNo: 'p', insuredArea: '350100', settlementType: 'insured', settlementId: 's', settlementArea: 'local' },
    counterparty: { code: 'c', name: 'n', licenseNo: 'l' }, invoiceNo: 'i', deliveryNoteNo: 'd', ...(LINELESS_KINDS.includes(kind) ? {} : { lines: [line] }),
  };
}

/** @returns a copy without the member at the path */
function without(event: Member, path: string): Member {
  const [head = '', ...rest] = path.split('.');
  const name = head.replace('[]', '');
  const value = event[name];
  if (rest.length === 0) return Object.fromEntries(Object.entries(event).filter(([key]) => key !== name));
  const inner = (member: unknown): unknown => (typeof member === 'object' && member !== null ? without(member as Member, rest.join('.')) : member);
  return { ...event, [name]: Array.isArray(value) ? value.map(inner) : inner(value) };
}

function needOf(kind: EventKind, path: string): Need {
  const full = fullEvent(kind);
  if (path === 'lines' || path.startsWith('lines[]')) {
    if (LINELESS_KINDS.includes(kind)) return 'ok' in validateEvent({ ...full, lines: [{ lineNo: '1', drug: 'D', quantity: '1', unit: 'u' }] }) ? 'allowed' : 'refused';
  }
  return 'refusal' in validateEvent(without(full, path)) ? 'required' : 'allowed';
}

function typeOf(shape: Shape): string {
  if (shape.enum !== undefined) return shape.enum.join(' ');
  return { string: 'text', boolean: 'true/false', array: 'array', object: 'object' }[shape.type ?? 'object'] ?? 'text';
}

/** @returns every member of the event: type and length from the schema, and for each kind whether the intake insists on it */
export function eventFields(): readonly EventField[] {
  const schema = z.toJSONSchema(eventSchema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' }) as Shape & { readonly $defs?: Readonly<Record<string, Shape>> };
  const resolve = (shape: Shape): Shape => (shape.$ref === undefined ? shape : schema.$defs?.[shape.$ref.split('/').at(-1) ?? ''] ?? shape);
  const walk = (shape: Shape, prefix: string): readonly EventField[] => Object.entries(shape.properties ?? {}).flatMap(([name, given]) => {
    const own = resolve(given);
    const items = own.items === undefined ? undefined : resolve(own.items);
    const path = `${prefix}${name}`;
    const needs = Object.fromEntries(EVENT_KINDS.map((kind) => [kind, needOf(kind, path)])) as Record<EventKind, Need>;
    const field: EventField = { path, type: typeOf(own), ...(own.maxLength === undefined ? {} : { maxLength: own.maxLength }), needs };
    return [field, ...walk(own, `${path}.`), ...(items?.properties === undefined ? [] : walk(items, `${path}[].`))];
  });
  // what is within an object stands after the members beside it
  return walk(resolve(schema), '').toSorted((a, b) => depthOf(a.path) - depthOf(b.path));
}

const depthOf = (path: string): number => path.split('.').length;
