import type { Call } from '../../../kserve/service.ts';
import { Refusal } from '../../../kserve/status.ts';
import { isReady, type Core } from './core.ts';
import { metadataOf } from './metadata.ts';
import { statisticsOf } from './model-statistics.ts';
import { loadModel, unloadModel } from './control.ts';

export const serverName = 'triton';
/** The release whose answers this server gives. */
export const serverVersion = '2.51.0';
export const extensions: readonly string[] = [
  'classification',
  'sequence',
  'model_repository',
  'model_repository(unload_dependents)',
  'schedule_policy',
  'model_configuration',
  'system_shared_memory',
  'cuda_shared_memory',
  'binary_tensor_data',
  'parameters',
  'statistics',
  'trace',
  'logging',
];

type Fields = Readonly<Record<string, unknown>>;
const text = (request: Fields, name: string): string => {
  const value = request[name];
  return typeof value === 'string' ? value : '';
};

type Handler = (core: Core, request: Fields) => object | Promise<object>;

const exiting = ({ phase }: Core): void => {
  if (phase === 'exiting') throw new Refusal('UNAVAILABLE', 'Server exiting');
};

const handlers: Readonly<Record<Call, Handler>> = {
  ServerLive: (core) => {
    exiting(core);
    return { live: true };
  },
  ServerReady: (core) => {
    exiting(core);
    return { ready: isReady(core) };
  },
  ServerMetadata: () => ({ name: serverName, version: serverVersion, extensions }),
  ModelReady: (core, request) => {
    if (core.phase === 'exiting') throw new Refusal('UNAVAILABLE', 'Server not ready');
    return { ready: core.repository.isReady(text(request, 'name'), text(request, 'version')) };
  },
  ModelMetadata: ({ repository }, request) => metadataOf(repository, text(request, 'name'), text(request, 'version')),
  ModelConfig: ({ repository }, request) => ({
    config: repository.find(text(request, 'name'), text(request, 'version')).config,
  }),
  ModelStatistics: ({ repository }, request) => ({
    model_stats: statisticsOf(repository, text(request, 'name'), text(request, 'version')),
  }),
  RepositoryIndex: async ({ repository }, request) => ({ models: await repository.index(request['ready'] === true) }),
  RepositoryModelLoad: (core, request) =>
    loadModel(core, text(request, 'model_name'), (request['parameters'] ?? {}) as Fields),
  RepositoryModelUnload: (core, request) => unloadModel(core, text(request, 'model_name')),
};

/** The calls beside inference; their answers are the protocol's messages. */
export const answerCall = async (core: Core, name: Call, request: object): Promise<object> =>
  handlers[name](core, request as Fields);
