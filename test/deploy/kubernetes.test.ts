// The manifests for Kubernetes: they fit each other, the image, and the policies they carry, and those are good.

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseAllDocuments } from 'yaml';
import { loadConfiguration, type Configuration } from '../../gateway/config/load.ts';
import { curfew } from '../journeys/child.ts';
import { scenery } from '../support/gateway.ts';
import { needing } from '../support/needing.ts';
import { readImage, TOP } from './dockerfile.ts';

const FOLDER = join(TOP, 'deploy/kubernetes');

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

/** What is read of the objects here. */
interface Thing {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly stringData: Readonly<Record<string, string>>;
  readonly spec: {
    readonly minAvailable: number;
    readonly replicas: number;
    readonly selector: Readonly<Record<string, unknown>>;
    readonly podSelector: unknown;
    readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
    readonly ingress: readonly {
      readonly from: readonly unknown[];
      readonly ports: readonly { readonly port: string }[];
    }[];
    readonly template: { readonly metadata: { readonly labels: unknown }; readonly spec: Pod };
  };
}

interface Pod {
  readonly terminationGracePeriodSeconds: number;
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly volumes: readonly {
    readonly name: string;
    readonly configMap?: { readonly name: string };
    readonly secret?: { readonly secretName: string };
  }[];
}

interface Container {
  readonly image: string;
  readonly command?: unknown;
  readonly args?: unknown;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly {
    readonly name: string;
    readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
  readonly securityContext: unknown;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

const thingsIn = (text: string): Thing[] =>
  parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw new Error(String(document.errors));
    return document.toJS() as Thing;
  });

const things = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
  .flatMap((name) => thingsIn(readFileSync(join(FOLDER, name), 'utf8')));

function thing(kind: string, name = 'curfew'): Thing {
  const found = things.find((one) => one.kind === kind && one.metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

const { spec: pod, metadata } = thing('Deployment').spec.template;
const container = pod.containers[0] as Container;

/** The folders as a pod has them: files of a volume are links to links (`..data`). */
async function mounted(t: ExecutionContext): Promise<string> {
  const { folder } = await scenery(t);
  const root = mkdtempSync(join(tmpdir(), 'curfew-pod-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  cpSync(join(FOLDER, 'policies'), join(root, 'policies'), { recursive: true });
  mkdirSync(join(root, 'certs'));
  const keys = Object.keys(thing('Secret', 'curfew-certs').stringData);
  for (const name of keys) {
    const from = join(folder, name.replace('corp-idp', 'idp'));
    if (/^(sp|corp)/.test(name)) cpSync(from, join(root, 'certs', name));
    else writeFileSync(join(root, 'certs', name), 'x'.repeat(64));
  }
  for (const volume of ['policies', 'certs']) {
    const [at, kept] = [join(root, volume), join(root, volume, '..2026')];
    const names = readdirSync(at);
    mkdirSync(kept);
    for (const name of names) renameSync(join(at, name), join(kept, name));
    symlinkSync('..2026', join(at, '..data'));
    for (const name of names) symlinkSync(`..data/${name}`, join(at, name));
  }
  return join(root, 'policies');
}

async function configuration(t: ExecutionContext): Promise<Configuration> {
  const env = Object.fromEntries(container.env.map(({ name }) => [name, 'secret']));
  const judges = { idpMetadata: () => undefined, template: () => undefined, certificates: () => [] };
  const loaded = loadConfiguration(await mounted(t), env, judges);
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults));
  return loaded.configuration;
}

test.serial(
  'the policies of the ConfigMap are good with the files of the Secret and the variables of the pod, and with nothing else',
  async (t) => {
    const folder = await mounted(t);
    t.is((await configuration(t)).apps.length, 1);
    // Without the variable there is a fault, and no other.
    const { code, complaints } = await curfew(t, 'check', '--policies', folder);
    t.is(code, 2);
    t.regex(complaints, /^1 fault.*\n.*REDIS_PASSWORD/);
  },
);

test.serial('ports, probes and times of the pod are those of its policies', async (t) => {
  const { listen, shutdown, admin } = await configuration(t);
  const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]));
  t.deepEqual(ports, { http: listen.http.port, admin: listen.admin.port });
  // A probe comes from the node's address; whoever else comes needs the token.
  t.is(listen.admin.host, '0.0.0.0');
  t.truthy(admin.token);
  const { startupProbe, livenessProbe, readinessProbe } = container;
  t.deepEqual(
    [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet),
    [
      { path: '/healthz', port: 'admin' },
      { path: '/healthz', port: 'admin' },
      { path: '/readyz', port: 'admin' },
    ],
  );
  t.true(readinessProbe.periodSeconds * readinessProbe.failureThreshold * 1000 < shutdown.drainMs);
  t.true(pod.terminationGracePeriodSeconds * 1000 > shutdown.drainMs + shutdown.finishMs);
});

