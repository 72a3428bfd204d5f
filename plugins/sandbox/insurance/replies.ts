import { chinaCompact } from '../../../adapter/domain/china-time.ts';
import type { PlatformReply } from '../platform.ts';
import type { InsuranceSettings } from './settings.ts';

const CONTENT_TYPE = 'application/json;charset=UTF-8';

export interface ReplyFrame {
  readonly settings: InsuranceSettings;
  readonly region: string;
  readonly receivedAt: number;
  readonly sequence: number;
}

/** The outer message of every answer (insurance.md section 2, response table). */
export function reply(frame: ReplyFrame, content: { readonly infcode: number; readonly error?: string; readonly output: unknown }): PlatformReply {
  const { settings } = frame;
  const compact = chinaCompact(frame.receivedAt);
  const millis = `${compact}${String(frame.receivedAt % 1_000).padStart(3, '0')}`;
  const value = {
    infcode: settings.replyStyle.infcode === 'text' ? String(content.infcode) : content.infcode,
    inf_refmsgid: `${frame.region}${compact}${String(frame.sequence % 10_000_000_000).padStart(10, '0')}`,
    refmsg_time: millis,
    respond_time: millis,
    // the field holds 200 characters
    err_msg: (content.error ?? '').slice(0, 200),
    warn_msg: '',
    signtype: '',
    cainfo: '',
    enc_type: '',
    output: settings.replyStyle.output === 'text' && content.output !== null ? JSON.stringify(content.output) : content.output,
  };
  return { status: 200, contentType: CONTENT_TYPE, value, render: (shown) => JSON.stringify(shown) };
}

/** What the gateway says when nothing behind it was reached. */
export function transportReply(status: number, text: string): PlatformReply {
  return { status, contentType: 'text/html', value: text, render: (shown) => `<html><body><h1>${String(status)} ${String(shown)}</h1></body></html>` };
}
