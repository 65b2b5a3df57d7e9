import { leaveGroup } from '../api/13-leave-group.ts';
import type { Cluster } from '../cluster.ts';
import { persist } from '../persist.ts';
import { meaningOf } from '../writer/answers.ts';

/**
 * Takes a member out of its group that can't leave by itself, because its process died. Without it its partitions lie idle
 * until its session ends. Safe also for one that lives: what it writes is guarded by its epoch, not by its membership.
 */
export async function leaveFor(cluster: Cluster, group: string, member: string, deadlineMs = 10_000): Promise<void> {
  const target = { coordinator: 'group', key: group } as const;
  const forget = () => {
    cluster.forgetCoordinator('group', group);
  };
  const attempt = async () => {
    const meaning = meaningOf('offsets', await cluster.send(target, leaveGroup, { group, member }));
    if (meaning === 'coordinator') forget();
    // Any other answer says that it is not, or no longer, in the group.
    return meaning === 'coordinator' || meaning === 'again' ? ('again' as const) : true;
  };
  await persist(`taking ${member} out of ${group}`, Date.now() + deadlineMs, attempt, forget);
}
