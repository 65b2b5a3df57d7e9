import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { faultOf } from '../config/check-config.ts';
import { modelConfig } from '../config/field-table.ts';
import { unhonoured } from '../config/honoured.ts';
import { readJsonFormat } from '../config/json-format.ts';
import type { ModelConfig } from '../config/model-config.ts';
import { readTextFormat, type Fields } from '../config/text-format.ts';
import { configText, foldersIn, served, stampOf, versionsAmong, versionsIn } from './scan.ts';

/** What a client sends with a load, in place of what the folder holds. */
export interface Overrides {
  readonly config: string | undefined;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** A model as it is in the repository at a moment. */
export interface Polled {
  readonly config: ModelConfig;
  /** Changes when the configuration does. */
  readonly configStamp: string;
  readonly versions: ReadonlyMap<number, string>;
  readonly files: ReadonlyMap<string, Buffer> | undefined;
  /** Fields that this server will not do: the model can't be loaded. */
  readonly refused: readonly string[];
  readonly unheeded: readonly string[];
}

const digest = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** Throws an Error that says what is wrong. */
export async function poll(repository: string, name: string, { config: given, files }: Overrides): Promise<Polled> {
  const folder = join(repository, name);
  const there = await foldersIn(repository);
  if (!there.includes(name) && (given === undefined || files.size === 0))
    throw new Error(`there is no folder ${folder}`);
  if (files.size > 0 && given === undefined)
    throw new Error('files are overridden, and no configuration comes with them');
  const text = given ?? (await configText(folder));
  if (text === undefined) throw new Error(`there is no ${join(folder, 'config.pbtxt')}`);
  const fields = given === undefined ? readText(text, folder) : readJsonFormat(text, modelConfig);
  const config = fields as ModelConfig;
  const fault = faultOf(config, name);
  if (fault !== undefined) throw new Error(fault);
  const initialStates = await stampOf(join(folder, 'initial_state'));
  return {
    config,
    configStamp: digest(`${text}\n${initialStates}`),
    files: files.size > 0 ? files : undefined,
    versions: files.size > 0 ? stampsOfFiles(config, files) : await stampsInFolder(config, folder),
    ...unhonoured(fields),
  };
}

function readText(text: string, folder: string): Fields {
  try {
    return readTextFormat(text, modelConfig);
  } catch (thrown) {
    throw new Error(`${join(folder, 'config.pbtxt')}:${thrown instanceof Error ? thrown.message : String(thrown)}`, {
      cause: thrown,
    });
  }
}

function stampsOfFiles(config: ModelConfig, files: ReadonlyMap<string, Buffer>): ReadonlyMap<number, string> {
  const versions = versionsAmong([...files.keys()].map((path) => path.split('/')[0] ?? ''));
  return new Map(
    served(config, versions).map((version) => {
      const own = [...files].filter(([path]) => path.startsWith(`${version}/`));
      return [version, own.map(([path, content]) => `${path}:${digest(content)}`).join('\n')];
    }),
  );
}

async function stampsInFolder(config: ModelConfig, folder: string): Promise<ReadonlyMap<number, string>> {
  const versions = served(config, await versionsIn(folder));
  return new Map(
    await Promise.all(
      versions.map(async (version) => [version, await stampOf(join(folder, String(version)))] as const),
    ),
  );
}
