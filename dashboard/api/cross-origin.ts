/**
 * Pages of other origins that may ask the interface with a token: none unless `dashboard.cors_origins` names them. Cookies are
 * never taken from them.
 */
import type { RequestHandler } from 'express';

const maxAgeSeconds = 600;

/** @param origins e.g. `https://notebook.example.org` */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const origin = request.get('origin');
    const isAllowed = origin !== undefined && origins.includes(origin);
    if (isAllowed) {
      response.set('Access-Control-Allow-Origin', origin);
      response.set('Access-Control-Expose-Headers', 'ETag, Link, RateLimit, RateLimit-Policy, Retry-After');
    }
    response.vary('Origin');
    if (!isAllowed || request.method !== 'OPTIONS') return next();
    response
      .set({
        'Access-Control-Allow-Methods': 'GET',
        'Access-Control-Allow-Headers': 'Authorization, If-None-Match',
        'Access-Control-Max-Age': String(maxAgeSeconds),
      })
      .status(204)
      .end();
  };
}
