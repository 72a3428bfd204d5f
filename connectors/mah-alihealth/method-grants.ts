import type { Clock } from '../../adapter/ports/clock.ts';
import type { Counters } from '../../adapter/ports/counters.ts';
import { CONFIGURATION_RETRY_MS, isMethodMissing, isNotGranted } from './gateway-error.ts';
import { METHODS, NEEDED_METHODS, type Method } from './methods.ts';
import type { TopError, TopReply } from './top-reply.ts';

/** What is known about one method and one app key. */
export interface MethodGrant {
  readonly granted: boolean;
  /** since when it is so, ms since epoch */
  readonly since: number;
  /** when the gateway last said so */
  readonly at: number;
  readonly code: number;
}

/** what only helps is tried again this seldom */
const OPTIONAL_RETRY_MS = 3_600_000;
/** another process (`check --probe`) may have found out more: its note is looked at this often while we refuse from memory */
const REREAD_MS = 60_000;
const UPLOADS: ReadonlySet<Method> = new Set([METHODS.uploadInOut, METHODS.uploadUse]);

export interface GrantsDeps {
  readonly clock: Clock;
  readonly counters: Counters;
  /** the institution whose name the notes are kept under; the app key is what they are about */
  readonly institution: string;
  /** gateway host and app key */
  readonly account: string;
}

/**
 * Which methods the gateway grants to this application (code 11, for uploads 12, 13 and 42 too, 22 for a query it does not know; mah.md 2.5, 11: what
 * an app key may call is a commercial grant). A refused method is answered from memory, so that a queue of receipts that may not
 * go does not use up the calls of the dispensing that may: needed methods are tried again after a minute, the others after an
 * hour. Kept over restarts; a store that is away costs only the memory.
 */
export class MethodGrants {
  readonly #deps: GrantsDeps;
  readonly #known = new Map<Method, { grant: MethodGrant | undefined; readAt: number }>();

  constructor(deps: GrantsDeps) {
    this.#deps = deps;
  }

  /** @returns the gateway's refusal while it need not be asked again; undefined when the method may be called */
  async refusalOf(method: Method): Promise<TopError | undefined> {
    const grant = await this.of(method);
    if (grant === undefined || grant.granted) return undefined;
    const passed = this.#deps.clock.now() - grant.at;
    // a refusal that lies ahead was noted before the clock was set back
    if (passed < 0 || passed >= (NEEDED_METHODS.has(method) ? CONFIGURATION_RETRY_MS : OPTIONAL_RETRY_MS)) return undefined;
    return { kind: 'gateway-error', code: grant.code, msg: '应用未获授权调用该接口', subCode: '', subMsg: '', requestId: '' };
  }

  /** @returns what is known about the method, undefined when it was never called */
  async of(method: Method): Promise<MethodGrant | undefined> {
    const now = this.#deps.clock.now();
    const known = this.#known.get(method);
    const stale = known === undefined || (known.grant?.granted !== true && Math.abs(now - known.readAt) >= REREAD_MS);
    if (!stale) return known.grant;
    const grant = newer(known?.grant, await this.#read(method));
    this.#known.set(method, { grant, readAt: now });
    return grant;
  }

  /** Learns from a reply; one that says nothing about the grant changes nothing. */
  async note(method: Method, reply: TopReply | { readonly kind: 'not-sent' }): Promise<void> {
    const refused = reply.kind === 'gateway-error' && isRefusal(method, reply) ? reply : undefined;
    if (refused === undefined && reply.kind !== 'answer') return;
    const before = await this.of(method);
    const granted = refused === undefined;
    if (granted && before?.granted === true) return;
    const at = this.#deps.clock.now();
    const grant = { granted, since: before?.granted === granted ? before.since : at, at, code: refused?.code ?? 0 };
    this.#known.set(method, { grant, readAt: at });
    await this.#deps.counters.remember(this.#deps.institution, this.#key(method), JSON.stringify(grant)).catch(() => undefined);
  }

  async #read(method: Method): Promise<MethodGrant | undefined> {
    return readGrant(await this.#deps.counters.recall(this.#deps.institution, this.#key(method)).catch(() => undefined));
  }

  #key(method: Method): string {
    return `mah-grant:${this.#deps.account}:${method}`.slice(0, 200);
  }
}

/** An upload that the gateway does not know is refused like any malformed request; a query that is not granted or not known is done without. */
function isRefusal(method: Method, reply: TopError): boolean {
  return UPLOADS.has(method) ? isNotGranted(reply) : isMethodMissing(reply);
}

function newer(left: MethodGrant | undefined, right: MethodGrant | undefined): MethodGrant | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return right.at > left.at ? right : left;
}

function readGrant(text: string | undefined): MethodGrant | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const { granted, since, at, code } = JSON.parse(text) as Readonly<Record<keyof MethodGrant, unknown>>;
    if (typeof granted !== 'boolean' || typeof since !== 'number' || typeof at !== 'number' || typeof code !== 'number') return undefined;
    return { granted, since, at, code };
  } catch {
    return undefined;
  }
}
