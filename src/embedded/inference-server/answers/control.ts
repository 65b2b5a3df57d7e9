import { Refusal } from '../../../kserve/status.ts';
import type { Core } from './core.ts';

type Fields = Readonly<Record<string, unknown>>;

function explicitOnly({ settings, phase }: Core): void {
  if (settings.control !== 'explicit') {
    throw new Refusal('UNAVAILABLE', 'explicit model load / unload is not allowed if polling is enabled');
  }
  if (phase === 'exiting') throw new Refusal('UNAVAILABLE', 'Server exiting');
}

/** Parameters are as gRPC has them (`string_param`, `bytes_param`), or plain, as HTTP has them (files in base64). */
export async function loadModel(core: Core, name: string, parameters: Fields): Promise<object> {
  explicitOnly(core);
  let config: string | undefined;
  const files = new Map<string, Buffer>();
  for (const [key, given] of Object.entries(parameters)) {
    if (key === 'config') {
      config = textOf(given);
      if (config === undefined)
        throw new Refusal('INVALID_ARGUMENT', `invalid value type for 'config' parameter, expected string_param.`);
    } else if (key.startsWith('file:')) {
      const content = bytesOf(given);
      if (content === undefined)
        throw new Refusal('INVALID_ARGUMENT', `invalid value type for '${key}' parameter, expected bytes_param.`);
      files.set(key.slice('file:'.length), content);
    } else {
      throw new Refusal('INVALID_ARGUMENT', `unrecognized parameter '${key}' for model load`);
    }
  }
  await core.repository.load(name, { config, files });
  return {};
}

export async function unloadModel(core: Core, name: string): Promise<object> {
  explicitOnly(core);
  await core.repository.unload(name);
  return {};
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

function textOf(given: unknown): string | undefined {
  const value = typeof given === 'string' ? given : fieldsOf(given)['string_param'];
  return typeof value === 'string' ? value : undefined;
}

function bytesOf(given: unknown): Buffer | undefined {
  if (typeof given === 'string') return Buffer.from(given, 'base64');
  const value = fieldsOf(given)['bytes_param'];
  // The request's own memory goes to other requests.
  return value instanceof Uint8Array ? Buffer.from(value) : undefined;
}
