import type { EventKind } from '../../adapter/domain/event.ts';
import type { ConverterName } from './converters.ts';
import type { TargetName } from './targets.ts';

/**
 * Columns and what they must hold, all of them. A text or a list of texts it must equal (capitals do not matter, `1.0` is `1`);
 * `*` any value, `''` none; `>0`, `<0`, `=0` a number of that sign.
 */
export type Condition = Readonly<Record<string, string | readonly string[]>>;

/** Where one field of an event comes from. */
export interface FieldRule {
  /** column, or columns of which the first that holds something counts (codes: all of them) */
  readonly from?: string | readonly string[];
  /** all the columns together, this text between them: a key of several parts */
  readonly join?: string;
  /** a fixed value instead of a column */
  readonly constant?: string;
  /** values that mean "none" in this column: `0`, `无` */
  readonly blank?: readonly string[];
  /** code table: value of the column → value for the converter; `*` stands for all others; a value that is not in it is refused */
  readonly values?: Readonly<Record<string, string>>;
  /** put before the value, so that it becomes the event id of another record */
  readonly prefix?: string;
  /** by name, from converters.ts; the field's usual one when left out */
  readonly convert?: ConverterName;
  /** the rule counts only for rows that fulfil it */
  readonly when?: Condition;
}

/** Rows that move nothing of ours: left out with the reason. */
export interface SkipRule {
  readonly when: Condition;
  /** in Chinese, for the operator */
  readonly reason?: string;
  /** column that holds the reason */
  readonly reasonFrom?: string;
}

/** Rows that contradict themselves: refused. */
export interface RefuseRule { readonly when: Condition; readonly reason: string }

/** One kind of document of a vendor: which rows are of it, and field by field what they mean. */
export interface RecordMapping {
  /** 门诊发药, 采购入库 */
  readonly title: string;
  /** tables of the HIS behind the rows, for the reader */
  readonly tables: string;
  /** rows of this record; a mapping with one record needs none */
  readonly when?: Condition;
  readonly skip?: readonly SkipRule[];
  readonly refuse?: readonly RefuseRule[];
  /** kind → what it is when every quantity is negative; a negative quantity of other kinds is refused */
  readonly negative?: Readonly<Partial<Record<EventKind, EventKind>>>;
  /**
   * rows with the same line number that differ in their code only are one line; its quantity is that of one row
   * (`once`, a row per scanned pack repeats the quantity of the line) or of all together (`sum`)
   */
  readonly sameLine?: 'once' | 'sum';
  readonly fields: Fields;
}

/** Field → rule, or rules of which the first that fits and has a value counts. */
export type Fields = Readonly<Partial<Record<TargetName, FieldRule | readonly FieldRule[]>>>;

/** RowMapping (字段表): the meaning of one vendor's database rows as data. */
export interface RowMapping {
  readonly name: string;
  readonly title: string;
  readonly records: Readonly<Record<string, RecordMapping>>;
}
