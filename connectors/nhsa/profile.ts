import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TraceError } from '../../adapter/domain/error.ts';
import type { EventKind } from '../../adapter/domain/event.ts';
import type { FaultReason } from '../../adapter/domain/outcome.ts';
import { packageRoot } from '../shared/package-root.ts';
import type { NhsaSettings } from './settings.ts';

/** What follows from a refusal: wait for a person, try again, ask first, prove a duplicate, sign in again. */
export type AnswerStep = 'park' | 'retry' | 'ask' | 'prove' | 'sign-in-again';

/** One row of the table of answer texts: the first that fits decides. */
export interface AnswerRow {
  /** regular expression, case-insensitive, on the text of the platform */
  readonly match: string;
  /** values of infcode that fit as well */
  readonly codes?: readonly string[];
  readonly reason: FaultReason;
  readonly then: AnswerStep;
}

/** A region's rules, one file under profiles/; everything in which regions differ is data here. */
export interface Profile {
  readonly name: string;
  readonly title: string;
  /** event kind → operations, `3502:108` = transaction and inv_chg_type */
  readonly transactions: Readonly<Partial<Record<EventKind, readonly string[]>>>;
  readonly paths: Readonly<Record<string, string>>;
  readonly singlePath: string;
  readonly envelope: Readonly<Record<string, string>>;
  readonly limits: {
    readonly rows: number;
    /** hard bound of the specification on `input` */
    readonly inputChars: number;
    /** a line with more codes than this is divided into several rows */
    readonly codeCharsPerRow: number;
  };
  readonly fields: {
    readonly optional: readonly string[];
    readonly required: readonly string[];
    readonly leaveOut: readonly string[];
    /** empty fields: `spec` = "0" for numbers and "" for others (section 4.4), `leave-out` */
    readonly empty: 'spec' | 'leave-out';
    readonly numbersAs: 'text' | 'number';
  };
  readonly dispense: {
    readonly codesRequired: readonly EventKind[];
    /** 3505 has no level field: package levels whose codes may be sold */
    readonly saleLevels: readonly number[];
    readonly splitQuantity: 'smallest-unit' | 'pack-fraction';
    readonly settlementUnknown: 'self-pay' | 'hold';
    /** psn_no needs insuplc_admdvs in the envelope: without it leave psn_no out, or wait for a person */
    readonly personWithoutArea: 'leave-out' | 'park';
  };
  readonly reversal: Readonly<Record<string, 'delete' | 'return'>>;
  /** queries that prove a transaction, best first */
  readonly readBack: Readonly<Record<string, readonly string[]>>;
  /** longest range of one query, in days */
  readonly queryDays: number;
  /** text by which some platforms answer a query that found nothing with a failure */
  readonly emptyAnswer: string;
  readonly answers: readonly AnswerRow[];
}

/**
 * Reads a profile and lays the site's own settings over it.
 * @throws TraceError CONFIG_INVALID when there is no such profile or a pattern is no regular expression
 */
export function loadProfile(settings: NhsaSettings): Profile {
  const file = join(packageRoot(), 'connectors', 'nhsa', 'profiles', `${settings.profile}.json`);
  if (!existsSync(file)) throw new TraceError('CONFIG_INVALID', `没有地区规则 ${settings.profile}（connectors/nhsa/profiles）`);
  return withSettings(JSON.parse(readFileSync(file, 'utf8')) as Profile, settings);
}

function withSettings(profile: Profile, settings: NhsaSettings): Profile {
  const answers = [...settings.answers.map((row) => ({ match: row.match, reason: row.reason, then: row.then })), ...profile.answers];
  for (const row of answers) assertPattern(row.match);
  return {
    ...profile,
    answers,
    transactions: { ...profile.transactions, ...siteTransactions(settings.transactions) },
    paths: { ...profile.paths, ...settings.paths },
    singlePath: settings.singlePath ?? profile.singlePath,
    envelope: { ...profile.envelope, ...settings.envelope },
    fields: {
      ...profile.fields,
      optional: [...profile.fields.optional.filter((field) => !settings.requiredFields.includes(field)), ...settings.optionalFields],
      required: [...profile.fields.required.filter((field) => !settings.optionalFields.includes(field)), ...settings.requiredFields],
    },
    dispense: {
      ...profile.dispense,
      splitQuantity: settings.splitQuantity ?? profile.dispense.splitQuantity,
      settlementUnknown: settings.settlementUnknown ?? profile.dispense.settlementUnknown,
      codesRequired: settings.codesRequired === undefined ? profile.dispense.codesRequired : settings.codesRequired ? ['dispense'] : [],
    },
    reversal: settings.reversal === undefined ? profile.reversal : { ...profile.reversal, '3505': settings.reversal },
  };
}

const OPERATION = /^(3501|350[3-6]|3502:1\d\d)$/;

function siteTransactions(map: Readonly<Record<string, string>>): Record<string, readonly string[]> {
  const overrides: Record<string, readonly string[]> = {};
  for (const [kind, list] of Object.entries(map)) {
    const operations = list.split(',').map((part) => part.trim()).filter((part) => part !== '');
    const wrong = operations.find((operation) => !OPERATION.test(operation));
    if (wrong !== undefined) throw new TraceError('CONFIG_INVALID', `transactions.${kind}：不认识的交易 ${wrong}（例：3501,3502:106）`);
    overrides[kind] = operations;
  }
  return overrides;
}

function assertPattern(pattern: string): void {
  try {
    new RegExp(pattern, 'i');
  } catch (error) {
    throw new TraceError('CONFIG_INVALID', `answers：匹配式有误 ${pattern}`, { cause: error });
  }
}
