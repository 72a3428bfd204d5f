/**
 * Settings as a declarative table, owned by the folder they belong to (`settings.ts`). From one table come the TypeScript
 * type, the checks, the README table, the commented example file and the masked `--print-config`.
 */
interface SettingBase {
  readonly required?: boolean;
  /** Chinese label for operators, a few characters */
  readonly label: string;
  /** Chinese meaning for operators: what it does, unit, what happens at the edges; the README shows it after the label */
  readonly meaning?: string;
  /** English description for the README */
  readonly description: string;
  readonly example?: string;
  /** value never printed; must be given as ${ENV_NAME} or file:PATH */
  readonly secret?: boolean;
}
export type Setting =
  | (SettingBase & { readonly kind: 'text'; readonly default?: string; readonly pattern?: RegExp })
  | (SettingBase & { readonly kind: 'url'; readonly default?: string })
  | (SettingBase & { readonly kind: 'integer'; readonly default?: number; readonly min?: number; readonly max?: number })
  /** numbers with decimals, for example requests per second */
  | (SettingBase & { readonly kind: 'number'; readonly default?: number; readonly min?: number; readonly max?: number })
  | (SettingBase & { readonly kind: 'boolean'; readonly default?: boolean })
  /** written as 500ms, 10s, 5m, 2h; the value is milliseconds */
  | (SettingBase & { readonly kind: 'duration'; readonly default?: number; readonly min?: number; readonly max?: number })
  | (SettingBase & { readonly kind: 'choice'; readonly choices: readonly string[]; readonly default?: string })
  | (SettingBase & { readonly kind: 'section'; readonly fields: SettingTable })
  /** free names to text values */
  | (SettingBase & { readonly kind: 'map' })
  | (SettingBase & { readonly kind: 'list'; readonly of: SettingTable | 'text' });

export type SettingTable = Readonly<Record<string, Setting>>;

type ValueOf<S extends Setting> =
  S extends { kind: 'integer' | 'number' | 'duration' } ? number
  : S extends { kind: 'boolean' } ? boolean
  : S extends { kind: 'choice'; choices: readonly (infer C)[] } ? C
  : S extends { kind: 'section'; fields: infer F extends SettingTable } ? SettingsOf<F>
  : S extends { kind: 'map' } ? Readonly<Record<string, string>>
  : S extends { kind: 'list'; of: infer F } ? (F extends SettingTable ? readonly SettingsOf<F>[] : readonly string[])
  : string;

/** Present for certain: required, with a default, or a section (whose members then say for themselves). */
type Certain<S extends Setting> =
  S extends { required: true } ? true : S extends { default: string | number | boolean } ? true : S extends { kind: 'section' | 'map' | 'list' } ? true : false;

/** The checked value of a settings table. */
export type SettingsOf<T extends SettingTable> = {
  readonly [K in keyof T as Certain<T[K]> extends true ? K : never]: ValueOf<T[K]>;
} & {
  readonly [K in keyof T as Certain<T[K]> extends true ? never : K]?: ValueOf<T[K]>;
};
