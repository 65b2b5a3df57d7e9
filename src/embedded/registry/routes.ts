import type { Handler } from './call.ts';
import { testAgainstSubject, testAgainstVersion } from './compatibility.ts';
import { deleteSubject, deleteVersion } from './deletion.ts';
import { refuse } from './refusal.ts';
import { lookUp, register } from './register.ts';
import {
  getById,
  getTextById,
  listSchemas,
  listSubjects,
  listSubjectsOfId,
  listTypes,
  listVersionsOfId,
} from './schemas.ts';
import { deleteLevel, deleteMode, getLevel, getMode, putLevel, putMode } from './settings.ts';
import { getReferencedBy, getVersion, getVersionText, listVersions } from './versions.ts';

/** The version whose answers these are; consoles ask for it to see what a registry can do. */
const version = { version: '7.6.0', commitId: 'downlink-embedded' };
const cluster = {
  scope: { path: [], clusters: { 'kafka-cluster': 'downlink', 'schema-registry-cluster': 'schema-registry' } },
  id: '',
};

/** A segment that begins with a colon is a parameter. */
const routes: Readonly<Record<string, Handler>> = {
  'GET /': () => ({ json: {} }),
  'GET /subjects': listSubjects,
  'POST /subjects/:subject': lookUp,
  'DELETE /subjects/:subject': deleteSubject,
  'GET /subjects/:subject/versions': listVersions,
  'POST /subjects/:subject/versions': register,
  'GET /subjects/:subject/versions/:version': getVersion,
  'DELETE /subjects/:subject/versions/:version': deleteVersion,
  'GET /subjects/:subject/versions/:version/schema': getVersionText,
  'GET /subjects/:subject/versions/:version/referencedby': getReferencedBy,
  'GET /schemas': listSchemas,
  'GET /schemas/types': listTypes,
  'GET /schemas/ids/:id': getById,
  'GET /schemas/ids/:id/schema': getTextById,
  'GET /schemas/ids/:id/subjects': listSubjectsOfId,
  'GET /schemas/ids/:id/versions': listVersionsOfId,
  'GET /config': getLevel,
  'PUT /config': putLevel,
  'DELETE /config': deleteLevel,
  'GET /config/:subject': getLevel,
  'PUT /config/:subject': putLevel,
  'DELETE /config/:subject': deleteLevel,
  'GET /mode': getMode,
  'PUT /mode': putMode,
  'DELETE /mode': deleteMode,
  'GET /mode/:subject': getMode,
  'PUT /mode/:subject': putMode,
  'DELETE /mode/:subject': deleteMode,
  'POST /compatibility/subjects/:subject/versions': testAgainstSubject,
  'POST /compatibility/subjects/:subject/versions/:version': testAgainstVersion,
  'GET /contexts': () => ({ json: ['.'] }),
  'GET /v1/metadata/id': () => ({ json: cluster }),
  'GET /v1/metadata/version': () => ({ json: version }),
};

const table = Object.entries(routes).map(([route, handler]) => {
  const [method = '', path = ''] = route.split(' ');
  return { method, segments: segmentsOf(path), handler };
});

function segmentsOf(path: string): string[] {
  const segments = path.split('/').slice(1);
  return segments.at(-1) === '' ? segments.slice(0, -1) : segments;
}

export interface Found {
  readonly handler: Handler;
  readonly path: readonly string[];
}

/** `path`: as it came. It is decoded after it was split, because a subject may hold a slash. */
export function findRoute(method: string, path: string): Found {
  const segments = segmentsOf(path).map(decode);
  const candidates = table.filter((route) => matches(route.segments, segments));
  if (candidates.length === 0) throw refuse.notFound();
  const found = candidates.find((route) => route.method === method);
  if (found === undefined) throw refuse.methodNotAllowed();
  return { handler: found.handler, path: segments.filter((_, index) => found.segments[index]?.startsWith(':')) };
}

const matches = (route: readonly string[], segments: readonly string[]): boolean =>
  route.length === segments.length &&
  route.every((segment, index) => segment.startsWith(':') || segment === segments[index]);

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw refuse.badRequest(`The path cannot be decoded: ${segment}`);
  }
}
