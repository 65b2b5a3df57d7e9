import type { InferResponse, Tensor } from '../../../kserve/infer.ts';
import { Refusal } from '../../../kserve/status.ts';
import { submit, type Core } from '../answers/core.ts';
import { readInferJson, type Wanted } from './infer-json.ts';
import { elementsOf, jsonText } from './json-tensors.ts';
import { refusalAnswer, textAnswer, type HttpAnswer, type HttpRequest, type Route } from './listen.ts';

const lengthHeader = 'Inference-Header-Content-Length';

/** One inference over HTTP: JSON, or JSON and after it the bytes of tensors. */
export async function answerInfer(
  core: Core,
  request: HttpRequest,
  { model = '', version = '' }: Readonly<Record<string, string>>,
  gone: Parameters<Route>[1],
): Promise<HttpAnswer> {
  let plan;
  try {
    ({ plan } = core.repository.find(model, version));
  } catch (thrown) {
    // Found missing before the body is looked at, Triton has not yet said that it answers JSON.
    return refusalAnswer(thrown, 'text/plain');
  }
  const { infer, wanted } = readInferJson(plan, request, model, version);
  const response = await new Promise<InferResponse>((resolve, reject) => {
    const step = submit(core, infer, (result) => {
      if (result instanceof Refusal) reject(result);
      else resolve(result);
    });
    gone(() => {
      step.cancelled = true;
    });
  });
  return write(response, wanted);
}

function write({ id, model, version, outputs }: InferResponse, wanted: Wanted): HttpAnswer {
  const isBinary = ({ name }: Tensor): boolean => wanted.binary.get(name) ?? wanted.allBinary;
  const described = outputs.map((tensor) => {
    const { name, datatype, shape, bytes } = tensor;
    const head = `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}]`;
    return isBinary(tensor)
      ? `${head},"parameters":{"binary_data_size":${bytes.length}}}`
      : `${head},"data":${jsonText(elementsOf(datatype, bytes))}}`;
  });
  const idPart = id === '' ? '' : `"id":${JSON.stringify(id)},`;
  const text = `{${idPart}"model_name":${JSON.stringify(model)},"model_version":"${version}","outputs":[${described.join(',')}]}`;
  const binary = outputs.filter(isBinary);
  if (binary.length === 0) return textAnswer(200, text, 'application/json');
  const head = Buffer.from(text);
  return {
    status: 200,
    headers: { 'Content-Type': 'application/octet-stream', [lengthHeader]: head.length },
    body: [head, ...binary.map(({ bytes }) => bytes)],
  };
}
