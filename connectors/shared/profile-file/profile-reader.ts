import type { ProfileProblem, YamlEntry, YamlNode } from './yaml-node.ts';

/** Collects what is wrong in one file; reading goes on, so that all problems are named at once. */
export class ProblemList {
  readonly problems: ProfileProblem[] = [];

  constructor(readonly file: string) {}

  add(line: number, path: string, reason: string): void {
    this.problems.push({ file: this.file, line, path, reason });
  }
}

/** @returns `profiles/x.yaml:12 operations.receipt 说明`, one line for a person */
export function describeProfileProblem({ file, line, path, reason }: ProfileProblem): string {
  return `${file}:${String(line)}${path === '' ? '' : ` ${path}`} ${reason}`;
}

/** One map of a profile file. Each key that is asked for counts as known; `end()` names all others. */
export class MapReader {
  readonly #entries: ReadonlyMap<string, YamlEntry>;
  readonly #known = new Set<string>();

  constructor(node: YamlNode | undefined, readonly path: string, readonly list: ProblemList, readonly line: number) {
    if (node !== undefined && node.kind !== 'map') list.add(node.line, path, '这里应是“键: 值”的一组内容');
    this.#entries = new Map(node?.kind === 'map' ? node.entries.map((entry) => [entry.key, entry]) : []);
  }

  get keys(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  node(key: string): YamlNode | undefined {
    this.#known.add(key);
    return this.#entries.get(key)?.value;
  }

  lineOf(key: string): number {
    return this.#entries.get(key)?.line ?? this.line;
  }

  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  problem(key: string, reason: string): void {
    this.list.add(this.lineOf(key), this.at(key), reason);
  }

  map(key: string): MapReader {
    return new MapReader(this.node(key), this.at(key), this.list, this.lineOf(key));
  }

  text(key: string, options: { readonly required?: boolean; readonly pattern?: RegExp } = {}): string | undefined {
    const node = this.node(key);
    if (node === undefined || (node.kind === 'text' && node.value === '' && !node.quoted)) {
      if (options.required === true) this.problem(key, `缺少 ${key}`);
      return undefined;
    }
    if (node.kind !== 'text') {
      this.problem(key, '这里应是一个值');
      return undefined;
    }
    if (options.pattern !== undefined && !options.pattern.test(node.value)) this.problem(key, `“${node.value.slice(0, 60)}”不符合要求的写法`);
    return node.value;
  }

  choice<const Choice extends string>(key: string, choices: readonly Choice[], standard: Choice): Choice {
    const text = this.text(key);
    if (text === undefined) return standard;
    const found = choices.find((choice) => choice === text);
    if (found === undefined) this.problem(key, `“${text.slice(0, 60)}”不可用，可用：${choices.join('、')}`);
    return found ?? standard;
  }

  flag(key: string, standard: boolean): boolean {
    return this.choice(key, ['true', 'false'], standard ? 'true' : 'false') === 'true';
  }

  integer(key: string, range: { readonly min: number; readonly max: number; readonly standard: number }): number {
    const text = this.text(key);
    if (text === undefined) return range.standard;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= range.min && value <= range.max) return value;
    this.problem(key, `“${text.slice(0, 30)}”应是 ${String(range.min)} 到 ${String(range.max)} 的整数`);
    return range.standard;
  }

  /** `500ms`, `30s`, `5m`, `2h`; @returns milliseconds */
  duration(key: string, standard: number | undefined): number | undefined {
    const text = this.text(key);
    if (text === undefined) return standard;
    const match = /^(\d{1,6})(ms|s|m|h)$/.exec(text);
    if (match === null) this.problem(key, `“${text.slice(0, 30)}”应写成 500ms、30s、5m 或 2h`);
    return match === null ? standard : Number(match[1]) * ({ ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1);
  }

  /** One text or a list of texts. */
  texts(key: string): readonly string[] | undefined {
    const node = this.node(key);
    if (node === undefined) return undefined;
    const items = node.kind === 'list' ? node.items : [node];
    return items.flatMap((item) => {
      if (item.kind === 'text') return [item.value];
      this.list.add(item.line, this.at(key), '这里应是一个值');
      return [];
    });
  }

  items(key: string): readonly MapReader[] {
    const node = this.node(key);
    if (node === undefined) return [];
    if (node.kind !== 'list') {
      this.problem(key, '这里应是一个列表（每项以 - 开头）');
      return [];
    }
    return node.items.map((item, index) => new MapReader(item, `${this.at(key)}[${String(index + 1)}]`, this.list, item.line));
  }

  /** Free names to texts. */
  textMap(key: string): Readonly<Record<string, string>> {
    const map = this.map(key);
    return Object.fromEntries(map.keys.map((name) => [name, map.text(name) ?? '']));
  }

  /** Names the keys nobody asked for. */
  end(): void {
    for (const [key, entry] of this.#entries) if (!this.#known.has(key)) this.list.add(entry.line, this.at(key), `不认识的配置项 ${key}（可用：${[...this.#known].join('、')}）`);
  }
}
