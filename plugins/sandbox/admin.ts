import { parseFaultScript } from './fault-script.ts';
import type { FaultControl } from './faults.ts';
import type { Platform, PlatformRequest } from './platform.ts';

export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The three addresses that are no part of a real platform: `GET /sandbox/book`, `POST /sandbox/faults` (a script, or an
 * empty list to end all faults; the rules are shared by both platforms), `POST /sandbox/reset` (forgets what this platform has).
 */
export function answerAdmin(request: PlatformRequest, platform: Platform, faults: FaultControl): AdminAnswer {
  switch (`${request.method} ${request.path}`) {
    case 'GET /sandbox/book':
      return { status: 200, body: { ...platform.bookDocument(), faults: { rules: faults.rules, applied: faults.applied } } };
    case 'POST /sandbox/faults':
      return setFaults(request, faults);
    case 'POST /sandbox/reset':
      platform.reset();
      return { status: 200, body: { platform: platform.name, reset: true } };
    default:
      return { status: 404, body: { message: 'GET /sandbox/book, POST /sandbox/faults, POST /sandbox/reset' } };
  }
}

function setFaults(request: PlatformRequest, faults: FaultControl): AdminAnswer {
  let document: unknown;
  try {
    document = JSON.parse(request.body.toString('utf8'));
  } catch {
    return { status: 400, body: { problems: ['the body is no JSON'] } };
  }
  const { script, problems } = parseFaultScript(document);
  if (problems.length > 0) return { status: 400, body: { problems } };
  faults.set(script);
  return { status: 200, body: { rules: faults.rules } };
}
