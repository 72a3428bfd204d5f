import type { Drug } from '../../adapter/domain/drug.ts';
import { PHARMACISTS } from './people.ts';
import { packLine, restEvent, type Scene } from './scene.ts';

/**
 * Sees to it that the opened packs at a place hold enough units, opening a pack by `split-open` where they do not.
 * @returns false when no pack is left to open
 */
export function ensureOpened(scene: Scene, drug: Drug, place: string, units: number): boolean {
  while (scene.stock.unitsOpened(drug.drug, place) < units) {
    if (!openPack(scene, drug, place)) return false;
  }
  return true;
}

/** Opens one pack for splitting: one line, quantity 1 in the pack unit, the pack's code (contract section 4). */
export function openPack(scene: Scene, drug: Drug, place: string): boolean {
  const packs = scene.stock.take(drug.drug, 1);
  if (packs === undefined) return false;
  const id = scene.book.nextId('CL');
  const line = { ...packLine(drug, packs, 1), split: true };
  scene.book.rest(restEvent(scene, { id, kind: 'split-open', documentNo: id, location: place, operator: scene.random.pick(PHARMACISTS), lines: [line] }), '开启拆零包装');
  scene.stock.addOpened(drug.drug, place, drug.unitsPerPack ?? 1);
  return true;
}
