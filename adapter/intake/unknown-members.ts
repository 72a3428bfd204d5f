import type { Finding } from '../domain/finding.ts';
import { nearestName } from './nearest-name.ts';

/** Names of the contract, per object of an event (contract section 4). */
export interface KnownMembers {
  readonly event: ReadonlySet<string>;
  readonly line: ReadonlySet<string>;
  /** operator, prescriber, patient, counterparty */
  readonly nested: ReadonlyMap<string, ReadonlySet<string>>;
}

const MAX_NAMED = 5;
/** A name is repeated only when it looks like one: a HIS that uses data as names must not put them into our answers and logs. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,39}$/;

interface Unknown { readonly path: string; readonly meant: string | undefined }

/**
 * Members of an event that the contract does not know. They are not used; a HIS adds fields of its own. One that is nearly a
 * known name, or a known name in the wrong place, was probably meant: `settlmentId`, or `settlementId` outside of `patient`.
 * @param event the event as sent, without its empty members
 * @returns at most one finding (warn when something was probably meant, else info), naming at most five members and no values
 */
export function unknownMembers(event: Readonly<Record<string, unknown>>, known: KnownMembers): readonly Finding[] {
  const found = new Map<string, Unknown>();
  look(event, known.event, { at: '', found, known });
  for (const [name, members] of known.nested) look(event[name], members, { at: `${name}.`, found, known });
  const lines = event['lines'];
  if (Array.isArray(lines)) for (const line of lines as readonly unknown[]) look(line, known.line, { at: 'lines[].', found, known });
  return found.size === 0 ? [] : [findingOf([...found.values()])];
}

function look(value: unknown, members: ReadonlySet<string>, where: { readonly at: string; readonly found: Map<string, Unknown>; readonly known: KnownMembers }): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const name in value) {
    const path = where.at + name;
    if (members.has(name) || where.found.has(path) || where.found.size >= 100) continue;
    where.found.set(path, { path: NAME.test(name) ? path : '', meant: meantBy(name, members, where) });
  }
}

function meantBy(name: string, members: ReadonlySet<string>, { at, known }: { readonly at: string; readonly known: KnownMembers }): string | undefined {
  const near = nearestName(name, [...members]);
  if (near !== undefined) return at + near;
  if (known.event.has(name)) return name;
  if (known.line.has(name)) return `lines[].${name}`;
  for (const [nested, names] of known.nested) if (names.has(name)) return `${nested}.${name}`;
  const elsewhere = [...known.nested].flatMap(([nested, names]) => { const other = nearestName(name, [...names]); return other === undefined ? [] : [`${nested}.${other}`]; });
  return elsewhere[0];
}

function findingOf(unknown: readonly Unknown[]): Finding {
  // what was probably meant stands first: it may be what a report is waiting for
  const inOrder = [...unknown.filter(({ meant }) => meant !== undefined), ...unknown.filter(({ meant }) => meant === undefined)];
  const named = inOrder.filter(({ path }) => path !== '').slice(0, MAX_NAMED).map(({ path, meant }) => (meant === undefined ? path : `${path}（是否为 ${meant}？）`));
  const rest = unknown.length - named.length;
  const detail = `${named.join('、')}${rest === 0 ? '' : `${named.length === 0 ? '' : ' 等，'}共 ${String(unknown.length)}${unknown.length >= 100 ? ' 个以上' : ' 个'}`}`;
  return { code: 'MEMBER_UNKNOWN', severity: inOrder.some(({ meant }) => meant !== undefined) ? 'warn' : 'info', lineNo: '', detail };
}
