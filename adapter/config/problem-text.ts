import type { Bilingual, ProblemText } from './problem.ts';

const both = (zh: string, en: string): Bilingual => ({ zh, en });
const text = (reason: Bilingual, remedy: Bilingual): ProblemText => ({ reason, remedy });
const shown = (value: string): string => `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`;
const list = (names: readonly string[], empty: string): string => (names.length === 0 ? empty : names.join(', '));

const before = (range: string): string => (range === '' ? '' : ` ${range}`);
const spaced = (range: string): string => (range === '' ? '' : ` ${range} `);

/** The wording of every configuration problem, in one place. Values of secrets are never passed in here. */
export const problemText = {
  unknownKey(key: string, nearest: string | undefined, known: readonly string[]): ProblemText {
    return text(
      both(`未知的配置项 ${shown(key)}`, `unknown key ${shown(key)}`),
      nearest === undefined
        ? both(`删除它；此处可用的配置项：${list(known, '（无）')}`, `remove it; known here: ${list(known, '(none)')}`)
        : both(`是否想写 ${nearest}？此处可用：${list(known, '（无）')}`, `did you mean ${nearest}? known here: ${list(known, '(none)')}`),
    );
  },
  missing(key: string, label: string, example: string | undefined): ProblemText {
    return text(
      both(`缺少必填项 ${key}（${label}）`, `${key} is required`),
      example === undefined ? both(`补上 ${key}`, `add ${key}`) : both(`补上，例如 ${key}: ${example}`, `add it, for example ${key}: ${example}`),
    );
  },
  shape(expected: 'text' | 'map' | 'list'): ProblemText {
    const zh = { text: '一个值', map: '一组“键: 值”', list: '一个列表（每行以 “- ” 开头）' }[expected];
    const en = { text: 'one value', map: 'a set of "key: value"', list: 'a list (lines that begin with "- ")' }[expected];
    return text(both(`这里应当是${zh}`, `this has to be ${en}`), both('检查缩进与冒号后的空格', 'check the indentation and the space after the colon'));
  },
  integer(value: string, range: string): ProblemText {
    return text(both(`${shown(value)} 不是整数，或不在允许的范围内`, `${shown(value)} is not an integer${before(range)}`), both(range === '' ? '写成整数' : `写成 ${range} 的整数`, 'correct the number'));
  },
  number(value: string, range: string): ProblemText {
    return text(both(`${shown(value)} 不是数字，或不在允许的范围内`, `${shown(value)} is not a number${before(range)}`), both(range === '' ? '写成数字' : `写成 ${range} 的数字`, 'correct the number'));
  },
  boolean(value: string): ProblemText {
    return text(both(`${shown(value)} 不是 true 或 false`, `${shown(value)} is neither true nor false`), both('写成 true 或 false', 'write true or false'));
  },
  duration(value: string, range: string): ProblemText {
    return text(
      both(`${shown(value)} 不是${spaced(range)}时长`, `${shown(value)} is not a duration${before(range)}`),
      both('写成带单位的时长，例如 500ms、10s、5m、2h、1d', 'write a duration with its unit: 500ms, 10s, 5m, 2h, 1d'),
    );
  },
  choice(value: string, choices: readonly string[], nearest: string | undefined): ProblemText {
    const hint = nearest === undefined ? both('', '') : both(`是否想写 ${nearest}？`, `did you mean ${nearest}? `);
    return text(
      both(`${shown(value)} 不在可选值之内`, `${shown(value)} is not one of the choices`),
      both(`${hint.zh}可选：${choices.join('、')}`, `${hint.en}choices: ${choices.join(', ')}`),
    );
  },
  url(value: string): ProblemText {
    return text(both(`${shown(value)} 不是完整的网址`, `${shown(value)} is not an absolute URL`), both('写成 http://主机:端口/路径 或 https://…', 'write http://host:port/path or https://…'));
  },
  urlPassword(): ProblemText {
    return text(
      both('网址中写有明文密码', 'the URL holds a password in the clear'),
      both('密码改为环境变量，例如 postgres://user:${DB_PASSWORD}@host/db', 'take the password from the environment: postgres://user:${DB_PASSWORD}@host/db'),
    );
  },
  pattern(value: string, label: string, example: string | undefined): ProblemText {
    return text(
      both(`${shown(value)} 不符合“${label}”的格式`, `${shown(value)} does not have the shape of this setting`),
      example === undefined ? both('按说明改正', 'correct it by the documentation') : both(`参照 ${example}`, `see ${example}`),
    );
  },
  secretLiteral(key: string): ProblemText {
    return text(
      both('密钥、密码不能明文写在配置文件里', 'a secret must not be written in the file'),
      both(`写成 ${key}: "\${环境变量名}" 或 ${key}: "file:路径"`, `write ${key}: "\${ENV_NAME}" or ${key}: "file:PATH"`),
    );
  },
  environment(name: string): ProblemText {
    return text(
      both(`环境变量 ${name} 没有设置或为空`, `environment variable ${name} is not set or empty`),
      both(`启动前设置 ${name}，例如 export ${name}=…（systemd 用 EnvironmentFile）`, `set ${name} before starting (systemd: EnvironmentFile)`),
    );
  },
  environmentName(value: string): ProblemText {
    return text(
      both(`环境变量的写法 ${shown(value)} 不正确`, `${shown(value)} is no reference to an environment variable`),
      both('写成 ${NAME}，名称只用字母、数字和下划线', 'write ${NAME} with letters, digits and underscores'),
    );
  },
  unreadableFile(path: string, why: string): ProblemText {
    return text(
      both(`读不到文件 ${path}（${why}）`, `cannot read ${path} (${why})`),
      both('核对路径（相对于配置文件所在目录）与权限', 'check the path (relative to the configuration file) and its permissions'),
    );
  },
  emptyFile(path: string): ProblemText {
    return text(both(`文件 ${path} 是空的`, `${path} is empty`), both('把密钥写入该文件', 'put the secret into that file'));
  },
  connectorUnknown(name: string, kind: 'source' | 'destination', known: readonly string[], nearest: string | undefined): ProblemText {
    const zh = kind === 'source' ? '来源连接器' : '上报连接器';
    const hint = nearest === undefined ? both('', '') : both(`是否想写 ${nearest}？`, `did you mean ${nearest}? `);
    return text(
      both(`没有名为 ${shown(name)} 的${zh}`, `there is no ${kind} connector ${shown(name)}`),
      both(`${hint.zh}可用：${list(known, '（无）')}`, `${hint.en}known: ${list(known, '(none)')}`),
    );
  },
  mappingUnknown(name: string, known: readonly string[], nearest: string | undefined): ProblemText {
    const hint = nearest === undefined ? both('', '') : both(`是否想写 ${nearest}？`, `did you mean ${nearest}? `);
    return text(
      both(`没有名为 ${shown(name)} 的映射`, `there is no mapping ${shown(name)}`),
      both(`${hint.zh}可用：${list(known, '（无）')}`, `${hint.en}known: ${list(known, '(none)')}`),
    );
  },
  entryName(name: string): ProblemText {
    return text(
      both(`名称 ${shown(name)} 不可用`, `the name ${shown(name)} cannot be used`),
      both('1 到 40 个字母、数字、汉字、- 或 _，以字母、数字或汉字开头', '1 to 40 letters, digits, - or _, beginning with a letter or digit'),
    );
  },
  entryNameReserved(name: string): ProblemText {
    return text(
      both(`名称 ${shown(name)} 保留给内置的 REST 接口`, `the name ${shown(name)} belongs to the built-in REST source`),
      both('换一个名称', 'use another name'),
    );
  },
  institutionUnknown(code: string, known: readonly string[]): ProblemText {
    return text(
      both(`机构 ${shown(code)} 未在 institutions 中配置`, `institution ${shown(code)} is not configured`),
      both(`改为已配置的机构编号：${list(known, '（无）')}`, `use a configured code: ${list(known, '(none)')}`),
    );
  },
  institutionRepeated(code: string): ProblemText {
    return text(both(`机构编号 ${shown(code)} 重复`, `institution ${shown(code)} appears twice`), both('每个机构只保留一项', 'keep one entry per institution'));
  },
  institutionsEmpty(): ProblemText {
    return text(
      both('至少要配置一个机构', 'at least one institution is needed'),
      both('在 institutions 下加入 code（12 位）、name、region（6 位）', 'add code (12 characters), name and region (6 digits) under institutions'),
    );
  },
  storeUrl(): ProblemText {
    return text(
      both('store.url 既不是 file: 也不是 postgres://', 'store.url is neither file: nor postgres://'),
      both('写成 file:data/his-trace.db 或 postgres://用户:${密码变量}@主机:5432/库', 'write file:data/his-trace.db or postgres://user:${PASSWORD}@host:5432/db'),
    );
  },
  tlsPair(): ProblemText {
    return text(both('http.tls 的 cert 与 key 必须同时配置', 'http.tls needs both cert and key'), both('补上缺少的一项，或删除 tls', 'add the missing one or remove tls'));
  },
  tlsMaterial(key: string): ProblemText {
    return text(
      both(`http.tls.${key} 不是 PEM 格式`, `http.tls.${key} is not PEM`),
      both('使用以 -----BEGIN 开头的 PEM 文件', 'use a PEM file (-----BEGIN …)'),
    );
  },
  contradiction(zh: string): ProblemText {
    return text(both(zh, zh), both('改正其中一项', 'correct one of the two'));
  },
  productsOfInsurance(): ProblemText {
    return text(
      both('products 只用于持有人的追溯系统，医保平台接收全部产品', 'products is for trace systems of holders; the insurance platform is told of everything'),
      both('删除 products', 'remove products'),
    );
  },
  notYet(section: string): ProblemText {
    return text(
      both(`本版本的 ${section} 没有可设置的项`, `this version has no settings under ${section}`),
      both('删除其中的内容', 'remove what is in it'),
    );
  },
  yaml(zh: string, en: string, hint: Bilingual): ProblemText {
    return text(both(zh, en), hint);
  },
} as const;
