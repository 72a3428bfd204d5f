import { refusal } from '../../adapter/domain/refusal.ts';
import type { HisMapping } from '../../adapter/ports/his-mapping.ts';

/** Wraps a mapping so that a fault in it is a refusal of the one record, never more. */
export function neverThrowing(mapping: HisMapping): HisMapping {
  if (mapping.fromHl7 === undefined) return mapping;
  const fromHl7 = mapping.fromHl7.bind(mapping);
  return {
    ...mapping,
    fromHl7: (message, context) => {
      try {
        return fromHl7(message, context);
      } catch {
        return { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: `映射 ${mapping.name} 处理这条消息时出错` }) };
      }
    },
  };
}
