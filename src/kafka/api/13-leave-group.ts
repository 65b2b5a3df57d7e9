import type { Api } from './api.ts';

export interface LeaveGroupRequest {
  readonly group: string;
  readonly member: string;
}

/** Answers an error. */
export const leaveGroup: Api<LeaveGroupRequest, number> = {
  key: 13,
  name: 'LeaveGroup',
  versions: { min: 4, max: 4 },
  flexible: true,
  write(out, { group, member }) {
    out.compactString(group);
    out.compactArray([member], (one) => out.compactString(one).compactString(null).noTags());
    out.noTags();
  },
  read(answer) {
    answer.throttle();
    const error = answer.int16();
    const [member] = answer.compactArray(() => {
      answer.compactString(); // member
      answer.compactString(); // instance
      const code = answer.int16();
      answer.tags();
      return code;
    });
    return error === 0 ? (member ?? 0) : error;
  },
};
