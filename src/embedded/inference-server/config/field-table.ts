import { Enumeration, Message, readProto, type Field } from './proto-types.ts';
import { proto } from './proto.ts';

const found = readProto(proto).get('ModelConfig');
if (!(found instanceof Message)) throw new Error('the configuration of a model is not described');

export const modelConfig: Message = found;

export const isMessage = (type: Field['type']): type is Message => type instanceof Message;
export const isEnumeration = (type: Field['type']): type is Enumeration => type instanceof Enumeration;

export const fieldOf = (message: Message, name: string): Field | undefined => message.fields.get(name);

export function nameOfNumber({ numbers }: Enumeration, value: number): string | undefined {
  for (const [name, number] of numbers) if (number === value) return name;
  return undefined;
}
