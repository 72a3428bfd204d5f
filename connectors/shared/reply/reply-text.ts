export type ReplyText = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'unreadable'; readonly why: string };

const CONTENT_TYPE = /charset\s*=\s*["']?([\w.:-]{1,40})/i;
const DECLARATION = /^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/i;
const GB = /^(gbk|gb2312|gb18030|cp936|ms936|x-gbk|euc-cn)$/i;

/**
 * Decodes a reply before any of it is looked at. Order: what the profile says, byte order mark, Content-Type, XML declaration,
 * UTF-8. Bytes that do not fit are never replaced: a reply that is not what it says it is tells nothing for certain.
 */
export function replyText(body: Uint8Array, contentType: string, forced?: string): ReplyText {
  if (body.length === 0) return { kind: 'unreadable', why: '平台返回了空的内容' };
  const head = Buffer.from(body.subarray(0, 300)).toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
  const stated = forced ?? markOf(body) ?? CONTENT_TYPE.exec(contentType)?.[1] ?? DECLARATION.exec(head)?.[1] ?? 'utf-8';
  const label = GB.test(stated) ? 'gb18030' : stated.toLowerCase();
  let text: string;
  try {
    text = new TextDecoder(label, { fatal: true }).decode(body);
  } catch {
    return { kind: 'unreadable', why: `平台返回的内容与所声明的字符集 ${stated.slice(0, 20)} 不符` };
  }
  if (/^\s*(<!doctype\s+html|<html[\s>])/i.test(text.slice(0, 300))) return { kind: 'unreadable', why: '平台返回的是网页，不是接口应答' };
  return text.trim() === '' ? { kind: 'unreadable', why: '平台返回了空的内容' } : { kind: 'text', text };
}

function markOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}
