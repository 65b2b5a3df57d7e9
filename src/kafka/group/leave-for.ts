import { setTimeout as delay } from 'node:timers/promises';
import { describeGroup } from '../api/15-describe-groups.ts';
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

/**
 * The same for all members of a process, by the client id that it alone had. One that died while it joined has told
 * nobody its member id, and the others would wait for it; its request may still be under way, so it is looked for twice.
 */
export async function leaveForClient(cluster: Cluster, group: string, clientId: string): Promise<void> {
  const target = { coordinator: 'group', key: group } as const;
  const forget = () => {
    cluster.forgetCoordinator('group', group);
  };
  for (const pause of [0, 300]) {
    await delay(pause);
    const found = await persist(
      `the members of ${group}`,
      Date.now() + 10_000,
      async () => {
        const answer = await cluster.send(target, describeGroup, group);
        const meaning = meaningOf('offsets', answer?.error ?? 0);
        if (meaning === 'coordinator') forget();
        return meaning === 'coordinator' || meaning === 'again' ? ('again' as const) : (answer?.members ?? []);
      },
      forget,
    );
    const dead = found.filter((member) => member.clientId === clientId);
    await Promise.all(dead.map(({ member }) => leaveFor(cluster, group, member)));
  }
}
