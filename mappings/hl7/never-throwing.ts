import { refusal } from '../../adapter/domain/refusal.ts';
import type { CatalogueMapping, CatalogueReading } from '../../adapter/ports/catalogue-intake.ts';
import type { HisMapping, MappingContext } from '../../adapter/ports/his-mapping.ts';
import type { Hl7Message } from '../../adapter/ports/hl7-message.ts';

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

/** The reading of catalogue messages, wrapped in the same way. */
export function catalogueReader(read: (message: Hl7Message, context: MappingContext) => CatalogueReading | undefined): CatalogueMapping {
  return {
    catalogueFromHl7: (message, context) => {
      try {
        return read(message, context);
      } catch {
        return { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: '处理这条目录消息时出错' }) };
      }
    },
  };
}
