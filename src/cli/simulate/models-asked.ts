import { didYouMean } from '../../config/closest.ts';
import type { Model } from '../jobs/answers.ts';
import { isAnswer, type Client } from '../jobs/client.ts';
import { problemText } from '../jobs/problem-text.ts';

/** The models that jobs are for: one, or all that the API has; or why there are none. */
export async function modelsAsked(client: Client, wanted: string): Promise<readonly Model[] | string> {
  const answer = await client.ask('GET', '/api/v1/models');
  if (!isAnswer(answer, [200], 'models')) return problemText(answer, client);
  const { models } = answer.body as { readonly models: readonly Model[] };
  if (models.length === 0) return `downlink: ${client.url} has no models\n`;
  const chosen = wanted === 'all' ? models : models.filter(({ name }) => name === wanted);
  if (chosen.length > 0) return chosen;
  const meant = didYouMean(wanted, ['all', ...models.map(({ name }) => name)]);
  return `--model ${wanted}: ${client.url} has no such model; ${meant}\n`;
}
