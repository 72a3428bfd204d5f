import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** How long a browser may remember a permission, seconds. */
const REMEMBERED_S = 600;

/**
 * Lets pages of the named origins call us from a browser (CORS), and answers their preflights; every other origin gets no permission and
 * its browser keeps the answer from the page. Requests without Origin (anything that is no browser) are none of its business.
 * @param allowed exact origins, `http://his.example.cn:8080`; no wildcards
 */
export function allowOrigins(allowed: readonly string[]): RequestHandler {
  const known = new Set(allowed.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  return (request: Request, response: Response, next: NextFunction) => {
    const origin = request.get('origin');
    if (origin === undefined) { next(); return; }
    response.vary('Origin');
    if (!known.has(origin.toLowerCase())) { next(); return; }
    response.set('access-control-allow-origin', origin);
    // helmet keeps answers to ourselves otherwise
    response.set('cross-origin-resource-policy', 'cross-origin');
    response.set('access-control-expose-headers', 'x-request-id, retry-after');
    if (request.method !== 'OPTIONS' || request.get('access-control-request-method') === undefined) { next(); return; }
    response.set({
      'access-control-allow-methods': 'GET, POST', 'access-control-allow-headers': 'authorization, content-type, accept-language, x-request-id', 'access-control-max-age': String(REMEMBERED_S),
      // a page of the intranet that calls the workstation it is shown on
      ...(request.get('access-control-request-private-network') === 'true' ? { 'access-control-allow-private-network': 'true' } : {}),
    });
    response.status(204).end();
  };
}
