export type EventsJson =
  | { readonly kind: 'events'; readonly events: readonly unknown[] }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Reads event JSON: one object, an array, `{"events": […]}`, or any of these written once more as a JSON string. Whether a member is an
 * event is not looked at here. Never throws.
 */
export function readEventJson(text: string): EventsJson {
  const value = parse(text);
  const inner = typeof value === 'string' ? parse(value) : value;
  if (inner === undefined) return { kind: 'refused', why: '消息内容不是完整的 JSON' };
  if (Array.isArray(inner)) return { kind: 'events', events: inner };
  if (typeof inner !== 'object' || inner === null) return { kind: 'refused', why: '消息内容须为事件对象或事件数组' };
  const { events } = inner as { readonly events?: unknown };
  return { kind: 'events', events: Array.isArray(events) ? events : [inner] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
