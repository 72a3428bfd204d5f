import { benchBudget } from './budget.ts';
import { benchDrain } from './drain.ts';
import { benchIngest } from './ingest.ts';

/**
 * Measures, never asserts.
 * `npm run bench -- ingest [connections]`: durable intake.
 * `npm run bench -- drain [words of a case]`: a backlog into a platform of 50 ms.
 * `npm run bench -- budget`: a window and a batch on one app key, 3 calls a second.
 */
const [name = 'ingest', argument] = process.argv.slice(2);
switch (name) {
  case 'ingest':
    for (const count of argument === undefined ? [16, 4] : [Number(argument)]) await benchIngest({ connections: count });
    break;
  case 'drain': await benchDrain(argument); break;
  case 'budget': await benchBudget(); break;
  default:
    process.stderr.write(`unknown bench ${name}; known: ingest, drain, budget\n`);
    process.exitCode = 2;
}
