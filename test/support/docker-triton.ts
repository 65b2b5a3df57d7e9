import { GenericContainer, Wait } from 'testcontainers';
import { tritonFiles } from './triton-models.ts';

/** The release that is also in PyPI's wheel, here with all backends: some 10 GB. */
const image = 'nvcr.io/nvidia/tritonserver:24.10-py3';

/** Triton in a container, for machines with a Docker engine where PyPI's does not run. */
export async function startTritonInDocker(): Promise<{ grpc: string; stop(): Promise<void> }> {
  const container = await new GenericContainer(image)
    .withExposedPorts(8000, 8001)
    .withCopyContentToContainer(tritonFiles().map(([path, content]) => ({ content, target: `/models/${path}` })))
    .withCommand(['tritonserver', '--model-repository=/models'])
    // Python models get and give their tensors through it.
    .withSharedMemorySize(2 ** 28)
    .withWaitStrategy(Wait.forHttp('/v2/health/ready', 8000))
    .withStartupTimeout(120_000)
    .start();
  return {
    grpc: `${container.getHost()}:${container.getMappedPort(8001)}`,
    stop: async () => {
      await container.stop();
    },
  };
}
