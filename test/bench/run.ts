import { benchBudget } from './budget.ts';
import { benchDrain } from './drain.ts';
import { benchIngest } from './ingest.ts';
import { benchRowPull } from './row-pull.ts';
import { benchScan } from './scan.ts';

/**
 * Measures, never asserts.
 * `npm run bench -- ingest [connections]`: durable intake.
 * `npm run bench -- drain [words of a case]`: a backlog into a platform of 50 ms.
 * `npm run bench -- budget`: a window and a batch on one app key, 3 calls a second.
 * `npm run bench -- row-pull [settings of the source]`: 100,000 rows of a HIS on PostgreSQL, stored alone, then with two platforms that are down.
 * `npm run bench -- scan`: one million codes of history, 1,000 planted abuses, scans at 200 a second.
 */
const [name = 'ingest', argument] = process.argv.slice(2);
switch (name) {
  case 'ingest':
    for (const count of argument === undefined ? [16, 4] : [Number(argument)]) await benchIngest({ connections: count });
    break;
  case 'drain': await benchDrain(argument); break;
  case 'budget': await benchBudget(); break;
  case 'row-pull':
    for (const destinations of [false, true]) await benchRowPull({ rows: 100_000, rowsPerEvent: 4, destinations, ...(argument === undefined ? {} : { settings: argument }) });
    break;
  case 'scan': await benchScan(); break;
  default:
    process.stderr.write(`unknown bench ${name}; known: ingest, drain, budget, row-pull, scan\n`);
    process.exitCode = 2;
}
