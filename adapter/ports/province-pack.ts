import type { Exemption } from '../domain/drug.ts';
import type { EventKind } from '../domain/event.ts';
import type { FindingCode, FindingSeverity } from '../domain/finding.ts';
import type { Purpose, Regime, Stage } from './policy.ts';

/** Where a province's rules are kept: a folder under plugins/ with pack.json, articles.json, notice.txt and a README. */
export interface ProvinceFolder {
  /** what `institutions[].province` names */
  readonly name: string;
  /** folder under plugins/ */
  readonly folder: string;
}

/** Every rule of a pack: a name of its own, the article it stands on, and the days it is in force. */
interface PackRule {
  /** kebab-case, unique within the pack; `rules:` of the configuration and the README name it */
  readonly id: string;
  /** `二(三)2`: as articles.json names it */
  readonly article: string;
  /** yyyy-MM-dd in China, first day; left out: always */
  readonly from?: string;
  /** yyyy-MM-dd in China, last day; left out: for ever */
  readonly until?: string;
}

/** Who is bound to report to a regime, from which day on (`from`). A regime without any start rule binds everybody, always. */
export interface StartRule extends PackRule {
  readonly from: string;
  readonly regime: Regime;
  /** hospital levels it binds; left out: all. An institution that does not say its level is taken as bound: too much is the safe side. */
  readonly levels?: readonly number[];
}

/** What a line must be for an exemption to hold: every member given has to fit. */
export interface ExemptionMatch {
  /** 除外类别 of the catalogue */
  readonly exemption?: readonly Exemption[];
  /** any of these texts in the dosage form (剂型) of the catalogue */
  readonly form?: readonly string[];
  /** 拆零 */
  readonly split?: boolean;
  /** handed out or taken back in smallest units of a pack that holds several, without a code of its own (零散) */
  readonly loose?: boolean;
  /** whether the line carries a trace code (赋码) */
  readonly coded?: boolean;
  readonly kinds?: readonly EventKind[];
}

export interface ExemptionRule extends PackRule {
  readonly regimes: readonly Regime[];
  readonly match: ExemptionMatch;
  /** Chinese, shown to the pharmacist; the article is put behind it */
  readonly reason: string;
}

export interface SeverityRule extends PackRule {
  readonly findings: readonly FindingCode[];
  /** left out: before the business (`scan`) only: what has happened is told and reported whatever its shelf */
  readonly stages?: readonly Stage[];
  /** left out: whatever is done */
  readonly purposes?: readonly Purpose[];
  /** true: only emergency use; false: only other use; left out: both */
  readonly emergency?: boolean;
  readonly severity: FindingSeverity;
}

/** A duty of the institution that the product fulfils by what it does, not by leaving a line out: for the README and for inspectors. */
export interface DutyRule extends PackRule {
  /** Chinese, one sentence */
  readonly duty: string;
}

/** The rules of one province's notice as data (pack.json). */
export interface ProvincePack {
  readonly name: string;
  /** Chinese, for operators */
  readonly title: string;
  readonly notice: { readonly number: string; readonly title: string; readonly issuedOn?: string };
  readonly starts: readonly StartRule[];
  readonly exemptions: readonly ExemptionRule[];
  readonly emergency?: PackRule & { readonly hours: number };
  readonly shelving: PackRule & { readonly onMismatch: 'block' | 'record' };
  readonly feedback: PackRule & { readonly toSupplier: boolean };
  readonly retention: PackRule & { readonly mayAlter: false };
  readonly severities: readonly SeverityRule[];
  readonly duties: readonly DutyRule[];
}

/** One article of a notice and what becomes of it (articles.json). */
export interface Article {
  /** `二(三)2` */
  readonly article: string;
  /** words of the article, as they stand in notice.txt */
  readonly quote: string;
  /** institution: a duty of ours, held by rules or by what the product does; manual: a duty no machine can check; none: somebody else's */
  readonly duty: 'institution' | 'manual' | 'none';
  /** ids of pack.json */
  readonly rules: readonly string[];
  /** titles of the tests that hold them */
  readonly tests: readonly string[];
  /** Chinese: what the product does, or whose duty it is */
  readonly note: string;
}
