/**
 * Reads the articles of a notice out of its text: `一`, `二(三)2`, `四(二)`, `附件`, and what stands before the first of them (`序言`).
 * Only leaves: an article that holds numbered ones is not named itself.
 */
export function articlesOf(notice: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let [top, sub] = ['序言', ''];
  let name = top;
  for (const line of notice.replace(/^\uFEFF/, '').split(/\r?\n/).map((text) => text.trim())) {
    const heads = /^(?:([一二三四五六七八九]|\d)、|[（(]([一二三四五六七八九])[)）]|(\d)\.|(附件)$)/.exec(line);
    if (heads?.[1] !== undefined) [top, sub, name] = [toChinese(heads[1]), '', toChinese(heads[1])];
    else if (heads?.[2] !== undefined) { sub = `(${heads[2]})`; name = `${top}${sub}`; }
    else if (heads?.[3] !== undefined) name = `${top}${sub}${heads[3]}`;
    else if (heads?.[4] !== undefined) [top, sub, name] = ['附件', '', '附件'];
    texts.set(name, `${texts.get(name) ?? ''}${line}`);
  }
  const names = [...texts.keys()];
  return new Map([...texts].filter(([one]) => !names.some((other) => other !== one && other.startsWith(one) && /^[(\d]/.test(other.slice(one.length)))));
}

function toChinese(head: string): string {
  return /\d/.test(head) ? '一二三四五六七八九'.charAt(Number(head) - 1) : head;
}

/** Blanks and line breaks of a printed page say nothing. */
export function tight(text: string): string {
  return text.replace(/\s+/g, '');
}
