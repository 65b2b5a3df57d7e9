import type { FastifyInstance } from 'fastify';

/** What can be done with an address, by all routes that are made from now on; empty where there is nothing at it. */
export function allowedMethods(app: FastifyInstance): (path: string) => readonly string[] {
  const routes: { readonly method: string | readonly string[]; readonly form: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    if (url !== '*')
      routes.push({ method, form: new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`) });
  });
  return (path) => [...new Set(routes.filter(({ form }) => form.test(path)).flatMap(({ method }) => method))];
}
