import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest gives each test file globals of its own, and ONNX Runtime's binding makes its answers of Node's: to the file they would
 * be no Float32Array.
 */
export default class OnnxEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    Object.assign(this.global, { Float32Array, Float64Array, BigInt64Array });
  }
}
