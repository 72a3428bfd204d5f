import type { Profile } from './profile.ts';
import type { FieldSpec, Spec, TransactionSpec } from './spec.ts';

/**
 * The field tables as the region has them: its lengths, its extra fields behind the national ones, its node names.
 * @param national tables of spec/transactions.json
 */
export function regionalSpec(national: Spec, profile: Pick<Profile, 'fields' | 'nodes'>): Spec {
  const known = new Map<string, TransactionSpec>();
  return {
    isCode: (list, value) => national.isCode(list, value),
    transaction(infno) {
      const found = known.get(infno) ?? withRegion(national.transaction(infno), profile);
      known.set(infno, found);
      return found;
    },
  };
}

function withRegion(transaction: TransactionSpec, { fields, nodes }: Pick<Profile, 'fields' | 'nodes'>): TransactionSpec {
  const base = transaction.infno.slice(0, 4);
  const own = fields.extra[base] ?? [];
  const table: readonly FieldSpec[] = [...transaction.fields.filter((field) => !own.some((extra) => extra.name === field.name)), ...own];
  return {
    ...transaction,
    node: nodes[transaction.infno] ?? transaction.node,
    fields: table.map((field) => {
      const length = fields.lengths[`${base}.${field.name}`] ?? fields.lengths[field.name];
      return length === undefined ? field : { ...field, length };
    }),
  };
}
