import { describe, expect, test } from '@jest/globals';
import { ofKind, pinned, type Manifest } from './documents.ts';
import { kustomized, withKubectl } from './kustomized.ts';
import { stageNames } from './smap.ts';

type Labels = Readonly<Record<string, string>>;
interface Deployment extends Manifest {
  readonly spec: { readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec } };
}
interface PodSpec {
  readonly containers: readonly {
    readonly image: string;
    readonly env: readonly EnvOf[];
    readonly envFrom: readonly From[];
  }[];
}
interface EnvOf {
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string } };
}
interface From {
  readonly configMapRef?: { readonly name: string };
}
interface Service extends Manifest {
  readonly spec: { readonly selector: Labels };
}
interface Budget extends Manifest {
  readonly spec: { readonly selector: { readonly matchLabels: Labels } };
}
interface Scaler extends Manifest {
  readonly spec: { readonly scaleTargetRef: { readonly name: string } };
}

const matches = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);
const namesOf = (all: readonly Manifest[]) => all.map(({ metadata }) => metadata.name);

withKubectl('kustomize', () => {
  describe.each(['local', 'production', 'gpu'])('the overlay %s', (overlay) => {
    const { all, complaints } = kustomized(`deploy/kubernetes/overlays/${overlay}`);
    const deployments = ofKind('Deployment', all) as readonly Deployment[];
    const services = ofKind('Service', all) as readonly Service[];
    const budgets = ofKind('PodDisruptionBudget', all) as readonly Budget[];
    const stages = stageNames.map((name) => `downlink-${name}`);

    test('is made without a word of complaint', () => {
      expect(complaints).toBe('');
      expect(all.length).toBeGreaterThan(0);
    });

    test('has a Deployment, a Service and a budget for each stage, which find its pods and no others', () => {
      expect(namesOf(deployments)).toEqual(expect.arrayContaining(stages));
      const selectors = [
        ...services.map(({ metadata, spec }) => [metadata.name, spec.selector] as const),
        ...budgets.map(({ metadata, spec }) => [metadata.name, spec.selector.matchLabels] as const),
      ];
      for (const name of stages) {
        const own = selectors.filter(([of]) => of === name);
        expect(own).toHaveLength(2);
        for (const [, selector] of own) {
          const found = deployments.filter(({ spec }) => matches(selector, spec.template.metadata.labels));
          expect(namesOf(found)).toEqual([name]);
        }
      }
    });

    test('names secrets and addresses that are there, and images of one version', () => {
      const users = namesOf(ofKind('KafkaUser', all));
      const maps = namesOf(ofKind('ConfigMap', all));
      for (const { metadata, spec } of deployments) {
        for (const { image, env, envFrom } of spec.template.spec.containers) {
          expect(image).toMatch(pinned);
          const secrets = env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []);
          expect(secrets).toEqual([metadata.name]);
          expect(users).toEqual(expect.arrayContaining(secrets));
          expect(maps).toEqual(expect.arrayContaining(envFrom.flatMap(({ configMapRef }) => configMapRef?.name ?? [])));
        }
      }
    });

    test('scales each stage by its lag, by its CPU, or not at all: never in two ways', () => {
      const [onLag, onCpu] = ['ScaledObject', 'HorizontalPodAutoscaler'].map((kind) =>
        (ofKind(kind, all) as readonly Scaler[]).map(({ spec }) => spec.scaleTargetRef.name).sort(),
      );
      const each = [...stages].sort();
      expect([onLag, onCpu]).toEqual(overlay === 'local' ? [[], []] : [each, []]);
    });
  });
});
