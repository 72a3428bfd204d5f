import type { Language } from '../domain/error.ts';

const MAX_RANGES = 20;

/** @returns the language the caller prefers by Accept-Language; Chinese unless English is asked for first */
export function languageOf(header: string | undefined): Language {
  let best: Language = 'zh';
  let bestQuality = 0;
  for (const range of (header ?? '').split(',').slice(0, MAX_RANGES)) {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
    const language = /^en(?:-|$)/.test(tag) ? 'en' : /^zh(?:-|$)/.test(tag) ? 'zh' : undefined;
    const written = parameters.map((parameter) => /^\s*q=([\d.]{1,5})\s*$/.exec(parameter)?.[1]).find((value) => value !== undefined);
    const quality = written === undefined ? 1 : Number(written);
    if (language !== undefined && quality > bestQuality) {
      best = language;
      bestQuality = quality;
    }
  }
  return best;
}
