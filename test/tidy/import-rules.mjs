/**
 * Holds the import directions (.dependency-cruiser.cjs) over the whole product, then plants one violation of every rule
 * in a copy of the folders' shape and makes sure that it is found: a checker that sees nothing passes everything.
 * Prints one line; exit code 1 on a violation.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const FOLDERS = ['adapter', 'connectors', 'mappings', 'plugins'];
/** fewer modules than this and the cruiser did not see the product (it sees none at all with TypeScript 7) */
const LEAST_MODULES = 50;
const { HOMES, forbidden, options } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs'));

/** @returns what the rules find in a tree: modules of the product that were looked at, and violations */
async function check(root, folders) {
  const result = await cruise(folders, { ...options, baseDir: root, ruleSet: { forbidden }, validate: true }, { ...options.enhancedResolveOptions }, { tsConfig: extractTSConfig(join(ROOT, 'tsconfig.json')) });
  const { modules, summary } = result.output;
  return {
    looked: modules.filter((module) => FOLDERS.some((folder) => module.source.startsWith(`${folder}/`))).length,
    violations: summary.violations.map(({ from, to, rule }) => ({ rule: rule.name, from, to })),
  };
}

/** One violation per rule: file → its text. */
function planted() {
  const homeless = (name) => {
    // a folder that is not the package's home and may import packages at all
    const home = HOMES[name] ?? [];
    return home.some((folder) => folder.startsWith('adapter/checks')) ? 'adapter/delivery' : 'adapter/checks';
  };
  return {
    'domain-imports-nothing': { 'adapter/domain/planted.ts': `import '../ports/target.ts';` },
    'ports-only-domain': { 'adapter/ports/planted.ts': `import '../intake/target.ts';` },
    'connectors-see-ports': { 'connectors/one/planted.ts': `import '../two/target.ts';` },
    'mappings-see-ports': { 'mappings/one/planted.ts': `import '../../adapter/intake/target.ts';` },
    'mappings-do-no-io': { 'mappings/one/planted-io.ts': `import 'node:fs';` },
    'plugins-see-ports': { 'plugins/one/planted.ts': `import '../../connectors/two/target.ts';` },
    'registries-see-folders': { 'connectors/registry.ts': `import './two/target.ts';` },
    'only-main-composes': { 'adapter/cli/planted.ts': `import '../../connectors/registry.ts';` },
    'nobody-imports-main': { 'adapter/intake/planted-main.ts': `import '../main.ts';` },
    'product-without-tests': { 'adapter/intake/planted-test.ts': `import '../../test/target.ts';` },
    'no-circles': { 'adapter/delivery/planted-a.ts': `import type { B } from './planted-b.ts';\nexport type A = B;`, 'adapter/delivery/planted-b.ts': `import type { A } from './planted-a.ts';\nexport type B = A;` },
    'everything-resolves': { 'adapter/delivery/planted-nowhere.ts': `import './nowhere.ts';` },
    'known-packages-only': { 'adapter/delivery/planted-package.ts': `import 'chai';` },
    ...Object.fromEntries(Object.keys(HOMES).map((name) => [`home-of-${name}`, { [`${homeless(name)}/planted-${name.replaceAll(/[@/]/g, '')}.ts`]: `import '${name}';` }])),
  };
}

/** A small tree of the same shape in a temporary folder, with every violation in it. @returns rules that found theirs */
async function provenRules() {
  const root = mkdtempSync(join(tmpdir(), 'his-trace-rules-'));
  try {
    const write = (path, text) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `${text}\n`);
    };
    for (const path of ['adapter/domain/target.ts', 'adapter/ports/target.ts', 'adapter/intake/target.ts', 'adapter/main.ts', 'connectors/two/target.ts', 'plugins/one/target.ts', 'test/target.ts']) write(path, 'export const target = 1;');
    // what is allowed must stay silent
    write('connectors/one/allowed.ts', `import '../../adapter/ports/target.ts';\nimport '../../adapter/domain/target.ts';`);
    write('adapter/domain/allowed.ts', `import 'node:crypto';\nimport './target.ts';`);
    const files = planted();
    for (const texts of Object.values(files)) for (const [path, text] of Object.entries(texts)) write(path, text);
    cpSync(join(ROOT, 'tsconfig.json'), join(root, 'tsconfig.json'));
    writeFileSync(join(root, 'package.json'), readFileSync(join(ROOT, 'package.json')));
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction');

    const before = process.cwd();
    process.chdir(root);
    const { violations } = await check(root, FOLDERS).finally(() => { process.chdir(before); });
    const found = (rule) => violations.some((violation) => violation.rule === rule && Object.hasOwn(files[rule], violation.from));
    const wrong = violations.filter((violation) => violation.from.endsWith('/allowed.ts'));
    return { unproven: forbidden.map(({ name }) => name).filter((rule) => files[rule] === undefined || !found(rule)), wrong };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

process.chdir(ROOT);
const { looked, violations } = await check(ROOT, FOLDERS);
const { unproven, wrong } = await provenRules();
const faults = [
  ...violations.map(({ rule, from, to }) => `${rule}: ${from} → ${to}`),
  ...(looked > LEAST_MODULES ? [] : [`only ${looked} modules were looked at`]),
  ...unproven.map((rule) => `rule ${rule} does not find its planted violation`),
  ...wrong.map(({ rule, from, to }) => `rule ${rule} forbids what is allowed: ${from} → ${to}`),
];
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.stdout.write(`imports: ${looked} modules, ${forbidden.length} rules proven on planted violations, ${faults.length} faults\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