test('the pod is the image: its command, its user, its folders, and nothing that can be written to but /data', (t) => {
  const image = readImage();
  t.deepEqual([container.command, container.args], [undefined, undefined]);
  const [user, group] = image.user.split(':').map(Number);
  t.like(pod.securityContext, { runAsNonRoot: true, runAsUser: user, runAsGroup: group, fsGroup: group });
  t.deepEqual(pod.securityContext['seccompProfile'], { type: 'RuntimeDefault' });
  t.deepEqual(container.securityContext, {
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  });
  t.false(pod.automountServiceAccountToken);
  const writable = container.volumeMounts.filter(({ readOnly }) => readOnly !== true);
  t.deepEqual(writable, [{ name: 'data', mountPath: image.volume }]);
  t.deepEqual(container.volumeMounts.map(({ mountPath }) => mountPath).toSorted(), ['/certs', '/data', '/policies']);
});

test('services, budget and network policy mean these pods, and only their ports', (t) => {
  const { labels } = metadata;
  const ports = container.ports.map(({ name }) => name);
  for (const name of ['curfew', 'curfew-admin']) {
    const { selector, ports: served } = thing('Service', name).spec;
    t.deepEqual(selector, labels as Record<string, unknown>);
    for (const { targetPort } of served) t.true(ports.includes(targetPort));
  }
  t.deepEqual(
    thing('Service').spec.ports.map(({ targetPort }) => targetPort),
    ['http'],
  );
  t.deepEqual(thing('Deployment').spec.selector['matchLabels'], labels);
  const budget = thing('PodDisruptionBudget').spec;
  t.deepEqual(budget.selector['matchLabels'], labels);
  t.true(budget.minAvailable < thing('Deployment').spec.replicas);
  const policy = thing('NetworkPolicy').spec;
  t.deepEqual(policy.podSelector, { matchLabels: labels });
  t.deepEqual(
    policy.ingress.flatMap((rule) => rule.ports.map(({ port }) => port)),
    ports,
  );
  // An empty list would let everybody in.
  t.true(policy.ingress.every(({ from }) => from.length > 0));
});

test('every variable and volume that the pod takes from a Secret is in the example', (t) => {
  for (const { valueFrom } of container.env)
    t.true(valueFrom.secretKeyRef.key in thing('Secret', valueFrom.secretKeyRef.name).stringData);
  for (const { secret } of pod.volumes) if (secret !== undefined) t.truthy(thing('Secret', secret.secretName));
});

needing('kubectl')('kustomize puts them together, with the policies in a ConfigMap whose name follows them', (t) => {
  const made = thingsIn(execFileSync('kubectl', ['kustomize', FOLDER], { encoding: 'utf8' }));
  const map = made.find(({ kind }) => kind === 'ConfigMap') as (Thing & { data: Record<string, string> }) | undefined;
  t.deepEqual(Object.keys(map?.data ?? {}).toSorted(), readdirSync(join(FOLDER, 'policies')));
  const deployment = made.find(({ kind }) => kind === 'Deployment')?.spec.template.spec;
  t.is(deployment?.volumes.find(({ name }) => name === 'policies')?.configMap?.name, map?.metadata.name);
  t.regex(map?.metadata.name ?? '', /^curfew-policies-\w+$/);
  t.false(made.some(({ kind }) => kind === 'Secret'));
  t.is(made.length, things.filter(({ kind }) => kind !== 'Secret').length + 1);
});
