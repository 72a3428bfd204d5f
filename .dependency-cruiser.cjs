/**
 * Import directions and the home of every npm package (design: domain ← ports ← everything; only main.ts and the threads it starts compose).
 * test/tidy/import-rules.mjs runs these rules and proves that each of them bites. Read each
 * as "these files … must not reach … those files".
 */

/** Package → folders that may import it. A package that is not listed may be imported nowhere. */
const HOMES = {
  '@noble/curves': ['connectors/shared/china-crypto', 'plugins/sandbox/insurance'],
  '@photostructure/sqlite': ['adapter/store/sqlite'],
  '@xmldom/xmldom': ['connectors/shared'],
  'commander': ['adapter/cli'],
  'csv-parse': ['adapter/catalogue'],
  'express': ['adapter/http'],
  'fflate': ['adapter/catalogue'],
  'helmet': ['adapter/http'],
  'hl7-standard': ['connectors/his-hl7v2/compat'],
  'iconv-lite': ['connectors/his-hl7v2/codec', 'connectors/his-soap'],
  'jsonpath-plus': ['connectors/shared'],
  'mssql': ['connectors/his-mssql'],
  'node-cron': ['adapter/ops'],
  'oracledb': ['connectors/his-oracle'],
  'pg': ['adapter/store/postgres', 'connectors/his-postgres'],
  'prom-client': ['adapter/ops'],
  'soap': ['connectors/his-soap', 'connectors/nhsa-soap', 'connectors/mah-soap'],
  'undici': ['connectors/shared'],
  'winston': ['adapter/ops'],
  'winston-daily-rotate-file': ['adapter/ops'],
  'xml2js': ['connectors/his-soap', 'connectors/mah-alihealth'],
  'xpath': ['connectors/shared'],
  'yaml': ['adapter/config', 'connectors/shared', 'mappings/shared'],
  // the edges: HTTP bodies and events
  'zod': ['adapter/http', 'adapter/intake'],
};

const PRODUCT = '^(adapter|connectors|mappings|plugins)/';
const literal = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const packagePath = (name) => `(^|/)node_modules/${literal(name)}(/|$)`;
const npm = { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'] };

const direction = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  HOMES,
  forbidden: [
    direction('domain-imports-nothing', 'adapter/domain is pure: only itself and node:crypto', { path: '^adapter/domain/' }, { pathNot: '^(adapter/domain/|(node:)?crypto$)' }),
    direction('ports-only-domain', 'a port speaks of the domain only', { path: '^adapter/ports/' }, { pathNot: '^adapter/(ports|domain)/' }),
    direction('connectors-see-ports', 'a connector sees ports, domain, its own folder and connectors/shared', { path: '^connectors/([^/]+)/' }, { path: PRODUCT, pathNot: '^(adapter/(ports|domain)/|connectors/($1|shared)/)' }),
    direction('mappings-see-ports', 'a mapping sees ports, domain, its own folder, mappings/hl7 and mappings/shared (what all HL7 mappings, all row mappings share)', { path: '^mappings/([^/]+)/' }, { path: PRODUCT, pathNot: '^(adapter/(ports|domain)/|mappings/($1|hl7|shared)/)' }),
    direction('mappings-do-no-io', 'a mapping is pure: nothing of node, nothing of npm but the YAML parser, which is as pure', { path: '^mappings/' }, { dependencyTypes: ['core', ...npm.dependencyTypes], pathNot: packagePath('yaml') }),
    direction('plugins-see-ports', 'a plugin sees ports, domain and its own folder', { path: '^plugins/([^/]+)/' }, { path: PRODUCT, pathNot: '^(adapter/(ports|domain)/|plugins/$1/)' }),
    direction('registries-see-folders', 'a registry only names the folders beside it', { path: '^(connectors|mappings|plugins)/registry\\.ts$' }, { pathNot: '^(adapter/ports/|$1/[^/]+/index\\.ts$)' }),
    direction('only-main-composes', 'connectors, mappings and plugins reach the product through main.ts alone, and through the beginning of a source\'s thread, which functions cannot be sent to', { path: '^adapter/', pathNot: '^adapter/(main|source-thread/worker)\\.ts$' }, { path: '^(connectors|mappings|plugins)/' }),
    direction('nobody-imports-main', 'main.ts and the beginning of a thread are the ends of the tree', { path: PRODUCT }, { path: '^adapter/(main|source-thread/worker)\\.ts$' }),
    direction('product-without-tests', 'the product never imports tests', { path: PRODUCT }, { path: '^test/' }),
    direction('no-circles', 'no file is needed by what it needs', { path: PRODUCT }, { circular: true }),
    direction('everything-resolves', 'an import that leads nowhere', { path: PRODUCT }, { couldNotResolve: true }),
    direction('known-packages-only', 'every npm package has a home in HOMES', { path: PRODUCT }, { ...npm, pathNot: Object.keys(HOMES).map(packagePath) }),
    ...Object.entries(HOMES).map(([name, folders]) => direction(
      `home-of-${name}`, `${name} is imported in ${folders.join(', ')} only`,
      { path: PRODUCT, pathNot: folders.map((folder) => `^${literal(folder)}/`) }, { path: packagePath(name) },
    )),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|vendor)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'], extensions: ['.ts', '.mjs', '.cjs', '.js', '.d.ts', '.json'] },
  },
};
