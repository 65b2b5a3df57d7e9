import { messageNamed, type Enumeration, type Field, type Message } from '../../../kserve/message-types.ts';

export const modelConfig = messageNamed('ModelConfig');

export const isMessage = (type: Field['type']): type is Message => typeof type === 'object' && type.kind === 'message';
export const isEnumeration = (type: Field['type']): type is Enumeration =>
  typeof type === 'object' && type.kind === 'enumeration';

export const fieldOf = (message: Message, name: string): Field | undefined => message.fields.get(name);

export function nameOfNumber({ numbers }: Enumeration, value: number): string | undefined {
  for (const [name, number] of numbers) if (number === value) return name;
  return undefined;
}
