import { existsSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import { packageRoot } from './package-root.ts';

const shippedFolders = ['topologies', 'model_repository'];

/** What is to be read: where the path says or, where there is nothing, what the package has under that name. */
export function hereOrShipped(path: string): string {
  const [folder = ''] = normalize(path).split(sep);
  return existsSync(path) || !shippedFolders.includes(folder) ? path : join(packageRoot, path);
}
