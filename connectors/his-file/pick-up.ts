import { isHeld, listFiles, moveInto } from './folders.ts';
import type { FileSystem, Folders, FoundFile } from './folders.ts';
import type { FileSettings } from './settings.ts';

export interface PickUpDeps {
  readonly fs: FileSystem;
  readonly folders: Folders;
  readonly settings: FileSettings;
  readonly now: () => number;
  /** a file that is complete and cannot be moved because somebody holds it */
  readonly onHeld: (name: string, error: unknown) => void;
}

/** Finds the files that are complete and moves them, one at a time, to where nobody writes any more. */
export class PickUp {
  readonly #deps: PickUpDeps;
  /** size and time at the last look, by path */
  #seen = new Map<string, string>();

  constructor(deps: PickUpDeps) {
    this.#deps = deps;
  }

  /** One look into the folder. @returns complete files, oldest first. @throws what the file system says of the folder */
  async look(): Promise<readonly FoundFile[]> {
    const { fs, folders, settings } = this.#deps;
    const suffix = settings.markerSuffix.toLowerCase();
    const found = await listFiles(fs, folders.inbox, settings.ignore);
    const markers = new Set(found.map(({ name }) => name.toLowerCase()).filter((name) => name.endsWith(suffix)));
    const files = found.filter(({ name }) => !name.toLowerCase().endsWith(suffix));
    if (settings.completeWhen === 'marker') return files.filter(({ name }) => markers.has(`${name.toLowerCase()}${suffix}`));
    const before = this.#seen;
    this.#seen = new Map(files.map((file) => [file.path.toString('latin1'), `${String(file.bytes)} ${String(file.changedAt)}`]));
    // nothing in it: it has just been made, and its writer comes
    return files.filter((file) => file.bytes > 0 && before.get(file.path.toString('latin1')) === this.#seen.get(file.path.toString('latin1')));
  }

  /** @returns the path in the working folder; undefined when somebody holds the file or was quicker */
  async take(file: FoundFile): Promise<string | undefined> {
    const { fs, folders, settings, now } = this.#deps;
    try {
      const stat = await fs.stat(file.path);
      if (stat.size !== file.bytes || stat.mtimeMs !== file.changedAt) return undefined;
      const path = await moveInto(fs, file.path, { folder: folders.working, name: file.name, mark: String(now()) });
      if (settings.completeWhen === 'marker') await this.#removeMarker(file);
      return path;
    } catch (error) {
      if (!isHeld(error)) throw error;
      this.#deps.onHeld(file.name, error);
      return undefined;
    }
  }

  async #removeMarker(file: FoundFile): Promise<void> {
    const { fs, folders, settings } = this.#deps;
    const name = `${file.name}${settings.markerSuffix}`.toLowerCase();
    const marker = (await listFiles(fs, folders.inbox, settings.ignore)).find((one) => one.name.toLowerCase() === name);
    if (marker !== undefined) await fs.unlink(marker.path).catch(() => undefined);
  }
}
